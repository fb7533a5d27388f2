// Values on their way between engine and provider: plain, unknown in a preview, or secret.

/** The engine's word for a value that only an update will know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export type Properties = Record<string, unknown>;

const isObject = (value: unknown): value is Properties =>
    typeof value === "object" && value !== null && !Array.isArray(value);

const isSecret = (value: unknown): value is { value: unknown } =>
    isObject(value) && value[signatureKey] === secretSignature;

const secret = (value: unknown) => ({ [signatureKey]: secretSignature, value });

/** The value without the marks of secrets, at any depth. */
export function revealed(value: unknown): unknown {
    if (isSecret(value)) {
        return revealed(value.value);
    }
    if (Array.isArray(value)) {
        return value.map(revealed);
    }
    return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
        : value;
}

const holdsSecret = (value: unknown): boolean =>
    isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));

/** Names of the properties that are secret, or hold something that is. */
export const secretsOf = (properties: Properties): string[] =>
    Object.keys(properties).filter((key) => holdsSecret(properties[key]));

/** The properties with these marked as secret. */
export const withSecrets = (properties: Properties, names: readonly string[]): Properties =>
    Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, names.includes(key) ? secret(value) : value]),
    );

/** Paths of the leaves in which two values differ: `rules[0].id`. */
export function differences(one: unknown, other: unknown, at = ""): string[] {
    if (Array.isArray(one) && Array.isArray(other)) {
        const length = Math.max(one.length, other.length);
        return Array.from({ length }, (_, index) => differences(one[index], other[index], `${at}[${index}]`)).flat();
    }
    if (isObject(one) && isObject(other)) {
        const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
        return keys.flatMap((key) => differences(one[key], other[key], at ? `${at}.${key}` : key));
    }
    return one === other || isEmpty(one, other) ? [] : [at];
}

/** No value, and an empty list or object, are one and the same to AWS. */
const isEmpty = (...values: unknown[]) =>
    values.every(
        (value) =>
            value === undefined || value === null || (typeof value === "object" && Object.values(value).length === 0),
    );
