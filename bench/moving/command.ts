import type { ChildProcess } from "node:child_process";
import type { DatabaseHost } from "../../tests/support/databaseHost";
import { procFile } from "../host/processes";

/** What one run of mlflow-move showed. */
export interface Run {
    readonly status: number | null;
    readonly seconds: number;
    /** Seconds until the first line that matches. */
    readonly until: (pattern: RegExp) => number;
    /** MB, the most at any moment. */
    readonly memory: number;
}

/** Runs the command, and ends it as a machine without memory would, as soon as something is true. */
export async function moveOnce(host: DatabaseHost, words: string[], isTime?: () => Promise<boolean>): Promise<Run> {
    const begin = performance.now();
    const since = () => (performance.now() - begin) / 1000;
    const child = host.startCommand("mlflow-move", words);
    const lines: { text: string; at: number }[] = [];
    child.stdout!.resume();
    child.stderr!.on("data", (text: Buffer) => {
        lines.push(
            ...text
                .toString()
                .split("\n")
                .map((line) => ({ text: line, at: since() })),
        );
    });
    let memory = 0;
    const timer = setInterval(() => {
        memory = Math.max(memory, peakOf(child));
    }, 20);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    while (isTime && child.exitCode === null) {
        if (await isTime()) {
            child.kill("SIGKILL");
            break;
        }
    }
    const status = await ended;
    clearInterval(timer);
    const until = (pattern: RegExp) => {
        const found = lines.find(({ text }) => pattern.test(text));
        if (!found) {
            throw new Error(
                `mlflow-move said nothing like ${String(pattern)}:\n${lines.map(({ text }) => text).join("\n")}`,
            );
        }
        return found.at;
    };
    return { status, seconds: since(), until, memory };
}

/** The peak of a process's own memory so far in MB; its shell becomes the command, under the same number. */
const peakOf = ({ pid }: ChildProcess): number =>
    (Number(/^VmHWM:\s+(\d+) kB$/m.exec(procFile(pid!, "status"))?.[1] ?? 0) * 1024) / 1e6;
