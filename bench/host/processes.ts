import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { FoundProcess } from "../../tests/support/sandbox";

/** Text of a file of /proc, or nothing where the process has ended. */
export function procFile(pid: number, name: string): string {
    try {
        return readFileSync(`/proc/${pid}/${name}`, "utf8");
    } catch {
        return "";
    }
}

/** Processor time of these processes, in ticks of 10 ms. */
function ticksOf(processes: FoundProcess[]): number {
    const ticks = processes.map(({ pid }) => {
        const stat = procFile(pid, "stat");
        // After the name in parentheses; the 12th and 13th are user and system time.
        const [user = 0, system = 0] = stat
            .slice(stat.lastIndexOf(")") + 2)
            .split(" ")
            .slice(11, 13);
        return Number(user) + Number(system);
    });
    return ticks.reduce((sum, value) => sum + value, 0);
}

/** Waits until the processes do next to nothing: none comes or goes, and together they use a tenth of one processor at most. */
export async function settle(processes: () => FoundProcess[]): Promise<void> {
    for (const deadline = Date.now() + 120_000; Date.now() < deadline;) {
        const before = processes();
        const ticks = ticksOf(before);
        await sleep(2000);
        if (ticksOf(before) - ticks <= 20 && processes().length === before.length) {
            return;
        }
    }
    throw new Error("the server did not come to rest within 2 minutes");
}

/** Folders in shared memory that default servers keep their job queues in, and leave behind. */
export function queueFolders(processes: FoundProcess[]): string[] {
    const found = processes.map(
        ({ pid }) => /\0_MLFLOW_HUEY_STORAGE_PATH=([^\0]+)/.exec(procFile(pid, "environ"))?.[1],
    );
    return [...new Set(found.filter((folder) => folder !== undefined))];
}

/** Ends processes whoever started them, also those that begin meanwhile. */
export async function endAll(processes: () => FoundProcess[]): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt++, await sleep(100)) {
        const left = processes();
        if (left.length === 0) {
            return;
        }
        for (const { pid } of left) {
            try {
                process.kill(pid, "SIGKILL");
            } catch {
                // it has ended by itself
            }
        }
    }
    throw new Error("some processes of the benchmark do not end");
}
