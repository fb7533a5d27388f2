import type { Environment } from "../environment";
import { encryptionContext } from "../names";
import type { Definition } from "./scope";

const s3 = ({ partition }: Environment, ...names: (string | undefined)[]) =>
    names.flatMap((name) => (name ? [`arn:${partition}:s3:::${name}`] : []));
const ownBucket = (environment: Environment) => s3(environment, environment.bucket);
export const bucketsOf = (environment: Environment) => s3(environment, environment.bucket, environment.existingBucket);

export const parametersOf = ({ partition, region, accountId, name }: Environment) =>
    `arn:${partition}:ssm:${region}:${accountId}:parameter/${name}/*`;

/** State, secrets, the artifact bucket and parameters. */
export const storageScopes = {
    stateBucket: { words: "the state bucket", of: (_, { bucketArn }) => ({ Resource: [bucketArn] }) },
    stateVersion: {
        words: "the state bucket's `.pulumi/meta.yaml`",
        of: (_, { bucketArn }) => ({ Resource: [`${bucketArn}/.pulumi/meta.yaml`] }),
    },
    state: {
        words: "the stack's own state",
        of: ({ project, stack }, { bucketArn }) => ({
            Resource: [`${bucketArn}/.pulumi/stacks/${project}/${stack}.*`],
        }),
    },
    // Backups and history hold whole states, with the secrets of their time: nothing that a preview needs.
    stateRecords: {
        words: "the stack's own history, backups and lock",
        of: ({ project, stack }, { bucketArn }) => ({
            Resource: [
                `history/${project}/${stack}/*`,
                `backups/${project}/${stack}/*`,
                `locks/organization/${project}/${stack}/*`,
            ].map((path) => `${bucketArn}/.pulumi/${path}`),
        }),
    },
    secretsKey: {
        words: "the secrets key, with the stack's name as encryption context",
        of: ({ stack }, { keyArn }) => ({
            Resource: [keyArn],
            Condition: { StringEquals: { [`kms:EncryptionContext:${encryptionContext}`]: stack } },
        }),
    },

    bucket: { words: "the bucket that the program makes", of: (environment) => ({ Resource: ownBucket(environment) }) },
    unprotectedBucket: {
        words: "the bucket that the program makes, unless `protect` is set",
        of: (environment) => ({ Resource: environment.protect ? [] : ownBucket(environment) }),
    },
    disposableObjects: {
        words: "all objects of the bucket that the program makes, only with `forceDestroy`",
        of: (environment) => ({
            Resource: environment.forceDestroy ? ownBucket(environment).map((arn) => `${arn}/*`) : [],
        }),
    },
    anyBucket: {
        words: "the bucket, made or existing",
        of: (environment) => ({ Resource: bucketsOf(environment) }),
    },
    hostFolder: {
        words: "`host/` in the bucket, made or existing",
        of: (environment) => ({ Resource: bucketsOf(environment).map((arn) => `${arn}/host/*`) }),
    },
    parameter: {
        words: "parameters below `/mlflow-<stack>/`",
        of: (environment) => ({ Resource: [parametersOf(environment)] }),
    },
    imageParameter: {
        words: "AWS's parameters with the ids of its images",
        of: ({ partition, region }) => ({
            Resource: [`arn:${partition}:ssm:${region}::parameter/aws/service/ami-amazon-linux-latest/*`],
        }),
    },
} as const satisfies Record<string, Definition>;
