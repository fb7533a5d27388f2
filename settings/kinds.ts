import { z } from "zod";

// Kinds of rules that several settings have.

/** What one setting may be. Its type, default and description stand in Pulumi.yaml. */
export interface Rule {
    readonly type: "string" | "integer" | "boolean" | "array" | "object";
    readonly schema: z.ZodType;
    /** Completes "allowed: …" in messages and in the README's table. */
    readonly allowed: string;
    /** Completes "remedy: …"; default: the command that sets the key. */
    readonly remedy?: string;
    /** Never show the value that was given. */
    readonly secret?: boolean;
}

export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) => ({
    type: "string" as const,
    schema: z.enum(values),
    allowed: values.map((value) => `\`${value}\``).join(" or "),
});

export const matching = (pattern: RegExp, allowed: string, remedy?: string) => ({
    type: "string" as const,
    schema: z.string().regex(pattern),
    allowed,
    remedy,
});

export const integer = (least: number, most: number, unit = "") => ({
    type: "integer" as const,
    schema: z.number().int().min(least).max(most),
    allowed: `an integer from ${least} to ${most}${unit}`,
});

export const flag = { type: "boolean" as const, schema: z.boolean(), allowed: "`true` or `false`" };

/** Text whose limit is in bytes where it is used. */
export const inBytes = (least: number, most: number, pattern: RegExp) =>
    z
        .string()
        .regex(pattern)
        .refine((text) => Buffer.byteLength(text) >= least && Buffer.byteLength(text) <= most);
