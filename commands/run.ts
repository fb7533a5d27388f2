import { type ChildProcess, spawn } from "node:child_process";
import { UserError } from "./userError";

/** What a command printed. */
export interface Result {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

const running = new Set<ChildProcess>();

/** Ends the commands that `run` has started and that still run. */
export const endCommands = (): void => running.forEach((child) => void child.kill());

/** Runs a command to its end, with text for its standard input. */
export function run(
    command: string[],
    options: { env: NodeJS.ProcessEnv; input?: string; cwd?: string },
): Promise<Result> {
    return new Promise((resolve, reject) => {
        const [program, ...words] = command;
        const child = spawn(program, words, { env: options.env, cwd: options.cwd, stdio: ["pipe", "pipe", "pipe"] });
        running.add(child.once("close", () => running.delete(child)));
        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.stdin.on("error", () => undefined); // it did not want the input
        child.once("error", reject);
        child.once("close", (status) => resolve({ status, stdout, stderr }));
        child.stdin.end(options.input ?? "");
    });
}

/** @throws UserError with what the command printed, when it fails */
export async function runOrFail(what: string, ...args: Parameters<typeof run>): Promise<Result> {
    const result = await run(...args);
    if (result.status !== 0) {
        throw new UserError(`${what} failed (exit code ${result.status}):\n${result.stdout}${result.stderr}`.trimEnd());
    }
    return result;
}
