import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { stackConfig } from "../../plan/stackConfig";
import { engine, EngineProject, type Outcome, unlessEngine } from "../support/engine";

// The settings in a real Pulumi engine: what it makes of Pulumi.yaml, and how faults reach a person. No provider for AWS is
// used, so nothing is proved about resources. Skipped where there is no `pulumi`; the package of that name, which would
// download one, does not count.

describe(`the settings in a Pulumi engine${unlessEngine}`, function () {
    this.timeout(300_000);
    let project: EngineProject | undefined;

    async function preview(stackFile: string, program?: string): Promise<Outcome> {
        project = await EngineProject.create({ stacks: { dev: stackFile }, program });
        return project.pulumi("preview", "--stack", "dev");
    }

    beforeEach(function () {
        if (!engine) {
            this.skip();
        }
    });

    afterEach(() => project?.remove());

    it("have the defaults of Pulumi.yaml, just as npm run plan gives them", async () => {
        const program = [
            'import * as pulumi from "@pulumi/pulumi";',
            'import { writeFileSync } from "node:fs";',
            'writeFileSync("seen.json", JSON.stringify(pulumi.runtime.allConfig()));',
        ].join("\n");
        const { status, output } = await preview(
            "config:\n  mlflow-aws:tags:\n    Team: vision\n  mlflow-aws:workers: 3\n",
            program,
        );
        assert.strictEqual(status, 0, output);
        const seen: unknown = JSON.parse(readFileSync(path.join(project!.folder, "seen.json"), "utf8"));
        assert.deepStrictEqual(seen, stackConfig("dev", { tags: { Team: "vision" }, workers: 3 }).values);
    });

    it("are refused by the program all at once, without a stack trace, before anything is made", async () => {
        const { status, output } = await preview(
            "config:\n  mlflow-aws:localPort: 5000\n  mlflow-aws:backend: external\n",
        );
        assert.notStrictEqual(status, 0);
        assert.ok(output.includes("The settings of stack dev cannot be used (3 faults):"), output);
        assert.match(output, /^\s+localPort: got 5000; allowed: .*; remedy: pulumi config set localPort 5001$/m);
        assert.match(output, /^\s+databaseHost: got ""; /m);
        assert.match(output, /^\s+databasePassword: got ""; /m);
        assert.doesNotMatch(output, /^\s+at .*\.ts:\d+/m);
        assert.doesNotMatch(output, /mlflow-aws:index:/);
    });

    it("are refused by the engine when they have the wrong type", async () => {
        const { status, output } = await preview("config:\n  mlflow-aws:workers: many\n");
        assert.notStrictEqual(status, 0);
        assert.match(output, /Stack 'dev' with configuration key 'workers' must be of type 'integer'/);
    });
});
