import * as s3 from "@aws-sdk/client-s3";
import { type Create, type Handlers, type Inputs, tagList } from "./handlers";

/** A part of the bucket's configuration, which has the bucket's name as its id. */
const configuration =
    (put: (client: s3.S3Client, inputs: Inputs) => Promise<unknown>): Create =>
    async (clients, inputs) => {
        await put(clients.s3, inputs);
        return { id: inputs.bucket };
    };

export const s3Handlers: Handlers = {
    create: {
        "aws:s3/bucket:Bucket": async ({ s3: client, region }, { bucket: Bucket, tags }) => {
            const LocationConstraint = region as s3.BucketLocationConstraint;
            await client.send(
                new s3.CreateBucketCommand({
                    Bucket,
                    CreateBucketConfiguration: region === "us-east-1" ? undefined : { LocationConstraint },
                }),
            );
            await client.send(new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } }));
            return { id: Bucket, arn: `arn:aws:s3:::${Bucket}` };
        },
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": configuration(
            (client, { bucket, blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets }) =>
                client.send(
                    new s3.PutPublicAccessBlockCommand({
                        Bucket: bucket,
                        PublicAccessBlockConfiguration: {
                            BlockPublicAcls: blockPublicAcls,
                            BlockPublicPolicy: blockPublicPolicy,
                            IgnorePublicAcls: ignorePublicAcls,
                            RestrictPublicBuckets: restrictPublicBuckets,
                        },
                    }),
                ),
        ),
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": configuration((client, { bucket, rule }) =>
            client.send(
                new s3.PutBucketOwnershipControlsCommand({
                    Bucket: bucket,
                    OwnershipControls: { Rules: [{ ObjectOwnership: rule.objectOwnership }] },
                }),
            ),
        ),
        "aws:s3/bucketVersioning:BucketVersioning": configuration((client, { bucket, versioningConfiguration }) =>
            client.send(
                new s3.PutBucketVersioningCommand({
                    Bucket: bucket,
                    VersioningConfiguration: { Status: versioningConfiguration.status },
                }),
            ),
        ),
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": configuration(
            (client, { bucket, rules: [rule] }) =>
                client.send(
                    new s3.PutBucketEncryptionCommand({
                        Bucket: bucket,
                        ServerSideEncryptionConfiguration: {
                            Rules: [
                                {
                                    ApplyServerSideEncryptionByDefault: {
                                        SSEAlgorithm: rule.applyServerSideEncryptionByDefault.sseAlgorithm,
                                    },
                                },
                            ],
                        },
                    }),
                ),
        ),
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": configuration((client, { bucket, rules }) =>
            client.send(
                new s3.PutBucketLifecycleConfigurationCommand({
                    Bucket: bucket,
                    LifecycleConfiguration: { Rules: rules.map(lifecycleRule) },
                }),
            ),
        ),
        // Stored by nobody: the emulator ignores conditions, so that "deny without TLS" would deny everything.
        "aws:s3/bucketPolicy:BucketPolicy": async (_, { bucket }) => ({ id: bucket }),
        "aws:s3/bucketObjectv2:BucketObjectv2": async (clients, { bucket, key, contentBase64, contentType, tags }) => {
            await clients.s3.send(
                new s3.PutObjectCommand({
                    Bucket: bucket,
                    Key: key,
                    Body: Buffer.from(contentBase64, "base64"),
                    ContentType: contentType,
                    Tagging: new URLSearchParams(tags).toString(),
                }),
            );
            return { id: key };
        },
    },
    lookup: {
        "aws:s3/getBucket:getBucket": async ({ s3: client }, { bucket }) => {
            const { BucketRegion } = await client.send(new s3.HeadBucketCommand({ Bucket: bucket }));
            return { bucket, arn: `arn:aws:s3:::${bucket}`, bucketRegion: BucketRegion };
        },
    },
};

function lifecycleRule(rule: Inputs): s3.LifecycleRule {
    const { abortIncompleteMultipartUpload: abort, noncurrentVersionExpiration: noncurrent, expiration } = rule;
    return {
        ID: rule.id,
        Status: rule.status,
        Filter: { Prefix: rule.filter.prefix ?? "" },
        AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: abort.daysAfterInitiation },
        NoncurrentVersionExpiration: noncurrent && { NoncurrentDays: noncurrent.noncurrentDays },
        Expiration: expiration && {
            Days: expiration.days,
            ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
        },
    };
}
