import * as pulumi from "@pulumi/pulumi";
import { check } from "./settings/check";
import { type Fault, fault } from "./settings/fault";
import type { Values } from "./settings/rules";

/** The settings of one stack, checked and complete. */
export interface Settings extends Omit<Values, "databasePassword" | "tags"> {
    /** Name of the stack, such as `dev`. */
    readonly environment: string;
    /** First part of every name that people see: `mlflow-<stack>`. */
    readonly name: string;
    readonly databasePassword: pulumi.Output<string>;
    /** The given tags and the program's own. */
    readonly tags: Record<string, string>;
}

/** Exported by the SDK, but missing in its typings. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/** Names of users, buckets and parameters are made of the stack's name, so it must suit all of them. */
export const stackName = /^[a-z][a-z0-9-]{0,19}$/;

/**
 * Reads the stack's configuration: the only place that does.
 *
 * @throws RunError that names every fault, each with what was given, what is allowed and the remedy
 */
export function readSettings(): Settings {
    const environment = pulumi.getStack();
    const project = pulumi.getProject();
    const namespace = `${project}:`;
    const texts = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(namespace))
            .map(([key, text]) => [key.slice(namespace.length), text]),
    );
    const secretKeys = new Set(Object.keys(texts).filter((key) => isConfigSecret(namespace + key)));
    const { values, faults } = check(texts, secretKeys);
    if (!stackName.test(environment)) {
        faults.unshift(
            fault(
                "stack",
                `"${environment}"`,
                "1 to 20 lower-case letters, digits and hyphens, a letter first",
                "pulumi stack rename <name>",
            ),
        );
    }
    refuse(environment, faults);
    const name = `mlflow-${environment}`;
    return {
        ...values,
        environment,
        name,
        clientUserName: values.clientUserName || `${name}-client`,
        profileName: values.profileName || name,
        databasePassword: pulumi.secret(values.databasePassword),
        tags: { ...values.tags, Project: project, Environment: environment, ManagedBy: "Pulumi" },
    };
}

/** @throws RunError that names every fault, where there is one */
export function refuse(environment: string, faults: readonly Fault[]): void {
    if (faults.length > 0) {
        const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
        throw new pulumi.RunError(
            `The settings of stack ${environment} cannot be used (${count}):\n${faults.map((text) => `  ${text}`).join("\n")}`,
        );
    }
}
