import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { type Evaluation, evaluate } from "../plan/evaluate";
import { stackConfig } from "../plan/stackConfig";
import { emulatedAws, operatorClients } from "./aws/emulatedAws";
import type { Clients } from "./aws/handlers";

/** A stack that exists in the emulator. */
export interface EmulatedStack {
    readonly clients: Clients;
    readonly evaluation: Evaluation;
    /** A plain output, as text. */
    output(name: string): string;
}

/** Creates everything that the real `index.ts` declares, through the AWS API of the emulator; from now on it checks its callers. */
export async function createStack(endpoint: string, settings: Record<string, unknown>): Promise<EmulatedStack> {
    const config = stackConfig("sandbox", settings);
    config.secretKeys.push(`${config.project}:databasePassword`);
    const clients = await operatorClients(endpoint, config.values["aws:region"]);
    await enforceIam(endpoint, true);
    const evaluation = await evaluate(config, emulatedAws(clients));
    return { clients, evaluation, output: (name) => String(evaluation.outputs[name]?.value) };
}

/**
 * Credentials of the server role, as EC2 would hand them to the instance: temporary ones. The role's trust policy lets no
 * other caller have them, so the emulator must not look for a moment.
 */
export async function assumeServerRole(stack: EmulatedStack, endpoint: string): Promise<Record<string, string>> {
    const request = new AssumeRoleCommand({
        RoleArn: stack.output("serverRoleArn"),
        RoleSessionName: stack.output("instanceId"),
    });
    await enforceIam(endpoint, false);
    const { Credentials } = await stack.clients.sts.send(request);
    await enforceIam(endpoint, true);
    return {
        AWS_ACCESS_KEY_ID: Credentials!.AccessKeyId!,
        AWS_SECRET_ACCESS_KEY: Credentials!.SecretAccessKey!,
        AWS_SESSION_TOKEN: Credentials!.SessionToken!,
    };
}

/** Has the emulator check every call against the caller's policies, or no call at all. */
export async function enforceIam(endpoint: string, enforced: boolean): Promise<void> {
    await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: enforced ? "0" : "inf" });
}

/** The text of `/etc/mlflow/stack.env`, out of the instance's user data. */
export function stackEnvironmentOf(evaluation: Evaluation): string {
    const instance = evaluation.resources.find(({ type }) => type === "aws:ec2/instance:Instance");
    const [, text] = /<<'END_OF_STACK_ENV'\n([^]*?)END_OF_STACK_ENV/.exec(String(instance?.inputs.userData)) ?? [];
    if (text === undefined) {
        throw new Error("the instance's user data holds no stack.env");
    }
    return text;
}
