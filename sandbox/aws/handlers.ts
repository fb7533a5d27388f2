import type { EC2Client } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";

/** Clients of the emulator's AWS API. */
export interface Clients {
    readonly region: string;
    readonly s3: S3Client;
    readonly iam: IAMClient;
    readonly ec2: EC2Client;
    readonly ssm: SSMClient;
    readonly sts: STSClient;
}

/** Inputs of a resource, as the program gave them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- their types are those of @pulumi/aws, checked where they are written
export type Inputs = Record<string, any>;

/** Creates a resource through the AWS API, and returns its id and what AWS adds to the inputs. */
export type Create = (clients: Clients, inputs: Inputs, name: string) => Promise<{ id: string } & Inputs>;

/** Answers a look-up through the AWS API. */
export type Lookup = (clients: Clients, inputs: Inputs) => Promise<Inputs>;

export interface Handlers {
    /** By type; the name is the one that the engine would have given. */
    readonly create: Record<string, Create>;
    readonly lookup: Record<string, Lookup>;
}

/** AWS takes tags as a list. */
export const tagList = (tags: Record<string, string> | undefined) =>
    Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));

export const policyText = (policy: unknown): string => (typeof policy === "string" ? policy : JSON.stringify(policy));
