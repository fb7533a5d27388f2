import { existsSync } from "node:fs";
import type { FoundProcess } from "../../tests/support/sandbox";
import { procFile } from "./processes";

/** Whether this system shows the memory of processes; only Linux does. */
export const showsMemory = (): boolean => existsSync("/proc/self/smaps_rollup");

/** Memory of these processes in MB: what they share counts once (the sum of their proportional set sizes). */
export function memoryOf(processes: FoundProcess[]): number {
    const kibibytes = processes.map(({ pid }) => {
        const [, size = 0] = /^Pss:\s+(\d+) kB$/m.exec(procFile(pid, "smaps_rollup")) ?? [];
        return Number(size);
    });
    return (kibibytes.reduce((sum, size) => sum + size, 0) * 1024) / 1e6;
}

/** Does something, and says how far the memory of these processes rose above what it was before. */
export async function growthDuring<T>(processes: FoundProcess[], action: () => Promise<T>): Promise<[T, number]> {
    const before = memoryOf(processes);
    let peak = before;
    const look = () => (peak = Math.max(peak, memoryOf(processes)));
    const timer = setInterval(look, 100);
    try {
        const result = await action();
        look();
        return [result, peak - before];
    } finally {
        clearInterval(timer);
    }
}
