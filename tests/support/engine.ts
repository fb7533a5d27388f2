import assert from "node:assert";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../../commands/run";
import type { RunningProvider } from "../engine/provider/server";
import { copyProject } from "./projectCopy";
import { knowSecret, readWritten } from "./secretScan";

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

interface Options {
    /** Text of `Pulumi.<stack>.yaml`, by stack; default: an empty one of `dev`. */
    readonly stacks?: Readonly<Record<string, string>>;
    /** In place of `index.ts`. */
    readonly program?: string;
    /** Answers for AWS; without one, nothing may be made. */
    readonly provider?: RunningProvider;
}

/** Of every stack of the tests. */
const passphrase = "a passphrase of the tests";
knowSecret(passphrase);

/** A copy of the project with a state, a home and stacks of its own. */
export class EngineProject {
    readonly folder: string;
    readonly environment: NodeJS.ProcessEnv;

    private constructor({ stacks = { dev: "config: {}\n" }, program, provider }: Options) {
        this.folder = copyProject(stacks);
        if (program) {
            writeFileSync(path.join(this.folder, "index.ts"), program);
        }
        this.environment = {
            ...process.env,
            PULUMI_HOME: path.join(this.folder, "home"),
            PULUMI_BACKEND_URL: `file://${this.folder}`,
            PULUMI_CONFIG_PASSPHRASE: passphrase,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_IGNORE_AMBIENT_PLUGINS: "1",
            PULUMI_DEBUG_PROVIDERS: provider?.debugProviders,
        };
    }

    static async create(options: Options = {}): Promise<EngineProject> {
        const project = new EngineProject(options);
        for (const stack of Object.keys(options.stacks ?? { dev: "" })) {
            const { status, output } = await project.pulumi("stack", "init", stack);
            assert.strictEqual(status, 0, output);
        }
        return project;
    }

    pulumi(...words: string[]): Promise<Outcome> {
        return this.run([engine!, ...words, "--non-interactive"]);
    }

    /** Runs a program in the project's folder. */
    async run(command: string[], extra: NodeJS.ProcessEnv = {}, input = ""): Promise<Outcome & Result> {
        const result = await run(command, { cwd: this.folder, env: { ...this.environment, ...extra }, input });
        return { ...result, output: result.stdout + result.stderr };
    }

    remove(): void {
        // Not what the test itself has put there, and what the engine keeps of its own.
        readWritten(this.folder, (file) => /\/(host|home|components|resources\.json|outputs\.json)$/.test(file));
        rmSync(this.folder, { recursive: true, force: true });
    }
}
