import { explain } from "../commands/userError";
import { writePart } from "./page";

/** Something to be cleared away; the last first. */
export type Cleanup = () => Promise<unknown> | void;

/** A benchmark that is a program of its own. */
export interface Benchmark {
    /** Of the part that it writes, and of `npm run bench:<name>`. */
    readonly name: string;
    /** Default: `benchmarks.md`. */
    readonly page?: string;
    /** What the machine lacks for it; nothing where it lacks nothing. */
    readonly lacks: () => Promise<string | undefined> | string | undefined;
    /** Measures, and returns the text of its part; whatever it starts, it hands to `cleanups`. */
    readonly measure: (cleanups: Cleanup[]) => Promise<string>;
    /** Print the text, and leave the page as it is. */
    readonly printOnly?: boolean;
}

/** Runs a benchmark and ends: 0 when its part is written, 1 when it failed, 130 when it was interrupted; nothing is left running. */
export function runBenchmark(benchmark: Benchmark): void {
    void measured(benchmark)
        .catch((error: unknown) => {
            console.error(explain(error));
            return 1;
        })
        .then((status) => process.exit(status));
}

async function measured({ name, page, lacks, measure, printOnly }: Benchmark): Promise<number> {
    const missing = await lacks();
    if (missing) {
        console.error(`bench:${name}: needs ${missing}`);
        return 1;
    }
    const interrupted = new Promise<undefined>((resolve) => {
        ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => process.once(signal, () => resolve(undefined)));
    });
    const cleanups: Cleanup[] = [];
    try {
        const text = await Promise.race([measure(cleanups), interrupted]);
        if (text === undefined) {
            process.on("unhandledRejection", () => undefined); // what fails because everything is being ended
            return 130;
        }
        if (printOnly) {
            console.log(text);
        } else {
            writePart(name, text, page);
        }
        return 0;
    } finally {
        for (const cleanup of cleanups.splice(0).reverse()) {
            await cleanup();
        }
    }
}
