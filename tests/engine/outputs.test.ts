import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { StackOutputs } from "../../commands/outputs";
import { engine, EngineProject, type Outcome, unlessEngine } from "../support/engine";
import { evaluateStack, valuesOf } from "../support/stack";

// What the teammates' commands read of a stack's state, through the Automation API and a real engine. The outputs are those of
// the real program, evaluated offline and exported by a small one. Skipped where there is no `pulumi`.

describe(`the outputs in a Pulumi engine's state${unlessEngine}`, function () {
    this.timeout(180_000);
    let project: EngineProject;
    let expected: Record<string, unknown>;

    const read = (stack: string, extra: NodeJS.ProcessEnv = {}): Promise<Outcome> => {
        const script =
            `require("./commands/outputs").readOutputs(${JSON.stringify(stack)}).then(` +
            "(outputs) => console.log(JSON.stringify(outputs)), (error) => console.log(error.exitCode, error.message))";
        return project.run([process.execPath, "-r", "ts-node/register", "-e", script], extra);
    };

    before(async function () {
        if (!engine) {
            this.skip();
        }
        const { outputs } = await evaluateStack({}, { name: "dev" });
        expected = valuesOf(outputs);
        const program =
            'import * as pulumi from "@pulumi/pulumi";\nimport { readFileSync } from "node:fs";\n' +
            'const outputs = JSON.parse(readFileSync("outputs.json", "utf8"));\nexport = Object.fromEntries(Object.entries(outputs)' +
            ".map(([name, { value, secret }]: [string, any]) => [name, secret ? pulumi.secret(value) : value]));\n";
        project = await EngineProject.create({ program });
        writeFileSync(path.join(project.folder, "outputs.json"), JSON.stringify(outputs));
    });

    after(() => project?.remove());

    it("are asked for after the first up, which is named as the remedy", async () => {
        const { output } = await read("dev");
        assert.match(output, /^5 stack: got dev, which Pulumi cannot read; allowed: a stack that was deployed \(/);
        assert.match(output, /; remedy: npx pulumi up --stack dev$/m);
    });

    it("are read whole, with the secrets", async () => {
        const up = await project.pulumi("up", "--yes", "--stack", "dev");
        assert.strictEqual(up.status, 0, up.output);
        const outputs = JSON.parse((await read("dev")).output) as StackOutputs;
        for (const [name, value] of Object.entries(outputs)) {
            assert.deepStrictEqual(value, expected[name], name);
        }
        assert.strictEqual(outputs.clientSecretAccessKey, expected.clientSecretAccessKey);
    });

    it("leave the stack selected that was", async () => {
        assert.strictEqual((await project.pulumi("stack", "init", "other")).status, 0);
        assert.match((await read("dev")).output, /^\{/);
        assert.match((await project.pulumi("stack", "ls")).output, /^other\*/m);
    });

    const refusals: [title: string, stack: string, extra: NodeJS.ProcessEnv, said: RegExp][] = [
        [
            "a stack that does not exist",
            "nix",
            {},
            /allowed: a stack that exists .*no stack named 'nix'.*pulumi stack ls$/m,
        ],
        [
            "a wrong passphrase",
            "dev",
            { PULUMI_CONFIG_PASSPHRASE: "wrong" },
            /allowed: the passphrase of the stack .*remedy: set PULUMI_CONFIG_PASSPHRASE/,
        ],
        [
            "no passphrase",
            "dev",
            { PULUMI_CONFIG_PASSPHRASE: undefined },
            /allowed: the passphrase of the stack .*remedy: set PULUMI_CONFIG_PASSPHRASE/,
        ],
        [
            "no login",
            "dev",
            { PULUMI_BACKEND_URL: undefined },
            /allowed: a login .*remedy: npx pulumi login s3:\/\/<state bucket>/,
        ],
    ];
    for (const [title, stack, extra, said] of refusals) {
        it(`are refused with ${title}, without a stack trace or a secret`, async () => {
            const { output } = await read(stack, extra);
            assert.match(output, /^5 stack: got /);
            assert.match(output, said);
            assert.doesNotMatch(output, /^\s+at /m);
            assert.ok(!output.includes(String(expected.clientSecretAccessKey)));
        });
    }
});
