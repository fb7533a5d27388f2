import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { oneLine } from "../../commands/oneLine";
import { profileEnvironment } from "./environment";

/**
 * How a tunnel is asked to end, and how long it may take. The AWS CLI leaves Ctrl-C to its plugin, which ends the session; one
 * that has only just started may not have heard it.
 */
const endings = [
    ["SIGINT", 1_500],
    ["SIGINT", 3_500],
    ["SIGTERM", 2_000],
    ["SIGKILL", 2_000],
] as const;

/** What programs say beside the reason why they end. */
const chatter = /^(Warning: Permanently added|\*\* |\s*$)/;

/**
 * The program that holds the tunnel, in a process group of its own: whatever it starts ends with it, and Ctrl-C at the
 * terminal reaches it when we say so.
 */
export class TunnelProcess {
    private readonly child: ChildProcess;
    private said = "";
    /** Why it has ended. */
    readonly ended: Promise<string>;
    hasEnded = false;

    /** @param env default: no credentials but those of the profile that the words name */
    constructor(words: readonly string[], env: NodeJS.ProcessEnv = profileEnvironment()) {
        const [program, ...rest] = words;
        this.child = spawn(program, rest, {
            env,
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        for (const stream of [this.child.stdout!, this.child.stderr!]) {
            stream.setEncoding("utf8").on("data", (text: string) => (this.said = (this.said + text).slice(-8_000)));
        }
        this.ended = new Promise<string>((resolve) => {
            this.child.once("error", (error) => resolve(error.message));
            this.child.once("exit", (status, signal) => {
                // What it has said last may still be on its way; a plugin that outlives it would hold the pipe for ever.
                const after = () => resolve(signal ? `ended by ${signal}` : (this.lastLine ?? `exit code ${status}`));
                this.child.once("close", after);
                setTimeout(after, 500);
            });
        }).finally(() => (this.hasEnded = true));
    }

    /** The last that it has said, without chatter. */
    get lastLine(): string | undefined {
        const line = this.said.split("\n").findLast((text) => !chatter.test(text));
        return line === undefined ? undefined : oneLine(line);
    }

    /** Everything that it has said, for a search. */
    get text(): string {
        return this.said;
    }

    /** Ends it with all that it has started. */
    async end(): Promise<void> {
        for (const [signal, patience] of endings) {
            if (!this.sendToGroup(signal)) {
                return;
            }
            for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(50)) {
                if (!this.sendToGroup(0)) {
                    return;
                }
            }
        }
    }

    /** @returns whether anybody is in the group */
    private sendToGroup(signal: NodeJS.Signals | 0): boolean {
        try {
            return this.child.pid !== undefined && process.kill(-this.child.pid, signal);
        } catch {
            return false;
        }
    }
}
