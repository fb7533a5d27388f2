import type { Context } from "./context";

/**
 * `failed`: the one verdict with which the whole does not pass. `warning`: works now, will not for long or not for all. `not
 * visible`: the profile may not see it. `not checked`: something that it needs has failed, or there is nothing to check.
 */
export const verdicts = ["ok", "failed", "warning", "not visible", "not checked"] as const;
export type Verdict = (typeof verdicts)[number];

/** What a check found: texts on one line each. */
export interface Finding {
    readonly verdict: Verdict;
    readonly evidence: string;
    readonly remedy?: string;
}

export interface Check {
    readonly id: string;
    /** What is true when it is ok. */
    readonly title: string;
    /** For the docs: what it looks at, and when it does not say ok. */
    readonly looksFor: string;
    /** For the docs: what usually helps; the finding's own remedy is exact. */
    readonly remedy: string;
    /** Checks without which this one would only repeat their complaint. */
    readonly after?: readonly string[];
    readonly run: (context: Context) => Promise<Finding> | Finding;
}

const finding =
    (verdict: Verdict) =>
    (evidence: string, remedy?: string): Finding => ({ verdict, evidence, ...(remedy && { remedy }) });

export const ok = (evidence: string): Finding => finding("ok")(evidence);
export const failed = finding("failed") as (evidence: string, remedy: string) => Finding;
export const warning = finding("warning") as (evidence: string, remedy: string) => Finding;
export const notVisible = finding("not visible") as (evidence: string, remedy: string) => Finding;
export const notChecked = finding("not checked");

/** Only failures count: what a profile may not see says nothing about what is there. */
export const passed = (findings: readonly Finding[]): boolean => findings.every(({ verdict }) => verdict !== "failed");
