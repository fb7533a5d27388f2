import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { createStack, type EmulatedStack } from "../../sandbox/emulatedStack";
import { startEmulator } from "../../sandbox/emulator";
import { cleanEnvironment } from "../../sandbox/tools";
import type { Check, Verdict } from "../../teammate/doctor/check";
import { close, contextOf } from "../../teammate/doctor/context";
import { type Result, runChecks } from "../../teammate/doctor/runChecks";
import { parseOutputs, type StackOutputs } from "../../commands/outputs";
import { AwsFront, type StandIns } from "./doctorAws";
import { install, temporaryFolder } from "./sandbox";
import { valuesOf } from "./stack";
import { TeammateServer } from "./teammate";

/** Where one check runs, and what it must find. */
export interface Case {
    readonly id: string;
    /** Completes the test's title. */
    readonly when: string;
    readonly verdict: Verdict;
    /** In the evidence. */
    readonly evidence: RegExp;
    readonly remedy?: string;
    readonly outputs?: Partial<StackOutputs>;
    /** Variables of the shell; nothing of AWS, MLflow or Python is there beside them and the address of AWS. */
    readonly environment?: Record<string, string>;
    readonly files?: Files;
    readonly profile?: string;
    readonly python?: string;
    readonly standIns?: StandIns;
    /** Brings about what the check looks at, and returns what undoes it. */
    readonly prepare?: () => Promise<() => unknown>;
}

/** The AWS files of the teammate. */
export interface Files {
    readonly config: string;
    readonly credentials: string;
}

/** A stack in the emulator, the real server behind a forwarder on the stack's local port, and a teammate. */
export class DoctorScene {
    private constructor(
        readonly folder: string,
        readonly stack: EmulatedStack,
        readonly front: AwsFront,
        readonly server: TeammateServer,
        readonly outputs: StackOutputs,
        /** Of the stack's profile, and of an operator's. */
        readonly files: Files,
        private readonly cleanups: (() => Promise<void> | void)[],
    ) {}

    static async start(): Promise<DoctorScene> {
        const folder = temporaryFolder();
        const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
        const stop = async () => {
            for (const cleanup of cleanups.reverse()) {
                await cleanup();
            }
        };
        try {
            const server = await TeammateServer.start();
            cleanups.push(() => server.stop());
            const emulator = await startEmulator(await install(), folder);
            cleanups.push(() => emulator.stop());
            const front = await AwsFront.start(emulator.endpoint);
            cleanups.push(() => front.stop());
            const stack = await createStack(emulator.endpoint, { localPort: server.port });
            const outputs = parseOutputs(valuesOf(stack.evaluation.outputs));
            const { accessKeyId, secretAccessKey } = await stack.clients.sts.config.credentials();
            const files = {
                config: `${outputs.profileConfigSnippet}\n[profile operator]\nregion = ${outputs.region}\n`,
                credentials: `${outputs.profileCredentialsSnippet}\n${credentials("operator", accessKeyId, secretAccessKey)}`,
            };
            return new DoctorScene(folder, stack, front, server, outputs, files, cleanups);
        } catch (error) {
            await stop();
            throw error;
        }
    }

    async stop(): Promise<void> {
        for (const cleanup of this.cleanups.reverse()) {
            await cleanup();
        }
    }

    /** Variables for a shell of the teammate, with these AWS files: of a new name each time, for the SDK keeps what it has read. */
    shell(extra: Record<string, string> = {}, { config, credentials }: Files = this.files): NodeJS.ProcessEnv {
        const folder = path.join(mkdtempSync(path.join(this.folder, "home-")), ".aws");
        mkdirSync(folder);
        const [AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE] = ["config", "credentials"].map((name) =>
            path.join(folder, name),
        );
        writeFileSync(AWS_CONFIG_FILE, config);
        writeFileSync(AWS_SHARED_CREDENTIALS_FILE, credentials, { mode: 0o600 });
        const programs = path.join(path.dirname(folder), "bin");
        mkdirSync(programs);
        for (const name of ["aws", "session-manager-plugin"]) {
            writeFileSync(path.join(programs, name), "#!/bin/false\n", { mode: 0o755 });
        }
        const env = cleanEnvironment({
            PATH: `${programs}${path.delimiter}${process.env.PATH}`,
            HOME: path.dirname(folder),
            AWS_CONFIG_FILE,
            AWS_SHARED_CREDENTIALS_FILE,
            AWS_ENDPOINT_URL: this.front.endpoint,
            AWS_EC2_METADATA_DISABLED: "true",
            ...extra,
        });
        for (const name of Object.keys(env).filter((name) => /_proxy$/i.test(name) && !(name in extra))) {
            delete env[name];
        }
        return env;
    }

    /** Runs one check alone, where the case says. */
    async finding(
        check: Check,
        { outputs, environment, files, profile, python, standIns = {}, prepare }: Case,
    ): Promise<Result> {
        const undo = await prepare?.();
        const before = { ...process.env };
        const env = this.shell(environment, files);
        // The SDK reads the variables of this process.
        setEnvironment(env);
        this.front.standIns = standIns;
        const context = contextOf({ ...this.outputs, ...outputs }, { ...env }, { profile, python });
        try {
            return await runChecks([{ ...check, after: [] }], context)[0];
        } finally {
            await close(context);
            this.front.standIns = {};
            setEnvironment(before);
            await undo?.();
        }
    }

    /** Every object of the bucket, however old its version. */
    async listing(): Promise<string[]> {
        const { Contents = [] } = await this.stack.clients.s3.send(
            new s3.ListObjectsV2Command({ Bucket: this.outputs.bucketName }),
        );
        return Contents.map(({ Key, ETag }) => `${Key} ${ETag}`).sort();
    }

    /** The stack's profile as a user with these rights in S3. */
    async as(name: string, ...actions: string[]): Promise<Files> {
        const client = this.stack.clients.iam;
        const UserName = `${name}-${path.basename(mkdtempSync(path.join(this.folder, "user-")))}`;
        await client.send(new iam.CreateUserCommand({ UserName }));
        if (actions.length > 0) {
            const Statement = [{ Effect: "Allow", Action: actions, Resource: "*" }];
            const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
            await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "rights", PolicyDocument }));
        }
        const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
        const { profileName, profileConfigSnippet } = this.outputs;
        return {
            config: profileConfigSnippet,
            credentials: credentials(profileName, AccessKey!.AccessKeyId!, AccessKey!.SecretAccessKey!),
        };
    }
}

export const credentials = (profile: string, id: string, secret: string): string =>
    `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;

function setEnvironment(variables: NodeJS.ProcessEnv): void {
    Object.keys(process.env)
        .filter((name) => !(name in variables))
        .forEach((name) => delete process.env[name]);
    Object.assign(process.env, variables);
}
