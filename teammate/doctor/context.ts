import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { clientOptions } from "../../commands/awsClient";
import type { StackOutputs } from "../../commands/outputs";

/** What the checks look at. */
export interface Context {
    readonly outputs: StackOutputs;
    /** Of the shell from which the command was started: the one in which the client runs, too. */
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    /** With which AWS is asked. */
    readonly profile: string;
    /** Whether that is the teammates' own, whose rights the outputs say. */
    readonly isClientProfile: boolean;
    /** The client's Python, as the user named it. */
    readonly python?: string;
    readonly aws: AwsClients;
    readonly now: Date;
    /** Aborted by Ctrl-C: begin nothing more. */
    readonly signal: AbortSignal;
    /** What must be brought to its end before the command ends. */
    readonly unfinished: Promise<unknown>[];
}

export interface AwsClients {
    readonly s3: S3Client;
    readonly sts: STSClient;
    readonly ec2: EC2Client;
    readonly ssm: SSMClient;
}

export interface ContextOptions {
    readonly profile?: string;
    readonly python?: string;
    readonly signal?: AbortSignal;
}

export function contextOf(
    outputs: StackOutputs,
    environment: Readonly<NodeJS.ProcessEnv>,
    { profile = outputs.profileName, python, signal = new AbortController().signal }: ContextOptions,
): Context {
    const options = { ...clientOptions(outputs.region), profile };
    return {
        outputs,
        environment,
        profile,
        isClientProfile: profile === outputs.profileName,
        python,
        aws: {
            s3: new S3Client(options),
            sts: new STSClient(options),
            ec2: new EC2Client(options),
            ssm: new SSMClient(options),
        },
        now: new Date(),
        signal,
        unfinished: [],
    };
}

/** Ends what must be ended, and lets go of the connections. */
export async function close({ aws, unfinished }: Context): Promise<void> {
    await Promise.allSettled(unfinished);
    Object.values(aws).forEach((client: AwsClients[keyof AwsClients]) => client.destroy());
}

/** What several checks want to know is asked for once. */
export function once<Fact>(find: (context: Context) => Promise<Fact>): (context: Context) => Promise<Fact> {
    const known = new WeakMap<Context, Promise<Fact>>();
    return (context) => {
        const fact = known.get(context) ?? find(context);
        known.set(context, fact);
        return fact;
    };
}
