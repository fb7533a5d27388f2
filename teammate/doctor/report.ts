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

/**
 * A check's line, and under it its remedy. None for a check that needs another one: what is wrong would be hard to find among
 * all that follows from it.
 */
export function lines({ title, verdict, evidence, remedy, needs }: Result): string[] {
    if (needs !== undefined) {
        return [];
    }
    const [mark, style] = marks[verdict];
    const word = verdict === "ok" ? "" : ` [${verdict}]`;
    const line = `${painted(style, mark)} ${painted("bold", title)}${painted(style, word)}: ${evidence}`;
    return remedy ? [line, `    -> ${remedy}`] : [line];
}

/** What was left out, for want of what. */
function leftOut(results: readonly Result[]): string[] {
    const reasons = new Map(results.map(({ title, needs }) => [title, needs]));
    /** Of a chain of checks, the first: the one that is to be mended. */
    const first = (title: string): string => {
        const before = reasons.get(title);
        return before === undefined ? title : first(before);
    };
    const byReason = new Map<string, string[]>();
    for (const { title, needs } of results.filter((result) => result.needs !== undefined)) {
        const reason = first(needs!);
        byReason.set(reason, [...(byReason.get(reason) ?? []), title]);
    }
    return [...byReason].map(
        ([reason, titles]) =>
            `${painted("dim", `- ${titles.length} not checked before`)} ${reason}: ${titles.join("; ")}`,
    );
}

/** What was left out, how many of each verdict, and what comes of them. */
export function summary(results: readonly Result[]): string {
    const counts = verdicts
        .map((verdict) => [results.filter((result) => result.verdict === verdict).length, verdict] as const)
        .filter(([count]) => count > 0)
        .map(([count, verdict]) => `${count} ${verdict}`);
    return [...leftOut(results), "", `${passed(results) ? "Passed" : "Failed"}: ${counts.join(", ")}`].join("\n");
}

/** For programs. */
export const json = (stack: string, results: readonly Result[]): string =>
    JSON.stringify({ stack, checks: results, passed: passed(results) }, undefined, 2);
