import { type Fault, fault } from "./fault";
import { relations } from "./relations";
import { type Key, ruleOf, rules, type Values } from "./rules";

const keys = Object.keys(rules) as Key[];

/** A private key, or an address with its password, that was pasted into the wrong setting. */
const misplacedSecret = /PRIVATE KEY|password\s*=|"(?:[^"\\:]|\\.)*:(?:[^"\\]|\\.)*@/i;

function shown(key: Key, value: unknown, encrypted: boolean): string {
    if (value === undefined) {
        return "nothing";
    }
    const text = JSON.stringify(value);
    const secret = ruleOf(key).secret || encrypted || misplacedSecret.test(text);
    return secret && value !== "" ? "(not shown)" : text;
}

/** Pulumi hands every value over as text; this is its inverse, by the type that the setting has. */
function parsed(key: Key, text: string): unknown {
    const { type } = ruleOf(key);
    if (type === "string") {
        return text;
    }
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

const at = (key: Key, path: readonly PropertyKey[]) =>
    path.reduce<string>(
        (place, step) => (typeof step === "number" ? `${place}[${step}]` : `${place}.${String(step)}`),
        key,
    );

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown>)?.[step], value);

/**
 * Checks the settings of a stack, each by itself and then against each other.
 *
 * @param texts the configuration values, as Pulumi hands them over, without their namespace
 * @param secretKeys the keys whose values are stored encrypted
 * @returns the typed values, and everything that is wrong with them; the values may be used only without faults
 */
export function check(
    texts: Readonly<Record<string, string>>,
    secretKeys: ReadonlySet<string>,
): { values: Values; faults: Fault[] } {
    const faults: Fault[] = [];
    const values: Partial<Record<Key, unknown>> = {};
    for (const key of Object.keys(texts)) {
        if (!Object.hasOwn(rules, key)) {
            const near = keys.find((known) => known.toLowerCase() === key.toLowerCase()) ?? "";
            faults.push(
                fault(
                    key,
                    "a setting that does not exist",
                    near || "the settings in Pulumi.yaml",
                    `pulumi config rm ${key}`,
                ),
            );
        }
    }
    for (const key of keys) {
        const { schema, allowed, remedy = `pulumi config set ${key} <value>` } = ruleOf(key);
        const value = texts[key] === undefined ? undefined : parsed(key, texts[key]);
        const result = schema.safeParse(value);
        if (result.success) {
            values[key] = result.data;
        } else {
            const places = new Map(result.error.issues.map(({ path }) => [at(key, path), path]));
            for (const [place, path] of places) {
                faults.push(fault(place, shown(key, valueAt(value, path), secretKeys.has(key)), allowed, remedy));
            }
        }
    }
    if (texts.databasePassword && !secretKeys.has("databasePassword")) {
        faults.push(
            fault(
                "databasePassword",
                "a value in plain text",
                "an encrypted value",
                "pulumi config set --secret databasePassword",
            ),
        );
    }
    for (const relation of relations) {
        const known = [relation.key, ...relation.with].every((key) => key in values);
        if (known && relation.broken(values as Values)) {
            faults.push(
                fault(
                    relation.key,
                    shown(relation.key, values[relation.key], secretKeys.has(relation.key)),
                    relation.allowed,
                    relation.remedy,
                ),
            );
        }
    }
    return { values: values as Values, faults };
}
