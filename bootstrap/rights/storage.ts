import type { Rights } from "./rights";

/** Nothing of AWS: the resource exists in the state alone. */
const nothing: Rights = {};

/** A part of a bucket's configuration: one action reads it, one sets it (and takes it away). */
const configuration = (read: string, change: string): Rights => ({
    read: { bucket: [read] },
    change: { bucket: [change] },
});

/** The bucket, what is in it, and parameters. */
export const storageRights = {
    "random:index/randomId:RandomId": nothing,

    "aws:s3/bucket:Bucket": {
        read: {
            bucket: [
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetBucketAcl",
                "s3:GetBucketCORS",
                "s3:GetBucketWebsite",
                "s3:GetBucketVersioning",
                "s3:GetAccelerateConfiguration",
                "s3:GetBucketRequestPayment",
                "s3:GetBucketLogging",
                "s3:GetLifecycleConfiguration",
                "s3:GetReplicationConfiguration",
                "s3:GetEncryptionConfiguration",
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketPolicy",
                "s3:GetBucketTagging",
                "s3:ListTagsForResource",
            ],
        },
        change: {
            bucket: ["s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"],
            unprotectedBucket: ["s3:DeleteBucket"],
            disposableObjects: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        },
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": configuration(
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": configuration(
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": configuration(
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": configuration("s3:GetBucketVersioning", "s3:PutBucketVersioning"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": configuration(
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": {
        read: { bucket: ["s3:GetBucketPolicy"] },
        change: { bucket: ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] },
    },
    "aws:s3/bucketObjectv2:BucketObjectv2": {
        read: { anyBucket: ["s3:ListBucket"], hostFolder: ["s3:GetObject", "s3:GetObjectTagging"] },
        change: {
            // The provider deletes all versions of an object that it made.
            anyBucket: ["s3:ListBucketVersions"],
            hostFolder: ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        },
    },
    "aws:ssm/parameter:Parameter": {
        read: {
            anything: ["ssm:DescribeParameters"],
            parameter: ["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"],
        },
        change: {
            parameter: [
                "ssm:PutParameter",
                "ssm:DeleteParameter",
                "ssm:AddTagsToResource",
                "ssm:RemoveTagsFromResource",
            ],
        },
    },
} as const satisfies Record<string, Rights>;
