import * as pulumi from "@pulumi/pulumi";

const { isRpcSecret, unwrapRpcSecret } = pulumi.runtime;

/** Replaces each secret in a resource's inputs, at any depth. */
export function withSecrets(value: unknown, replace: (secret: unknown) => unknown): unknown {
    if (isRpcSecret(value)) {
        return replace(withSecrets(unwrapRpcSecret(value), replace));
    }
    if (Array.isArray(value)) {
        return value.map((inner) => withSecrets(inner, replace));
    }
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, replace)]));
    }
    return value;
}
