import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { account, type StackOutcome, stackCommand } from "../support/stackCommand";

// The guards of a protected stack, on a real engine with the emulator as AWS: who deploys what, and that nobody destroys it by the way.

const settings: Settings = { protect: true, "aws:allowedAccountIds": [account] };

describe(`npm run stack with a protected stack${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;

    const run = (words: string[], extra: NodeJS.ProcessEnv = {}): Promise<StackOutcome> =>
        stackCommand(scene, project, words, extra);
    const up = (...words: string[]) => run(["up", "prod", "--no-health-check", ...words]);
    const deeds = () => scene.provider.deeds.filter(({ operation }) => operation !== "read").length;
    const git = async (...words: string[]) => {
        const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        const { status, output } = await project.project.run(["git", ...identity, ...words]);
        assert.strictEqual(status, 0, output);
    };

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ prod: settings });
    });

    it("deploys nothing that is not in a history", async () => {
        const { status, output } = await up();
        assert.strictEqual(status, 3, output);
        assert.match(
            output,
            /^work tree: got no git checkout; allowed: a clean checkout for stack prod, which is protected; /m,
        );
    });

    it("deploys nothing from a dirty work tree, but previews it", async () => {
        const ignored = ["node_modules", "home", ".pulumi", "summary.md"].join("\n");
        writeFileSync(path.join(project.project.folder, ".gitignore"), `${ignored}\n`);
        await git("init", "--quiet");
        await git("add", "--all");
        await git("commit", "--quiet", "--message", "all");
        writeFileSync(path.join(project.project.folder, "components/new.ts"), "");
        const { status, output } = await up();
        assert.strictEqual(status, 3, output);
        assert.match(output, /^work tree: got 1 changed: components\/new\.ts;/m);
        assert.strictEqual((await run(["preview", "prod"])).status, 0);
        assert.strictEqual(deeds(), 0);
    });

    it("names its account, or is not deployed", async () => {
        project.set("prod", { protect: true });
        const { status, output } = await up();
        assert.strictEqual(status, 3, output);
        assert.match(output, /^aws:allowedAccountIds: got nothing; allowed: the account of a protected stack; /m);
        assert.match(output, /^work tree: got 2 changed: /m);
    });

    it("is not deployed in another account by a plain pulumi up either", async () => {
        project.set("prod", { ...settings, "aws:allowedAccountIds": ["210987654321"] });
        const { status, output } = await project.up("prod");
        assert.notStrictEqual(status, 0);
        assert.match(output, /AWS account ID not allowed: 123456789012/);
        assert.strictEqual(deeds(), 0);
    });

    it("is deployed from a clean one", async () => {
        project.set("prod", settings);
        await git("add", "--all");
        await git("commit", "--quiet", "--message", "new");
        const { status, output } = await up();
        assert.strictEqual(status, 0, output);
        assert.ok(deeds() > 20);
    });

    for (const [who, environment] of [
        ["CI", { CI: "true" }],
        ["a person", {}],
    ] as const) {
        it(`is not destroyed by ${who}`, async () => {
            const before = deeds();
            const { status, output } = await run(["destroy", "prod"], environment);
            assert.strictEqual(status, 3, output);
            assert.match(
                output,
                /^destroy: got stack prod, which is protected; allowed: a stack with protect false; /m,
            );
            assert.strictEqual(deeds(), before);
        });
    }

    it("is destroyed once its protection is off, also in the state", async () => {
        project.set("prod", { ...settings, protect: false });
        const early = await run(["destroy", "prod"]);
        assert.strictEqual(early.status, 3, early.output);
        assert.match(early.output, /^protect: got .*cannot be deleted/m);
        assert.strictEqual((await up()).status, 0);
        const { status, output } = await run(["destroy", "prod"]);
        assert.strictEqual(status, 0, output);
        assert.match(output, /\nDestroyed\. /);
    });

    it("is told apart from one whose settings were copied", async () => {
        const name = (stack: string) => path.join(project.project.folder, `Pulumi.${stack}.yaml`);
        writeFileSync(name("copy"), "encryptionsalt: v1:same\nconfig:\n  mlflow-aws:bucketName: bucket\n");
        writeFileSync(name("original"), "encryptionsalt: v1:same\nconfig:\n  mlflow-aws:bucketName: bucket\n");
        const { status, output } = await run(["preview", "copy"]);
        assert.strictEqual(status, 3, output);
        assert.match(output, /^encryptionsalt: got the one of stack original; /m);
        assert.match(output, /^bucketName: got bucket, which is also that of stack original; /m);
    });
});
