import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stackConfig } from "../../plan/stackConfig";

// The settings in a real Pulumi engine: what it makes of Pulumi.yaml, and how faults reach a person. No provider for AWS is
// used, so nothing is proved about resources. Skipped where there is no `pulumi`; the package of that name, which would
// download one, does not count.

const root = path.join(__dirname, "../..");
const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
const engine = folders.map((folder) => path.join(folder, "pulumi")).find((file) => existsSync(file));

describe(`the settings in a Pulumi engine${engine ? "" : " (there is none on PATH)"}`, function () {
    this.timeout(120_000);
    let folder = "";

    /** A copy of the project with an own state and, for `program`, another program. */
    function preview(stackFile: string, program?: string): { status: number | null; output: string } {
        folder = mkdtempSync(path.join(os.tmpdir(), "engine-"));
        const copied = ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts", "config.ts", "surroundings.ts"];
        for (const name of [...copied, "components", "settings", "handover", "host"]) {
            cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
        }
        symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
        writeFileSync(path.join(folder, "Pulumi.dev.yaml"), stackFile);
        if (program) {
            writeFileSync(path.join(folder, "index.ts"), program);
        }
        const env = {
            ...process.env,
            PULUMI_HOME: path.join(folder, "home"),
            PULUMI_BACKEND_URL: `file://${folder}`,
            PULUMI_CONFIG_PASSPHRASE: "test",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_IGNORE_AMBIENT_PLUGINS: "1",
        };
        const run = (...words: string[]) =>
            spawnSync(engine!, [...words, "--non-interactive"], { cwd: folder, env, encoding: "utf8" });
        const init = run("stack", "init", "dev");
        assert.strictEqual(init.status, 0, init.stderr);
        const { status, stdout, stderr } = run("preview", "--stack", "dev");
        return { status, output: stdout + stderr };
    }

    beforeEach(function () {
        if (!engine) {
            this.skip();
        }
    });

    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("have the defaults of Pulumi.yaml, just as npm run plan gives them", () => {
        const program = [
            'import * as pulumi from "@pulumi/pulumi";',
            'import { writeFileSync } from "node:fs";',
            'writeFileSync("seen.json", JSON.stringify(pulumi.runtime.allConfig()));',
        ].join("\n");
        const { status, output } = preview(
            "config:\n  mlflow-aws:tags:\n    Team: vision\n  mlflow-aws:workers: 3\n",
            program,
        );
        assert.strictEqual(status, 0, output);
        const seen: unknown = JSON.parse(readFileSync(path.join(folder, "seen.json"), "utf8"));
        assert.deepStrictEqual(seen, stackConfig("dev", { tags: { Team: "vision" }, workers: 3 }).values);
    });

    it("are refused by the program all at once, without a stack trace, before anything is made", () => {
        const { status, output } = preview("config:\n  mlflow-aws:localPort: 5000\n  mlflow-aws:backend: postgresql\n");
        assert.notStrictEqual(status, 0);
        assert.ok(output.includes("The settings of stack dev cannot be used (3 faults):"), output);
        assert.match(output, /^\s+localPort: got 5000; allowed: .*; remedy: pulumi config set localPort 5001$/m);
        assert.match(output, /^\s+databaseHost: got ""; /m);
        assert.match(output, /^\s+databasePassword: got ""; /m);
        assert.doesNotMatch(output, /^\s+at .*\.ts:\d+/m);
        assert.doesNotMatch(output, /mlflow-aws:index:/);
    });

    it("are refused by the engine when they have the wrong type", () => {
        const { status, output } = preview("config:\n  mlflow-aws:workers: many\n");
        assert.notStrictEqual(status, 0);
        assert.match(output, /Stack 'dev' with configuration key 'workers' must be of type 'integer'/);
    });
});
