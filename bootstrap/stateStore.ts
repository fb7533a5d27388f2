import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { denyWithoutTls } from "../components/bucketStatements";
import { token } from "../components/token";
import type { Home } from "./environment";
import { secretsAlias } from "./names";

export interface StateStoreArgs {
    readonly home: Home;
    readonly tags: Record<string, string>;
}

/** Days that an overwritten state can still be brought back; the engine's own backups stay until somebody deletes them. */
const noncurrentVersionDays = 365;

/** The longest that KMS waits before it deletes a key, and every secret with it. */
const deletionWindowInDays = 30;

/**
 * Where the states of all environments are kept, and the key that their secrets are encrypted with. Both are protected: without
 * them nobody can deploy, and no secret can be read.
 */
export class StateStore extends pulumi.ComponentResource {
    public readonly bucketName: pulumi.Output<string>;
    public readonly bucketArn: pulumi.Output<string>;
    public readonly keyArn: pulumi.Output<string>;

    constructor(
        private readonly name: string,
        args: StateStoreArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("StateStore"), name, {}, opts);
        const { tags } = args;
        const suffix = new random.RandomId(`${name}-suffix`, { byteLength: 8 }, { parent: this });
        const bucket = new aws.s3.Bucket(
            `${name}-bucket`,
            // Not `mlflow-…`: an environment's rights to its own buckets must not fit this one.
            { bucket: pulumi.interpolate`github-mlflow-state-${suffix.hex}`, tags },
            { parent: this, protect: true },
        );
        this.bucketName = bucket.bucket;
        this.bucketArn = bucket.arn;
        this.configureBucket();
        this.keyArn = this.createKey(args).arn;
        this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn, keyArn: this.keyArn });
    }

    private configureBucket(): void {
        const { name, bucketName: bucket } = this;
        const options = { parent: this };
        new aws.s3.BucketOwnershipControls(
            `${name}-ownership`,
            { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
            options,
        );
        // SSE-S3: the secrets in a state are encrypted before they get here, with a key of their own. A KMS key for the rest would
        // open by the same rights that open the bucket, and be one more thing to lose.
        new aws.s3.BucketServerSideEncryptionConfiguration(
            `${name}-encryption`,
            {
                bucket,
                rules: [
                    {
                        applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
                        blockedEncryptionTypes: ["SSE-C"],
                    },
                ],
            },
            options,
        );
        const versioning = new aws.s3.BucketVersioning(
            `${name}-versioning`,
            { bucket, versioningConfiguration: { status: "Enabled" } },
            options,
        );
        new aws.s3.BucketLifecycleConfiguration(
            `${name}-lifecycle`,
            {
                bucket,
                rules: [
                    {
                        id: "expire-noncurrent-versions",
                        status: "Enabled",
                        filter: {},
                        noncurrentVersionExpiration: { noncurrentDays: noncurrentVersionDays },
                        expiration: { expiredObjectDeleteMarker: true },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                    },
                ],
            },
            { ...options, dependsOn: [versioning] },
        );
        const block = new aws.s3.BucketPublicAccessBlock(
            `${name}-public-access-block`,
            {
                bucket,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            options,
        );
        new aws.s3.BucketPolicy(
            `${name}-policy`,
            { bucket, policy: { Version: "2012-10-17", Statement: [denyWithoutTls(this.bucketArn)] } },
            { ...options, dependsOn: [block] },
        );
    }

    private createKey({ home, tags }: StateStoreArgs): aws.kms.Key {
        const key = new aws.kms.Key(
            `${this.name}-key`,
            {
                description: "Secrets of MLflow stacks",
                enableKeyRotation: true,
                deletionWindowInDays,
                policy: JSON.stringify({ Version: "2012-10-17", Statement: keyStatements(home) }),
                tags,
            },
            { parent: this, protect: true },
        );
        new aws.kms.Alias(`${this.name}-alias`, { name: secretsAlias, targetKeyId: key.keyId }, { parent: this });
        return key;
    }
}

/**
 * The account decides by IAM: administrators manage the key, and whoever has a right to use it there uses it. Without this statement a
 * key can become one that nobody can manage.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export const keyStatements = ({ partition, accountId }: Home) => [
    {
        Sid: "AccountDecidesByIam",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: ["kms:*"],
        Resource: "*",
    },
];
