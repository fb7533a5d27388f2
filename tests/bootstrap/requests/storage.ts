import { account, type Asks, each, region, type Request, text } from "./request";

const bucketOf = (inputs: Readonly<Record<string, unknown>>) => `arn:aws:s3:::${text(inputs.bucket)}`;

const part =
    (read: string, change: string, remove = change): Asks =>
    ({ inputs }) => ({
        create: [[change, bucketOf(inputs)]],
        read: [[read, bucketOf(inputs)]],
        update: [[change, bucketOf(inputs)]],
        delete: [[remove, bucketOf(inputs)]],
    });

/** The bucket, what is in it, and parameters. */
export const storage: Readonly<Record<string, Asks>> = {
    "random:index/randomId:RandomId": () => ({ create: [], read: [], update: [], delete: [] }),
    "aws:s3/bucket:Bucket": ({ inputs }) => {
        const bucket = bucketOf(inputs);
        return {
            create: each(["s3:CreateBucket", "s3:TagResource"], bucket),
            // HeadBucket is ListBucket. Without one of these the provider stops with "access denied", also for what nobody has set.
            read: each(
                [
                    ...["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:GetBucketAcl"],
                    ...["s3:GetBucketCORS", "s3:GetBucketWebsite", "s3:GetBucketVersioning", "s3:GetBucketLogging"],
                    ...["s3:GetAccelerateConfiguration", "s3:GetBucketRequestPayment", "s3:GetLifecycleConfiguration"],
                    ...["s3:GetReplicationConfiguration", "s3:GetEncryptionConfiguration"],
                    ...["s3:GetBucketObjectLockConfiguration", "s3:GetBucketTagging", "s3:ListTagsForResource"],
                ],
                bucket,
            ),
            update: each(["s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"], bucket),
            delete: [
                ["s3:DeleteBucket", bucket],
                ...(inputs.forceDestroy
                    ? ([
                          ["s3:ListBucketVersions", bucket],
                          ...each(["s3:DeleteObject", "s3:DeleteObjectVersion"], `${bucket}/artifacts/1/model`),
                      ] as Request[])
                    : []),
            ],
        };
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": part(
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": part(
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": part(
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": part("s3:GetBucketVersioning", "s3:PutBucketVersioning"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": part(
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": part("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ({ inputs }) => {
        const object = `${bucketOf(inputs)}/${text(inputs.key)}`;
        const write = each(["s3:PutObject", "s3:PutObjectTagging"], object);
        return {
            create: write,
            read: [["s3:ListBucket", bucketOf(inputs)], ...each(["s3:GetObject", "s3:GetObjectTagging"], object)],
            update: write,
            // All versions, each by itself.
            delete: [
                ["s3:ListBucketVersions", bucketOf(inputs)],
                ...each(["s3:DeleteObject", "s3:DeleteObjectVersion"], object),
            ],
        };
    },
    "aws:ssm/parameter:Parameter": ({ inputs }) => {
        const parameter = `arn:aws:ssm:${region}:${account}:parameter${text(inputs.name)}`;
        return {
            create: each(["ssm:PutParameter", "ssm:AddTagsToResource"], parameter),
            read: [
                ["ssm:DescribeParameters", "*"],
                ...each(["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"], parameter),
            ],
            update: each(["ssm:PutParameter", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"], parameter),
            delete: [["ssm:DeleteParameter", parameter]],
        };
    },
};
