import assert from "node:assert";
import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { EmulatedStack } from "./emulatedStack";
import { type Result, runOrFail } from "../commands/run";
import { teammateShell } from "./teammateShell";
import { cleanEnvironment, toolFolder } from "./tools";

/** What the proof works on. */
export interface Subject {
    readonly stack: EmulatedStack;
    readonly endpoint: string;
    /** Folder for the homes of the two teammates. */
    readonly folder: string;
}

const shellOf = ({ folder, endpoint }: Subject) => teammateShell(path.join(folder, "home-with-profile"), endpoint);

const succeeded = (result: Result) => assert.strictEqual(result.status, 0, result.stderr || result.stdout);

const denied = (result: Result) => {
    assert.notStrictEqual(result.status, 0, "it was allowed");
    assert.match(result.stderr, /AccessDenied|UnauthorizedOperation|403/);
};

/** The printed commands, pasted as printed, make a profile that the real AWS CLI works with. */
export async function profileWorks(subject: Subject): Promise<string> {
    const { stack } = subject;
    const shell = shellOf(subject);
    succeeded(await shell(stack.output("profileSetupCommands")));
    const verified = await shell(stack.output("profileVerifyCommands"));
    succeeded(verified);
    assert.ok(verified.stdout.includes(`:user/${stack.output("clientUserName")}"`), verified.stdout);
    return `${stack.output("profileName")} is ${stack.output("clientUserName")}`;
}

/** With the profile, the teammate reaches the artifacts and nothing beside them. The emulator checks every call. */
export async function profileIsLimited(subject: Subject): Promise<string> {
    const { stack, folder } = subject;
    const shell = shellOf(subject);
    const bucket = stack.output("bucketName");
    const artifacts = `${stack.output("artifactRoot")}/sandbox-probe.txt`;
    const profile = `--profile ${stack.output("profileName")}`;
    const bundle = stack.evaluation.resources.find(({ type }) => type === "aws:s3/bucketObjectv2:BucketObjectv2");
    succeeded(await shell(`echo probe | aws s3 cp - ${artifacts} ${profile} && aws s3 rm ${artifacts} ${profile}`));
    const refused = [
        `aws s3 ls ${profile}`,
        `aws s3 cp s3://${bucket}/${String(bundle?.inputs.key)} ${folder}/bundle ${profile}`,
        `echo probe | aws s3 cp - s3://${bucket}/host/probe ${profile}`,
        `echo probe | aws s3 cp - s3://${bucket}/backups/probe ${profile}`,
        `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Suspended ${profile}`,
        `aws iam list-users ${profile}`,
        `aws ec2 describe-instances ${profile}`,
    ];
    for (const command of refused) {
        denied(await shell(command));
    }
    return `artifacts read and written, ${refused.length} other calls denied`;
}

/** How a client gets files back: through the server, or from S3 by signed addresses, which is its default. */
export type Download = "through the server" | "by signed address";

/** A client without any AWS settings logs a run with an artifact, reads it back, and the object is in the bucket. */
export async function clientLogsRun(subject: Subject, download: Download): Promise<string> {
    const { stack, folder } = subject;
    const home = path.join(folder, "home-without-aws");
    mkdirSync(home, { recursive: true });
    const env = cleanEnvironment({ HOME: home, TMPDIR: home });
    delete env.AWS_CA_BUNDLE;
    if (download === "through the server") {
        env.MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD = "false";
    }
    // As a teammate would: the printed environment, then the program.
    const python = path.join(toolFolder("client"), "python");
    const script = `${stack.output("clientEnvironment")}exec "$0" "$@"`;
    const { stdout } = await runOrFail(
        "the client",
        ["bash", "--norc", "-euc", script, python, path.join(__dirname, "client.py"), `sandbox, ${download}`],
        { env },
    );
    const { runId, artifactUri } = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, string>;
    assert.match(artifactUri, /^mlflow-artifacts:\//, "the client was sent to S3 itself");

    const root = new URL(stack.output("artifactRoot"));
    const key = `${root.pathname.slice(1)}${new URL(artifactUri).pathname}/notes/note.txt`;
    const object = await stack.clients.s3.send(new GetObjectCommand({ Bucket: root.host, Key: key }));
    assert.strictEqual(await object.Body?.transformToString(), "written by a client without AWS credentials\n");
    return `run ${runId}, s3://${root.host}/${key}`;
}
