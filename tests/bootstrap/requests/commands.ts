import { account, asKeys, each, region, type Request, stackTags } from "./request";

// What the commands of CI ask for besides the program, for the stack `dev`: read in the source of the engine's backend for buckets.

const bucket = "arn:aws:s3:::github-mlflow-state-0123456789abcdef";
const key = `arn:aws:kms:us-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const state = `${bucket}/.pulumi/stacks/mlflow-aws/dev.json`;
const records = ["history/mlflow-aws/dev/dev-1.checkpoint.json", "backups/mlflow-aws/dev/dev.1.json"];
const lock = `${bucket}/.pulumi/locks/organization/mlflow-aws/dev/0a1b.json`;
const user = `arn:aws:iam::${account}:user/mlflow-dev-client`;
const instance = `arn:aws:ec2:${region}:${account}:instance/i-0a1b2c3d4e5f60718`;
const document = `arn:aws:ssm:${region}::document/AWS-StartPortForwardingSession`;
const session = `arn:aws:ssm:${region}:${account}:session/`;
const checked = { "ssm:SessionDocumentAccessCheck": "true" };
/** Of a role's session: the role's id, and a name. */
const me = { "aws:userid": "AROAEXAMPLEDEPLOYROLE:up" };

/** A preview takes no lock and writes nothing. */
export const previewCommands: readonly Request[] = [
    ["s3:ListBucket", bucket],
    ["s3:GetObject", `${bucket}/.pulumi/meta.yaml`],
    ["s3:GetObject", state],
    ["kms:Decrypt", key, { "kms:EncryptionContext:environment": "dev" }],
    // Is a key in use?
    ...each(["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"], user),
];

export const deployCommands: readonly Request[] = [
    ...each(["s3:PutObject", "s3:DeleteObject"], state),
    ...each(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], lock),
    ...records.flatMap((record) => each(["s3:GetObject", "s3:PutObject"], `${bucket}/.pulumi/${record}`)),
    // The health check: is the agent there, and a tunnel to the server; else the end of the boot log.
    ["ssm:DescribeInstanceInformation", "*"],
    ["ssm:StartSession", instance, { ...asKeys("ssm:resourceTag", stackTags), ...checked }],
    ["ssm:StartSession", document, checked],
    [
        "ssm:TerminateSession",
        `${session}up-0a1b`,
        { ...me, "ssm:resourceTag/aws:ssmmessages:session-id": me["aws:userid"] },
    ],
    ["ec2:GetConsoleOutput", instance, asKeys("aws:ResourceTag", stackTags)],
];
