import { count, sizeOf } from "../report";
import type { Outcome } from "./copies";
import { type Selection, targetOf } from "./selection";
import { add, type Sum, type Survey } from "./survey";

const inWords = ({ objects, bytes }: Sum) => `${count(objects, "object")}, ${sizeOf(bytes)}`;

// Names as JSON: whatever a name holds, it stays on its line.
const named = (lines: { key: string; text?: string }[]) =>
    [...lines]
        .sort((one, other) => (one.key < other.key ? -1 : 1))
        .map(({ key, text }) => `  ${JSON.stringify(key)}${text ? `: ${text}` : ""}`);

const sumOf = (objects: { size: number }[]) => {
    const sum = { objects: 0, bytes: 0 };
    objects.forEach((object) => add(sum, object));
    return sum;
};

function whereTo({ bucket, prefix, from }: Selection): string {
    const what = from === undefined ? "what MLflow logged straight to the bucket" : `what lies below ${from || "it"}`;
    return `s3://${bucket}: ${what}, to below ${prefix}/`;
}

/** What there is to do, and what is left as it is. */
export function reportOf(selection: Selection, { missing, same, conflicts, left }: Survey): string[] {
    const { bucket } = selection;
    const lines = [`${whereTo(selection)}:`, `To copy: ${inWords(sumOf(missing))}. Copied before: ${inWords(same)}.`];
    if (left.size > 0) {
        const places = [...left].map(([key, sum]) => ({ key, text: inWords(sum) }));
        lines.push(`Left where they are; with --from s3://${bucket}/<folder> they are taken along:`, ...named(places));
    }
    if (conflicts.length > 0) {
        lines.push(
            `Something else lies where these would be copied to, and is never overwritten: ${count(conflicts.length, "object")}. ` +
                "Compare the two, and delete or rename the one that nobody needs:",
            ...named(conflicts.map(({ key }) => ({ key, text: targetOf(key, selection) }))),
        );
    }
    return lines;
}

/** What was done, and what a second look at both places says. */
export function reportDone(selection: Selection, { copied, failures }: Outcome, after: Survey): string[] {
    const { bucket, prefix } = selection;
    const lines = [`Copied ${inWords(copied)}.`];
    if (failures.length > 0) {
        lines.push(`Failed: ${count(failures.length, "object")}. Run it again: what is done is left alone.`);
        lines.push(...named(failures.map(({ key, reason }) => ({ key, text: reason }))));
    }
    const open = after.missing.length + after.conflicts.length;
    lines.push(
        `Compared: ${inWords(after.same)} lie in both places; ` +
            (open === 0
                ? `none is missing below s3://${bucket}/${prefix}/. Nothing was deleted.`
                : `missing or something else below s3://${bucket}/${prefix}/: ${count(open, "object")}.`),
    );
    if (after.missing.length > failures.length) {
        lines.push(
            "Objects came meanwhile: somebody still logs straight to the bucket. Stop the server of before and its clients, and run it again.",
        );
    }
    return lines;
}
