import type { Change, Finding, Operation } from "./changes";
import { meaningOf } from "./meaning";
import { shortType } from "../plan/tree";

/** All there is to say at the end of a command. */
export interface Summary {
    readonly stack: string;
    readonly command: "preview" | "up" | "drift" | "destroy";
    readonly changes: readonly Change[];
    readonly findings: readonly Finding[];
    /** Why it was refused or has failed. */
    readonly faults: readonly string[];
    /** One sentence. */
    readonly outcome: string;
    /** What the health check has seen. */
    readonly health: readonly string[];
}

const operations: readonly Operation[] = ["create", "update", "replace", "delete"];

/** `2 to create, 1 to replace`. */
export function counted(changes: readonly Change[]): string {
    const counts = operations.map((operation) => [
        operation,
        changes.filter((change) => change.operation === operation).length,
    ]);
    return counts
        .filter(([, count]) => count !== 0)
        .map(([operation, count]) => `${count} to ${operation}`)
        .join(", ");
}

const head = ["", "Resource", "What differs", "What it means"];

/** What is lost or replaced comes first. */
const order: readonly Operation[] = ["delete", "replace", "update", "create"];

function rowsOf(changes: readonly Change[]): string[][] {
    return [...changes]
        .sort((one, other) => order.indexOf(one.operation) - order.indexOf(other.operation))
        .map((change) => [
            change.operation,
            `${change.name} (${shortType(change.type)})`,
            change.operation === "create" || change.operation === "delete" ? "" : change.keys.join(", "),
            meaningOf(change) ?? "",
        ]);
}

const findingLine = ({ mandatory, policy, resource, message }: Finding): string =>
    `${mandatory ? "violation" : "advice"} ${policy}${resource && `, ${resource}`}: ${message.replace(/\s+/g, " ")}`;

/** For a terminal. */
export function summaryText(summary: Summary): string {
    const rows = rowsOf(summary.changes);
    const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
    return [
        ...rows.map((row) =>
            row
                .map((text, column) => text.padEnd(widths[column] ?? 0))
                .join("  ")
                .trimEnd(),
        ),
        ...summary.findings.map(findingLine),
        ...summary.health,
        ...summary.faults,
        summary.outcome,
    ].join("\n");
}

/** Of a comment, so that the next one can take its place. */
export const marker = (stack: string): string => `<!-- mlflow-aws ${stack} -->`;

const cell = (text: string): string => text.replace(/\s+/g, " ").replace(/[\\|<>`*_[\]]/g, "\\$&");

/** For the comment of a pull request or the summary of a job. */
export function summaryMarkdown(summary: Summary): string {
    const { stack, command, changes, findings, faults, outcome, health } = summary;
    const list = (title: string, texts: readonly string[]) =>
        texts.length > 0 ? ["", `**${title}**`, "", ...texts.map((text) => `- ${cell(text)}`)] : [];
    return [
        marker(stack),
        `### ${command} of \`${stack}\``,
        "",
        cell(outcome),
        ...(changes.length > 0 ? ["", `| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`] : []),
        ...rowsOf(changes).map((row) => `| ${row.map(cell).join(" | ")} |`),
        ...list("Policies", findings.map(findingLine)),
        ...list(
            "Refused or failed",
            faults.flatMap((text) => text.split("\n")),
        ),
        ...list("Health", health),
        "",
    ].join("\n");
}
