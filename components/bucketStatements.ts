import type { PolicyStatement } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";

// What may be done in the artifact bucket, statement by statement: the bucket hands them out, user and role attach them.

type Arn = pulumi.Output<string>;

const objects = (bucket: Arn, folder: string) => pulumi.interpolate`${bucket}/${folder}/*`;

const allow = (
    Sid: string,
    Action: string[],
    Resource: PolicyStatement["Resource"],
    Condition?: PolicyStatement["Condition"],
): PolicyStatement => ({ Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) });

const below = (folder: string) => ({ StringLike: { "s3:prefix": `${folder}/*` } });

export const readArtifacts = (bucket: Arn, prefix: string): PolicyStatement[] => [
    allow("ListArtifacts", ["s3:ListBucket"], bucket, below(prefix)),
    allow("ReadArtifacts", ["s3:GetObject"], objects(bucket, prefix)),
];

export const writeArtifacts = (bucket: Arn, prefix: string): PolicyStatement[] => [
    allow("WriteArtifacts", ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], objects(bucket, prefix)),
];

/**
 * The bundle that the host installs, and its backups. A backup that is there can't be replaced: without the demand that its
 * name is new, a write is refused. The parts of a large one come without it, and become an object only by a last request
 * that has it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export const useHostFolders = (bucket: Arn): PolicyStatement[] => {
    const backups = objects(bucket, "backups");
    return [
        allow("ReadHostBundle", ["s3:GetObject"], objects(bucket, "host")),
        allow("ListBackups", ["s3:ListBucket"], bucket, below("backups")),
        allow("ReadBackups", ["s3:GetObject"], backups),
        allow("AddBackups", ["s3:PutObject"], backups, { Null: { "s3:if-none-match": "false" } }),
        allow("SendPartsOfBackups", ["s3:PutObject"], backups, { Bool: { "s3:ObjectCreationOperation": "false" } }),
    ];
};

export const denyWithoutTls = (bucket: Arn): PolicyStatement => ({
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:*"],
    Resource: [bucket, pulumi.interpolate`${bucket}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
});

export function denyOthers(bucket: Arn, prefix: string, principalArns: pulumi.Input<string>[]): PolicyStatement[] {
    const others = { ArnNotLike: { "aws:PrincipalArn": principalArns } };
    const deny = { Effect: "Deny", Principal: "*" } as const;
    return [
        {
            ...deny,
            Sid: "OnlyNamedPrincipalsList",
            Action: ["s3:ListBucket"],
            Resource: bucket,
            Condition: { ...others, ...below(prefix) },
        },
        {
            ...deny,
            Sid: "OnlyNamedPrincipalsUse",
            Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            Resource: objects(bucket, prefix),
            Condition: others,
        },
    ];
}
