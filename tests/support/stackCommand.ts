import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { toolFolder } from "../../sandbox/tools";
import type { Outcome } from "./engine";
import type { EngineScene, StackProject } from "./engineScene";

// `npm run stack -- …` in a copy of the project, with the emulator as AWS.

const start = ["-r", "./scripts/compileCache.js", "-r", "ts-node/register", "automation/main.ts"];

/** The emulator's account. */
export const account = "123456789012";

/** The variables of an operator's shell. */
export const operatorEnvironment = ({ emulator }: EngineScene): NodeJS.ProcessEnv => ({
    AWS_ACCESS_KEY_ID: "operator",
    AWS_SECRET_ACCESS_KEY: "anything",
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    CI: undefined,
});

export interface StackOutcome extends Outcome {
    /** The Markdown file; nothing where none was written. */
    readonly summary: string | undefined;
}

export interface StartedOutcome extends Outcome {
    /** Without what went to the other stream, which may come before or after it. */
    readonly stderr: string;
}

/** Runs the command to its end. */
export async function stackCommand(
    scene: EngineScene,
    { project }: StackProject,
    words: readonly string[],
    extra: NodeJS.ProcessEnv = {},
): Promise<StackOutcome> {
    const file = path.join(project.folder, "summary.md");
    rmSync(file, { force: true });
    const withSummary = words[0] === "outputs" ? [] : ["--summary", file];
    const command = [process.execPath, ...start, ...words, ...withSummary];
    const outcome = await project.run(command, { ...operatorEnvironment(scene), ...extra });
    return { ...outcome, summary: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

/** Starts it, in a process group of its own as at a terminal. */
export function startStackCommand(
    scene: EngineScene,
    { project }: StackProject,
    words: readonly string[],
    extra: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<StartedOutcome> } {
    const env = { ...project.environment, ...operatorEnvironment(scene), ...extra };
    const child = spawn(process.execPath, [...start, ...words], { cwd: project.folder, env, detached: true });
    let output = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        stderr += text;
    });
    const ended = new Promise<StartedOutcome>((resolve) =>
        child.once("close", (status) => resolve({ status, output, stderr })),
    );
    return { child, ended };
}

/** Where the AWS CLI of the tests is. */
export const withTools = (...folders: string[]): NodeJS.ProcessEnv => ({
    PATH: [...folders, toolFolder("emulator"), process.env.PATH].join(path.delimiter),
});
