import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Account } from "./account";
import * as statements from "./bucketStatements";
import { token } from "./token";

export interface ArtifactBucketArgs {
    readonly account: Account;
    /** First part of the generated name; 16 hex digits follow. */
    readonly namePrefix: string;
    /** Name of the new bucket instead of a generated one. */
    readonly bucketName?: string;
    /** Bucket to use instead of a new one; its own configuration is left alone. */
    readonly existing?: { readonly name: string; readonly arn: string };
    /** Folder of the artifacts, without slashes at its ends. */
    readonly artifactPrefix: string;
    /** Days until an overwritten or deleted version is gone for good. */
    readonly noncurrentVersionDays: number;
    /** Days until a backup of the database is deleted. */
    readonly backupRetentionDays: number;
    /** Delete the bucket together with its content. */
    readonly forceDestroy: boolean;
    /** The caller will name the only principals by `restrictTo`. */
    readonly restricted: boolean;
    /** Refuse to delete the bucket. */
    readonly protect: boolean;
    readonly tags: Record<string, string>;
}

/** Unfinished uploads are invisible and cost storage. https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html (S3.13) */
const abortIncompleteUploadDays = 7;

/**
 * An S3 bucket for artifacts: private, versioned, encrypted, reachable over TLS only; or an existing bucket, taken as it is.
 *
 * Three folders are in use: the artifacts, `host/` (what the instance installs) and `backups/`. The bucket hands out the
 * statements for those who may use them; nobody else writes an ARN of it.
 */
export class ArtifactBucket extends pulumi.ComponentResource {
    public readonly bucketName: pulumi.Output<string>;
    public readonly bucketArn: pulumi.Output<string>;
    /** `s3://<bucket>/<prefix>` */
    public readonly artifactRoot: pulumi.Output<string>;
    public readonly artifactPrefix: string;
    /** `s3://<bucket>/backups`, for backups of the database. */
    public readonly backupRoot: pulumi.Output<string>;
    private readonly account: Account;
    private readonly publicAccessBlock?: aws.s3.BucketPublicAccessBlock;

    constructor(
        private readonly name: string,
        args: ArtifactBucketArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("ArtifactBucket"), name, {}, opts);
        this.artifactPrefix = args.artifactPrefix;
        this.account = args.account;

        if (args.existing) {
            this.bucketName = pulumi.output(args.existing.name);
            this.bucketArn = pulumi.output(args.existing.arn);
        } else {
            const bucket = this.createBucket(args);
            this.bucketName = bucket.bucket;
            this.bucketArn = bucket.arn;
            this.configure(args);
            this.publicAccessBlock = this.blockPublicAccess();
            if (!args.restricted) {
                this.attachPolicy([]);
            }
        }

        this.artifactRoot = pulumi.interpolate`s3://${this.bucketName}/${args.artifactPrefix}`;
        this.backupRoot = pulumi.interpolate`s3://${this.bucketName}/backups`;
        this.registerOutputs({
            bucketName: this.bucketName,
            bucketArn: this.bucketArn,
            artifactRoot: this.artifactRoot,
        });
    }

    /** Look at and fetch artifacts. */
    public readStatements(): aws.iam.PolicyStatement[] {
        return statements.readArtifacts(this.bucketArn, this.artifactPrefix);
    }

    /** Add, replace and delete artifacts. The bucket keeps what was replaced or deleted: nobody may delete versions. */
    public writeStatements(): aws.iam.PolicyStatement[] {
        return statements.writeArtifacts(this.bucketArn, this.artifactPrefix);
    }

    /** Fetch what the instance installs; list, fetch and add backups, under new names only. */
    public hostStatements(): aws.iam.PolicyStatement[] {
        return statements.useHostFolders(this.bucketArn);
    }

    /**
     * Denies the artifacts, and only them, to everybody but the account root and these principals, whatever rights they
     * have elsewhere. Names of objects, old versions, the policy and the other folders stay with the account's
     * administrators: whoever must deploy or repair is not locked out.
     */
    public restrictTo(principalArns: pulumi.Input<string>[]): void {
        const { partition, accountId } = this.account;
        const named = [...principalArns, `arn:${partition}:iam::${accountId}:root`];
        this.attachPolicy(statements.denyOthers(this.bucketArn, this.artifactPrefix, named));
    }

    private createBucket(args: ArtifactBucketArgs): aws.s3.Bucket {
        return new aws.s3.Bucket(
            `${this.name}-bucket`,
            {
                bucket: args.bucketName ?? this.generatedName(args.namePrefix),
                forceDestroy: args.forceDestroy,
                tags: args.tags,
            },
            { parent: this, protect: args.protect },
        );
    }

    /** Unguessable, so that nobody can take the name of a deleted bucket and collect what clients still send there. */
    private generatedName(prefix: string): pulumi.Output<string> {
        const suffix = new random.RandomId(`${this.name}-suffix`, { byteLength: 8 }, { parent: this });
        return pulumi.interpolate`${prefix}-${suffix.hex}`;
    }

    private configure(args: ArtifactBucketArgs): void {
        const bucket = this.bucketName;
        new aws.s3.BucketOwnershipControls(
            `${this.name}-ownership`,
            { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
            { parent: this },
        );
        new aws.s3.BucketServerSideEncryptionConfiguration(
            `${this.name}-encryption`,
            {
                bucket,
                rules: [
                    {
                        applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
                        blockedEncryptionTypes: ["SSE-C"],
                    },
                ],
            },
            { parent: this },
        );
        const versioning = new aws.s3.BucketVersioning(
            `${this.name}-versioning`,
            { bucket, versioningConfiguration: { status: "Enabled" } },
            { parent: this },
        );
        new aws.s3.BucketLifecycleConfiguration(
            `${this.name}-lifecycle`,
            {
                bucket,
                rules: [
                    {
                        id: "abort-incomplete-uploads",
                        status: "Enabled",
                        filter: {},
                        abortIncompleteMultipartUpload: { daysAfterInitiation: abortIncompleteUploadDays },
                    },
                    {
                        id: "expire-backups",
                        status: "Enabled",
                        filter: { prefix: "backups/" },
                        expiration: { days: args.backupRetentionDays },
                    },
                    {
                        id: "expire-noncurrent-versions",
                        status: "Enabled",
                        filter: {},
                        noncurrentVersionExpiration: { noncurrentDays: args.noncurrentVersionDays },
                        expiration: { expiredObjectDeleteMarker: true },
                    },
                ],
            },
            { parent: this, dependsOn: [versioning] },
        );
    }

    private blockPublicAccess(): aws.s3.BucketPublicAccessBlock {
        return new aws.s3.BucketPublicAccessBlock(
            `${this.name}-public-access-block`,
            {
                bucket: this.bucketName,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            { parent: this },
        );
    }

    /** A bucket has one policy, so all its statements come together. After the block: S3 refuses both at once (409). */
    private attachPolicy(more: aws.iam.PolicyStatement[]): void {
        const Statement = [statements.denyWithoutTls(this.bucketArn), ...more];
        new aws.s3.BucketPolicy(
            `${this.name}-policy`,
            { bucket: this.bucketName, policy: { Version: "2012-10-17", Statement } },
            { parent: this, dependsOn: this.publicAccessBlock ? [this.publicAccessBlock] : [] },
        );
    }
}
