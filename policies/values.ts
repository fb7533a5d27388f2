// Values of resources as rules read them: plain, and `unknown` where a preview cannot know them yet.

/** Stands for a value that only the update will know. Rules are silent about it; they see it during the update. */
export const unknown = Symbol("unknown");

export type Values = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Values =>
    typeof value === "object" && value !== null && !Array.isArray(value);

export const recordOf = (value: unknown): Values => (isRecord(value) ? value : {});

/** One value or several, as most of AWS's documents take either. */
export const listOf = (value: unknown): readonly unknown[] =>
    Array.isArray(value) ? (value as unknown[]) : value === undefined || value === null ? [] : [value];

export const textsOf = (value: unknown): string[] => listOf(value).filter((item) => typeof item === "string");

/** Some providers keep a flag as text. */
export const isOn = (value: unknown): boolean => value === true || value === "true";

/** Whether a flag is off for certain, or missing. */
export const isOff = (value: unknown): boolean => value !== unknown && !isOn(value);

/**
 * A copy without the SDK's guards, which throw where a value is not known yet: that would end the whole rule, where only this value
 * cannot be judged.
 */
export function plain(value: unknown): unknown {
    if (Array.isArray(value)) {
        return Array.from({ length: value.length }, (_, index) => reading(value as unknown as Values, String(index)));
    }
    return isRecord(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, reading(value, key)])) : value;
}

function reading(values: Values, key: string): unknown {
    let value: unknown;
    try {
        value = values[key];
    } catch {
        return unknown;
    }
    return plain(value);
}
