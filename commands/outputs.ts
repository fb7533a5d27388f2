import { readFileSync } from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { UserError } from "./userError";
import { fault } from "../settings/fault";
import { installedPulumi, reasonOf } from "./engine";
import { exitCodes } from "./exitCodes";

const text = z.string().min(1);

/** Pulumi prints this in place of a secret, unless it is asked for secrets. */
const masked = "[secret]";
const secret = text.optional().transform((value) => (value === masked ? undefined : value));

/** What the commands need of the stable interface (README, Outputs). Secrets are absent where they were not given. */
const schema = z.object({
    outputsVersion: z.literal(1),
    stack: text,
    region: text,
    accountId: z.string().regex(/^\d{12}$/),
    bucketName: text,
    artifactRoot: z.string().regex(/^s3:\/\/[^/]+\/.+$/),

    clientUserName: text.optional(),
    clientAccessKeyId: text.optional(),
    clientSecretAccessKey: secret,
    clientAccessKeys: z
        .array(
            z.object({
                slot: z.enum(["a", "b"]),
                id: text,
                status: z.enum(["Active", "Inactive"]),
                created: z.iso.datetime({ offset: true }),
            }),
        )
        .optional(),
    clientRoleArns: z.array(text).optional(),
    clientS3Rights: z.enum(["readWrite", "readOnly", "none", "full"]),
    profileName: text,
    profileConfigSnippet: text,
    profileCredentialsSnippet: secret,
    profileSetupCommands: secret,
    profileVerifyCommands: text,

    serverRoleArn: text,
    instanceProfileName: text,
    instanceId: text,
    /** Where the host is stopped in between. */
    runningHours: text.optional(),
    /** With an existing instance only. */
    attachRoleCommand: text.optional(),
    accessMode: z.enum(["ssm", "ssh"]),
    sshAddress: text.optional(),
    tunnelCommand: text,
    trackingUri: z.string().regex(/^http:\/\/localhost:\d+$/),
    clientEnvironment: text,
    artifactMode: z.enum(["proxied", "direct"]),
    presignedTransfers: z.boolean(),
    mlflowVersion: text,
    backendKind: text,
});

export type StackOutputs = z.output<typeof schema>;

/**
 * The outputs of a stack, from its state or from a file.
 *
 * @param stack name of the stack; with a file, the stack that it must be of
 * @param file what `pulumi stack output --json` printed
 * @throws UserError that says what cannot be used and what to do
 */
export async function readOutputs(stack: string | undefined, file: string | undefined): Promise<StackOutputs> {
    if (file === undefined && stack === undefined) {
        throw refusal("stack", "nothing", "the name of a stack, or --outputs <file>", "add it, such as dev");
    }
    const outputs = parseOutputs(file === undefined ? await fromState(stack!) : fromFile(file));
    if (stack !== undefined && outputs.stack !== stack) {
        throw refusal(
            "--outputs",
            `${file}, which is of stack ${outputs.stack}`,
            `a file of stack ${stack}`,
            `leave the stack's name out, or ask for the outputs of ${stack}`,
        );
    }
    return outputs;
}

const refusal = (...words: Parameters<typeof fault>) => new UserError(fault(...words), exitCodes.input);

/** @throws UserError that names every output that is missing or has another form */
export function parseOutputs(values: unknown): StackOutputs {
    const { success, data, error } = schema.safeParse(values);
    if (success) {
        return data;
    }
    const places = [...new Set(error.issues.map(({ path: place }) => place.join(".") || "all of it"))].sort();
    throw refusal(
        "outputs",
        `missing or of another form: ${places.join(", ")}`,
        "the outputs of a stack of this version of the program, after its first `pulumi up`",
        "pulumi up, then pulumi stack output --json --stack <stack>",
    );
}

function fromFile(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw refusal(
            "--outputs",
            `${file}: ${(error as Error).message}`,
            "a file that `pulumi stack output --json` printed",
            "ask an operator for it",
        );
    }
}

async function fromState(stackName: string): Promise<unknown> {
    // Only here: it takes a second to load, which a teammate with a file need not wait for.
    const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation");
    const installed = installedPulumi();
    try {
        // Not selectStack, which would also make it the stack that the user's next pulumi command is about.
        const pulumiCommand = installed ? await PulumiCommand.get({ root: installed }) : undefined;
        const workspace = await LocalWorkspace.create({ workDir: path.join(__dirname, ".."), pulumiCommand });
        const outputs = await workspace.stackOutputs(stackName);
        if (Object.keys(outputs).length === 0) {
            throw new Error("it has no outputs yet");
        }
        // With a wrong passphrase, Pulumi gives null in place of a secret, and no error.
        if (Object.values(outputs).some(({ value }) => value === null)) {
            throw new Error("its secrets cannot be decrypted: incorrect passphrase");
        }
        return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
    } catch (error) {
        throw refusal("stack", `${stackName}, which Pulumi cannot read`, ...whatToDo(stackName, error as Error));
    }
}

/** What is allowed, and the remedy, by what Pulumi said. */
function whatToDo(stack: string, { message }: Error): [string, string] {
    const known: [RegExp, string, string][] = [
        [/ENOENT|command not found|spawn pulumi/i, "a machine with the Pulumi CLI", "npm install, or --outputs <file>"],
        [/no stack named|not found/i, "a stack that exists in the state you are logged in to", "npx pulumi stack ls"],
        [/no outputs yet/, "a stack that was deployed", `npx pulumi up --stack ${stack}`],
        [
            /passphrase/i,
            "the passphrase of the stack",
            "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or use --outputs <file>",
        ],
        [/PULUMI_ACCESS_TOKEN|not logged in|pulumi login/i, "a login", "npx pulumi login s3://<state bucket>"],
    ];
    const [, allowed, remedy] = known.find(([pattern]) => pattern.test(message)) ?? [
        undefined,
        "a stack whose state you can read",
        `npx pulumi stack output --stack ${stack} says why, or ask an operator for a file for --outputs`,
    ];
    return [`${allowed} (${reasonOf(message)})`, remedy];
}
