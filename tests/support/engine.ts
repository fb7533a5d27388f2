import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { copyProject } from "./projectCopy";

// What tests with a real Pulumi engine share. The package of that name, which would download one, does not count.

const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));

/** The engine, where there is one. */
export const engine = folders.map((folder) => path.join(folder, "pulumi")).find((file) => existsSync(file));

/** For the titles of tests that are skipped without it. */
export const unlessEngine = engine ? "" : " (there is none on PATH)";

export interface Outcome {
    readonly status: number | null;
    readonly output: string;
}

/** A copy of the project with a state, a home and a stack `dev` of its own. */
export class EngineProject {
    readonly folder: string;
    readonly environment: NodeJS.ProcessEnv;

    /** @param program in place of `index.ts` */
    constructor(stackFile: string, program?: string) {
        this.folder = copyProject(stackFile);
        if (program) {
            writeFileSync(path.join(this.folder, "index.ts"), program);
        }
        this.environment = {
            ...process.env,
            PULUMI_HOME: path.join(this.folder, "home"),
            PULUMI_BACKEND_URL: `file://${this.folder}`,
            PULUMI_CONFIG_PASSPHRASE: "test",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_IGNORE_AMBIENT_PLUGINS: "1",
        };
        const { status, output } = this.pulumi("stack", "init", "dev");
        assert.strictEqual(status, 0, output);
    }

    pulumi(...words: string[]): Outcome {
        return this.run([engine!, ...words, "--non-interactive"]);
    }

    /** Runs a program in the project's folder. */
    run([program, ...words]: string[], extra: NodeJS.ProcessEnv = {}): Outcome {
        const env = { ...this.environment, ...extra };
        const { status, stdout, stderr } = spawnSync(program, words, { cwd: this.folder, env, encoding: "utf8" });
        return { status, output: stdout + stderr };
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
