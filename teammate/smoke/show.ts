import { Listr } from "listr2";
import type { StepReport } from "./steps";

/** A step as it is shown, and waited for. */
export interface Step {
    readonly title: string;
    /** How it ended; undefined when it was not reached. */
    readonly report: () => Promise<StepReport | undefined>;
}

/** What is said of a step that was reached. */
const words = (title: string, { seconds, detail }: StepReport): string =>
    `${title} (${seconds.toFixed(1)} s)${detail ? `: ${detail}` : ""}`;

/** Waits for each step in turn, and says how it ended: to a program nothing, without a terminal in plain lines. */
export async function show(steps: readonly Step[], forProgram: boolean): Promise<void> {
    if (!forProgram && process.stdout.isTTY) {
        return showList(steps);
    }
    const missed: string[] = [];
    for (const { title, report } of steps) {
        const found = await report();
        if (!found) {
            missed.push(title);
        } else if (!forProgram) {
            console.log(`${found.ok ? "ok  " : "FAIL"} ${words(title, found)}`);
        }
    }
    if (missed.length > 0 && !forProgram) {
        console.log(`Not reached: ${missed.join(", ")}`);
    }
}

async function showList(steps: readonly Step[]): Promise<void> {
    const tasks = steps.map(({ title, report }) => ({
        title,
        task: async (_: unknown, task: { title: string; skip(message: string): void }) => {
            const found = await report();
            if (!found) {
                task.skip(`${title}: not reached`);
                return;
            }
            task.title = words(title, found);
            if (!found.ok) {
                throw new Error(found.detail); // its text stands in the title
            }
        },
    }));
    await new Listr(tasks, {
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: { collapseErrors: false, showErrorMessage: false },
    }).run();
}
