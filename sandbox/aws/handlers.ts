import { isDeepStrictEqual } from "node:util";
import type { BudgetsClient } from "@aws-sdk/client-budgets";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { RDSClient } from "@aws-sdk/client-rds";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";

/** Clients of the emulator's AWS API. */
export interface Clients {
    readonly region: string;
    readonly s3: S3Client;
    readonly iam: IAMClient;
    readonly ec2: EC2Client;
    readonly rds: RDSClient;
    readonly ssm: SSMClient;
    readonly sts: STSClient;
    readonly scheduler: SchedulerClient;
    readonly budgets: BudgetsClient;
    readonly sns: SNSClient;
    readonly cloudwatch: CloudWatchClient;
    readonly logs: CloudWatchLogsClient;
}

/** Inputs of a resource, as the program gave them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- their types are those of @pulumi/aws, checked where they are written
export type Inputs = Record<string, any>;

/** Inputs, and what AWS has added to them. */
export type State = Inputs;

/** Creates a resource through the AWS API, and returns its id and what AWS adds to the inputs. */
export type Create = (clients: Clients, inputs: Inputs, name: string) => Promise<{ id: string } & Inputs>;

/** What can be done with a resource of one type. The sandbox creates; the tests with a real engine do the rest. */
export interface ResourceHandler {
    /** The name is the one that the engine would have given. */
    readonly create: Create;
    /** Brings what exists to other inputs; absent where every change replaces it. */
    readonly update?: (clients: Clients, id: string, inputs: Inputs, old: State) => Promise<unknown>;
    /** The state, with what AWS has now in place of what it had; nothing where it is gone. */
    readonly read: (clients: Clients, id: string, state: State) => Promise<State | undefined>;
    readonly delete: (clients: Clients, id: string, state: State) => Promise<unknown>;
}

/** Answers a look-up through the AWS API. */
export type Lookup = (clients: Clients, inputs: Inputs) => Promise<Inputs>;

export interface Handlers {
    /** By Pulumi type. */
    readonly resources: Readonly<Record<string, ResourceHandler>>;
    readonly lookup: Readonly<Record<string, Lookup>>;
}

/** AWS takes tags as a list. */
export const tagList = (tags: Record<string, string> | undefined) =>
    Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));

/** AWS gives tags as a list. */
export const tagsFrom = (list: { Key?: string; Value?: string }[] | undefined): Record<string, string> =>
    Object.fromEntries((list ?? []).map(({ Key, Value }) => [Key!, Value!]));

/** Keys of tags that are no more. */
export const tagsGone = (old: State, { tags = {} }: Inputs): string[] =>
    Object.keys(old.tags ?? {}).filter((key) => !(key in tags));

export const policyText = (policy: unknown): string => (typeof policy === "string" ? policy : JSON.stringify(policy));

/** A policy as AWS has it; the program's own where both say the same. */
export function policyFrom(text: string | undefined, own: unknown): unknown {
    const found: unknown = JSON.parse(text!.startsWith("%") ? decodeURIComponent(text!) : text!);
    return isDeepStrictEqual(found, JSON.parse(policyText(own))) ? own : found;
}

/** The answer; nothing where AWS says that there is no such thing. */
export async function unlessGone<T>(question: Promise<T>): Promise<T | undefined> {
    try {
        return await question;
    } catch (error) {
        if (/NotFound|NoSuch|InvalidAssociationID/.test((error as Error).name)) {
            return undefined;
        }
        throw error;
    }
}
