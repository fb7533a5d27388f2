import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { installedPulumi, reasonOf } from "../commands/engine";
import { exitCodes } from "../commands/exitCodes";
import { oneLine } from "../commands/oneLine";
import { UserError } from "../commands/userError";
import { readYaml } from "../plan/stackConfig";
import { fault } from "../settings/fault";

/** The checkout: the program that is deployed, and the settings of every stack. */
export const root = path.join(__dirname, "..");

/** What the engine has printed, when it ends well. */
interface Printed {
    readonly stdout: string;
    readonly stderr: string;
    readonly code: number;
}

/** The Pulumi CLI, as the Automation API uses it. */
export type Engine = PulumiCommand & {
    run(
        args: string[],
        cwd: string,
        environment: Record<string, string>,
        onOutput?: (text: string) => void,
        onError?: (text: string) => void,
        signal?: AbortSignal,
    ): Promise<Printed>;
};

const install = "npm ci brings one that fetches the CLI; or https://www.pulumi.com/docs/install";

/**
 * The Pulumi CLI of this machine, or the one that the project's packages fetch.
 *
 * @throws UserError where there is none, or an older one than Pulumi.yaml asks for
 */
export async function findEngine(): Promise<Engine> {
    const folder = installedPulumi();
    const required = requiredVersion();
    let command: PulumiCommand;
    try {
        command = await PulumiCommand.get({ root: folder, skipVersionCheck: true });
    } catch (error) {
        const got = `none that runs (${oneLine(reasonOf((error as Error).message))})`;
        throw new UserError(fault("pulumi", got, `version ${required} or later`, install), exitCodes.missing);
    }
    const version = String(command.version);
    if (isOlder(version, required)) {
        throw new UserError(
            fault("pulumi", `version ${version}`, `version ${required} or later (Pulumi.yaml)`, install),
            exitCodes.missing,
        );
    }
    return Object.assign(command, { run: runDetached(command.command) });
}

function requiredVersion(): string {
    const { requiredPulumiVersion } = readYaml("Pulumi.yaml") as { requiredPulumiVersion: string };
    return requiredPulumiVersion.replace(/^>=/, "");
}

const numbers = (version: string): number[] => version.split("-")[0].split(".").map(Number);

export function isOlder(version: string, than: string): boolean {
    const [one, other] = [numbers(version), numbers(than)];
    const place = other.findIndex((number, index) => one[index] !== number);
    return place >= 0 && !(one[place] > other[place]);
}

/** The engine that runs, if one does. */
let running: ChildProcess | undefined;

/** Seconds for an engine that is to leave at once: it writes down what it was at, and gives its lock back. */
const grace = 10;

/**
 * Has the engine leave at once, and nothing of it behind. What it was in the middle of is a pending operation in the state.
 *
 * @returns whether one runs
 */
export function leaveEngine(): boolean {
    const child = running;
    if (!child) {
        return false;
    }
    const killAll = () => {
        try {
            process.kill(-child.pid!, "SIGKILL"); // its language host and plugins too
        } catch {
            // none is left
        }
    };
    child.once("exit", killAll);
    child.kill("SIGINT");
    setTimeout(killAll, grace * 1000).unref();
    return true;
}

/**
 * Runs the CLI in a process group of its own. Ctrl-C at a terminal reaches every process of ours, and the SDK would send it a second
 * time: the engine takes a second one as the wish to leave at once, with its state as it is.
 */
const runDetached =
    (program: string): Engine["run"] =>
    (args, cwd, environment, onOutput, onError, signal) =>
        new Promise((resolve, reject) => {
            if (signal?.aborted) {
                reject(new Error("interrupted before it began"));
                return;
            }
            const bin = path.isAbsolute(program) ? [path.dirname(program)] : [];
            const env = {
                ...process.env,
                ...environment,
                PATH: [...bin, process.env.PATH].join(path.delimiter),
                PULUMI_AUTOMATION_API: "true",
                PULUMI_SKIP_UPDATE_CHECK: "true",
            };
            const words = [...args, "--non-interactive"];
            const child = spawn(program, words, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
            running = child;
            let stdout = "";
            let stderr = "";
            child.stdout.setEncoding("utf8").on("data", (text: string) => {
                stdout += text;
                onOutput?.(text);
            });
            child.stderr.setEncoding("utf8").on("data", (text: string) => {
                stderr += text;
                onError?.(text);
            });
            const interrupt = () => void child.kill("SIGINT");
            signal?.addEventListener("abort", interrupt);
            child.once("error", reject);
            child.once("close", (status) => {
                signal?.removeEventListener("abort", interrupt);
                running = undefined;
                const code = status ?? -1;
                if (code === 0) {
                    resolve({ stdout, stderr, code });
                } else {
                    reject(new Error(`${stderr}\n${stdout}`.trim() || `the engine has ended with ${code}`));
                }
            });
        });
