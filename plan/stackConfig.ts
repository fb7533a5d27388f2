import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { exitCodes } from "../commands/exitCodes";
import { fault } from "../settings/fault";
import { UserError } from "../commands/userError";

/** Configuration of a stack, in the form in which the engine hands it to the program. */
export interface StackConfig {
    readonly project: string;
    readonly stack: string;
    readonly values: Record<string, string>;
    readonly secretKeys: string[];
}

/** A setting as Pulumi.yaml declares it. */
export interface Declaration {
    readonly type?: string;
    readonly default?: unknown;
    readonly description?: string;
    /** For keys of other namespaces, such as `aws:region`. */
    readonly value?: unknown;
}

const root = path.join(__dirname, "..");

/** Stands for a value that only the stack's secrets provider can read. It takes part in the evaluation, encrypted for good. */
const unreadableSecret = "secret-that-only-the-stack-can-read";

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/**
 * What a settings file of the program's folder holds.
 *
 * @throws UserError where it is no YAML
 */
export function readYaml(file: string): Record<string, unknown> {
    try {
        return (parse(readFileSync(path.join(root, file), "utf8")) ?? {}) as Record<string, unknown>;
    } catch (error) {
        // Its first line: the others repeat the file's text.
        const [reason] = (error as Error).message.split("\n");
        throw new UserError(fault(file, reason, "YAML", "correct it"), exitCodes.input);
    }
}

/** Stacks that have a settings file. */
export const stackNames = (): string[] =>
    readdirSync(root).flatMap((entry) => /^Pulumi\.(.+)\.yaml$/.exec(entry)?.[1] ?? []);

/** The project's name and what Pulumi.yaml declares. */
export function readProject(): { name: string; declarations: Record<string, Declaration> } {
    const { name, config } = readYaml("Pulumi.yaml") as { name: string; config: Record<string, Declaration> };
    return { name, declarations: config };
}

/**
 * Does offline what the engine does before it starts the program: Pulumi.yaml's defaults below the stack's own values.
 *
 * @param own the stack's own values, project settings without their namespace; default: those of `Pulumi.<stack>.yaml`
 */
export function stackConfig(stack: string, own: Record<string, unknown> = ownValues(stack)): StackConfig {
    const { name, declarations } = readProject();
    const qualified = (key: string) => (key.includes(":") ? key : `${name}:${key}`);
    const values: Record<string, string> = {};
    const secretKeys: string[] = [];
    const set = (key: string, value: unknown) => {
        const encrypted = typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
        values[qualified(key)] = encrypted ? unreadableSecret : asText(value);
        if (encrypted) {
            secretKeys.push(qualified(key));
        }
    };
    for (const [key, declaration] of Object.entries(declarations)) {
        set(key, declaration.value ?? declaration.default);
    }
    for (const [key, value] of Object.entries(own)) {
        set(key, value);
    }
    return { project: name, stack, values, secretKeys };
}

function ownValues(stack: string): Record<string, unknown> {
    const file = `Pulumi.${stack}.yaml`;
    if (!existsSync(path.join(root, file))) {
        throw new UserError(
            fault(
                "stack",
                `"${stack}", but there is no ${file}`,
                stackNames().sort().join(", "),
                `name one of these, or write ${file}, which may be empty`,
            ),
            exitCodes.input,
        );
    }
    return (readYaml(file).config ?? {}) as Record<string, unknown>;
}
