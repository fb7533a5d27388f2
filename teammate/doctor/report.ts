import { styleText } from "node:util";
import { passed, type Verdict, verdicts } from "./check";
import type { Result } from "./runChecks";

type Style = Parameters<typeof styleText>[0];

const marks: Record<Verdict, readonly [mark: string, style: Style]> = {
    ok: ["✓", "green"],
    failed: ["✗", "red"],
    warning: ["!", "yellow"],
    "not visible": ["?", "cyan"],
    "not checked": ["-", "dim"],
};

/** Colour, where the output is a terminal that wants it. */
const painted = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/** A check's line, and under it its remedy. */
export function lines({ title, verdict, evidence, remedy }: Result): string[] {
    const [mark, style] = marks[verdict];
    const word = verdict === "ok" ? "" : ` [${verdict}]`;
    const line = `${painted(style, mark)} ${painted("bold", title)}${painted(style, word)}: ${evidence}`;
    return remedy ? [line, `    -> ${remedy}`] : [line];
}

/** How many of each verdict, and what comes of them. */
export function summary(results: readonly Result[]): string {
    const counts = verdicts
        .map((verdict) => [results.filter((result) => result.verdict === verdict).length, verdict] as const)
        .filter(([count]) => count > 0)
        .map(([count, verdict]) => `${count} ${verdict}`);
    return `${passed(results) ? "Passed" : "Failed"}: ${counts.join(", ")}`;
}

/** For programs. */
export const json = (stack: string, results: readonly Result[]): string =>
    JSON.stringify({ stack, checks: results, passed: passed(results) }, undefined, 2);
