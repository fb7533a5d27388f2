import type { Request } from "./request";
import type { Outcome } from "./restore";

const day = 24 * 60 * 60 * 1000;
const units = ["KiB", "MiB", "GiB", "TiB"];

/** `1 object`, `2 objects` */
export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

export function sizeOf(bytes: number): string {
    if (bytes < 1024) {
        return count(bytes, "byte");
    }
    const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
    return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** What a run did, or would do, in words. */
export function report(
    request: Request,
    outcome: Outcome,
    applied: boolean,
    keptFor: number | undefined,
    now: Date,
): string[] {
    const { bucket, prefix, moment } = request;
    const { counts, bytes, names, failures } = outcome;
    const back = counts.overwritten + counts.deleted;
    const more = back - names.length;
    const lines = [
        `s3://${bucket}/${prefix} as it was at ${moment.toISOString()}:`,
        `${applied ? "Brought" : "Would bring"} back ${count(back, "object")}, ${sizeOf(bytes)}: ` +
            `${counts.overwritten} overwritten since, ${counts.deleted} deleted since.`,
        // As JSON: whatever a name holds, it stays on its line.
        ...[...names].sort().map((name) => `  ${JSON.stringify(name)}`),
        ...(more > 0 ? [`  and ${more} more`] : []),
        `As they were: ${count(counts.same, "object")}. Made later, and left there: ${count(counts.later, "object")}.`,
        ...(counts.gone > 0
            ? [
                  `Deleted after the moment, all earlier versions expired: ${count(counts.gone, "object")}. Whether they were there ` +
                      "at the moment can't be told.",
              ]
            : []),
        expiry(now.getTime() - moment.getTime(), keptFor),
    ];
    if (failures.length > 0) {
        lines.push(`Failed: ${count(failures.length, "object")}. Run it again: what is done is left alone.`);
        lines.push(...failures.map(({ key, reason }) => `  ${JSON.stringify(key)}: ${reason}`));
    }
    if (!applied && back > 0) {
        lines.push("Nothing was changed. With --apply it is done.");
    }
    return lines;
}

/** Whether a version of the moment may have expired: the bucket counts from when it was overwritten or deleted. */
function expiry(age: number, keptFor: number | undefined): string {
    if (keptFor === undefined) {
        return "No rule of the bucket lets old versions expire.";
    }
    const kept = `The bucket keeps what was overwritten or deleted for ${count(keptFor, "day")}`;
    return age < keptFor * day
        ? `${kept}, so nothing of that moment has expired.`
        : `${kept}, and the moment is ${count(Math.floor(age / day), "day")} ago: what was overwritten or deleted soon after it may ` +
              "have expired, and can't be told from what was made later or never was.";
}
