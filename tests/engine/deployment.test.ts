import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { holdings } from "../support/emulatorHoldings";
import { unlessEngine } from "../support/engine";
import { repository } from "../support/sandbox";
import { evaluateStack } from "../support/stack";

// The life of a stack on a real engine with real state: up, up again, secrets, protection, removal. AWS is the emulator: that AWS takes
// the same is not proved.

/** The settings that the checkout has for an environment. */
const own = (stack: string): Settings =>
    (parse(readFileSync(path.join(repository, `Pulumi.${stack}.yaml`), "utf8")) as { config: Settings }).config;

for (const stack of ["dev", "prod"]) {
    describe(`a stack with the settings of ${stack}${unlessEngine}`, function () {
        this.timeout(300_000);
        let scene: EngineScene;
        let project: StackProject;
        let output: string;

        withEngineScene(async (given) => {
            scene = given;
            project = await scene.project({ [stack]: own(stack) });
        });

        const changes = () => scene.provider.deeds.filter(({ operation }) => operation !== "read");
        const state = () =>
            readFileSync(path.join(project.project.folder, ".pulumi/stacks/mlflow-aws", `${stack}.json`), "utf8");

        it("comes up at the first try, with every resource that the plan shows and no other", async () => {
            const up = await project.up(stack);
            assert.strictEqual(up.status, 0, up.output);
            ({ output } = up);
            const { resources } = await evaluateStack(own(stack), { name: stack });
            const planned = resources.filter(({ type }) => /^(aws|random):/.test(type));
            assert.deepStrictEqual(
                changes()
                    .map(({ operation, type, name }) => `${operation} ${type} ${name}`)
                    .sort(),
                planned.map(({ type, name }) => `create ${type} ${name}`).sort(),
            );
        });

        it("has the outputs that the plan shows, and the same of them secret", async () => {
            const { outputs } = await evaluateStack(own(stack), { name: stack });
            const { checkpoint } = JSON.parse(state()) as {
                checkpoint: { latest: { resources: { type: string; outputs: Record<string, unknown> }[] } };
            };
            const found = checkpoint.latest.resources.find(({ type }) => type === "pulumi:pulumi:Stack")!.outputs;
            const secret = Object.entries(found).filter(([, value]) => isCiphertext(value));
            assert.deepStrictEqual(Object.keys(found).sort(), Object.keys(outputs).sort());
            assert.deepStrictEqual(
                secret.map(([name]) => name).sort(),
                Object.keys(outputs)
                    .filter((name) => outputs[name].secret)
                    .sort(),
            );
        });

        it("keeps its secrets out of the state file and of what is printed", async () => {
            const shown = await project.pulumi("stack", stack, "output", "clientSecretAccessKey", "--show-secrets");
            const secret = shown.output.trim();
            assert.match(secret, /^[\w/+]{40}$/);
            assert.ok(!state().includes(secret), "the state file holds the secret");
            assert.ok(!output.includes(secret), "the log holds the secret");
            assert.match(output, /clientSecretAccessKey\s*: \[secret\]/);
        });

        it("changes nothing when it is brought up again", async () => {
            const before = changes().length;
            const up = await project.up(stack);
            assert.strictEqual(up.status, 0, up.output);
            assert.match(up.output, /Resources:\n\s+\d+ unchanged\n/);
            assert.strictEqual(changes().length, before);
        });

        it("is found as it was left", async () => {
            const { status, output: said } = await project.pulumi("refresh", stack, "--yes", "--expect-no-changes");
            assert.strictEqual(status, 0, said);
        });

        if (stack === "prod") {
            it("keeps bucket, volume and database when somebody destroys it", async () => {
                const { buckets, volumes, databases } = await holdings(scene.provider.clients);
                assert.strictEqual(databases.length, 1);
                const { status, output: said } = await project.destroy(stack);
                assert.notStrictEqual(status, 0);
                assert.match(said, /mlflow-prod-artifacts-bucket.* cannot be deleted/);
                const left = await holdings(scene.provider.clients);
                assert.deepStrictEqual([left.buckets, left.volumes, left.databases], [buckets, volumes, databases]);
            });

            it("comes back around them", async () => {
                const { buckets, volumes, databases } = await holdings(scene.provider.clients);
                const up = await project.up(stack);
                assert.strictEqual(up.status, 0, up.output);
                const now = await holdings(scene.provider.clients);
                assert.deepStrictEqual([now.buckets, now.volumes, now.databases], [buckets, volumes, databases]);
            });

            it("is destroyed once its protection is taken away", async () => {
                project.set(stack, { ...own(stack), "mlflow-aws:protect": false });
                assert.strictEqual((await project.up(stack)).status, 0);
                const { status, output: said } = await project.destroy(stack);
                assert.strictEqual(status, 0, said);
            });
        } else {
            it("is destroyed", async () => {
                const { status, output: said } = await project.destroy(stack);
                assert.strictEqual(status, 0, said);
            });
        }

        it("leaves a last snapshot of the data volume and of the database, and nothing else", async () => {
            const { snapshots, databaseSnapshots = [], ...rest } = await holdings(scene.provider.clients);
            assert.deepStrictEqual([snapshots.length, rest], [1, {}]);
            assert.deepStrictEqual(
                databaseSnapshots.filter((name) => !/^mlflow-prod-backend-database-[0-9a-f]{8}-final$/.test(name)),
                [],
            );
            assert.strictEqual(databaseSnapshots.length, stack === "prod" ? 1 : 0);
        });
    });
}

describe(`a stack with forceDestroy${unlessEngine}`, function () {
    this.timeout(300_000);

    let scene: EngineScene;
    withEngineScene((given) => void (scene = given));

    it("leaves nothing when it is destroyed", async () => {
        const project = await scene.project({ dev: { forceDestroy: true } });
        assert.strictEqual((await project.up("dev")).status, 0);
        assert.notDeepStrictEqual(await holdings(scene.provider.clients), {});
        const { status, output } = await project.destroy("dev");
        assert.strictEqual(status, 0, output);
        assert.deepStrictEqual(await holdings(scene.provider.clients), {});
    });
});

const isCiphertext = (value: unknown): boolean =>
    typeof value === "object" && value !== null && "ciphertext" in value && !("plaintext" in value);
