import * as s3 from "@aws-sdk/client-s3";
import {
    type Handlers,
    type Inputs,
    type ResourceHandler,
    type State,
    tagList,
    tagsFrom,
    unlessGone,
} from "./handlers";

/** A part of the bucket's configuration, which has the bucket's name as its id. */
const configuration = (
    put: (client: s3.S3Client, inputs: Inputs) => Promise<unknown>,
    /** What can be found changed; nothing where only that it is gone is noticed. */
    get: (client: s3.S3Client, Bucket: string) => Promise<Inputs>,
    remove: (client: s3.S3Client, Bucket: string) => Promise<unknown>,
): ResourceHandler => ({
    async create(clients, inputs) {
        await put(clients.s3, inputs);
        return { id: inputs.bucket };
    },
    update: (clients, _, inputs) => put(clients.s3, inputs),
    async read(clients, id, state) {
        const found = await unlessGone(get(clients.s3, id));
        return found && { ...state, ...found };
    },
    delete: (clients, id) => unlessGone(remove(clients.s3, id)),
});

/** Deletes every version of every object under a prefix. */
async function empty(client: s3.S3Client, Bucket: string, Prefix?: string): Promise<void> {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
        new s3.ListObjectVersionsCommand({ Bucket, Prefix }),
    );
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
        await client.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
}

const tagsOf = async (client: s3.S3Client, Bucket: string) =>
    tagsFrom((await unlessGone(client.send(new s3.GetBucketTaggingCommand({ Bucket }))))?.TagSet);

const bucket: ResourceHandler = {
    async create({ s3: client, region }, { bucket: Bucket, tags }) {
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
    update: ({ s3: client }, Bucket, { tags }) =>
        client.send(new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } })),
    async read({ s3: client }, Bucket, state) {
        const found = await unlessGone(client.send(new s3.HeadBucketCommand({ Bucket })));
        return found && { ...state, tags: await tagsOf(client, Bucket) };
    },
    async delete({ s3: client }, Bucket, { forceDestroy }) {
        if (forceDestroy) {
            await empty(client, Bucket);
        }
        await unlessGone(client.send(new s3.DeleteBucketCommand({ Bucket })));
    },
};

const object: ResourceHandler = {
    async create(clients, inputs) {
        await putObject(clients.s3, inputs);
        return { id: inputs.key };
    },
    update: (clients, _, inputs) => putObject(clients.s3, inputs),
    read: async ({ s3: client }, Key, state) =>
        (await unlessGone(client.send(new s3.HeadObjectCommand({ Bucket: state.bucket, Key })))) && state,
    delete: ({ s3: client }, key, { bucket: name }: State) => unlessGone(empty(client, name as string, key)),
};

const putObject = (client: s3.S3Client, { bucket: Bucket, key, contentBase64, contentType, tags }: Inputs) =>
    client.send(
        new s3.PutObjectCommand({
            Bucket,
            Key: key,
            Body: Buffer.from(contentBase64, "base64"),
            ContentType: contentType,
            Tagging: new URLSearchParams(tags).toString(),
        }),
    );

const publicAccessBlock = configuration(
    (client, { bucket: Bucket, blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets }) =>
        client.send(
            new s3.PutPublicAccessBlockCommand({
                Bucket,
                PublicAccessBlockConfiguration: {
                    BlockPublicAcls: blockPublicAcls,
                    BlockPublicPolicy: blockPublicPolicy,
                    IgnorePublicAcls: ignorePublicAcls,
                    RestrictPublicBuckets: restrictPublicBuckets,
                },
            }),
        ),
    async (client, Bucket) => {
        const { PublicAccessBlockConfiguration: found } = await client.send(
            new s3.GetPublicAccessBlockCommand({ Bucket }),
        );
        return {
            blockPublicAcls: found!.BlockPublicAcls,
            blockPublicPolicy: found!.BlockPublicPolicy,
            ignorePublicAcls: found!.IgnorePublicAcls,
            restrictPublicBuckets: found!.RestrictPublicBuckets,
        };
    },
    (client, Bucket) => client.send(new s3.DeletePublicAccessBlockCommand({ Bucket })),
);

const ownershipControls = configuration(
    (client, { bucket: Bucket, rule }) =>
        client.send(
            new s3.PutBucketOwnershipControlsCommand({
                Bucket,
                OwnershipControls: { Rules: [{ ObjectOwnership: rule.objectOwnership }] },
            }),
        ),
    async (client, Bucket) => {
        const { OwnershipControls } = await client.send(new s3.GetBucketOwnershipControlsCommand({ Bucket }));
        return { rule: { objectOwnership: OwnershipControls!.Rules![0].ObjectOwnership } };
    },
    (client, Bucket) => client.send(new s3.DeleteBucketOwnershipControlsCommand({ Bucket })),
);

const putVersioning = (client: s3.S3Client, Bucket: string, Status: s3.BucketVersioningStatus) =>
    client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

const versioning = configuration(
    (client, { bucket: Bucket, versioningConfiguration }) =>
        putVersioning(client, Bucket as string, versioningConfiguration.status),
    async (client, Bucket) => {
        const { Status } = await client.send(new s3.GetBucketVersioningCommand({ Bucket }));
        return { versioningConfiguration: { status: Status } };
    },
    // It can only be suspended, as the provider does.
    (client, Bucket) => putVersioning(client, Bucket, "Suspended"),
);

const encryption = configuration(
    (client, { bucket: Bucket, rules: [rule] }) =>
        client.send(
            new s3.PutBucketEncryptionCommand({
                Bucket,
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
    async (client, Bucket) => (await client.send(new s3.GetBucketEncryptionCommand({ Bucket }))) && {},
    (client, Bucket) => client.send(new s3.DeleteBucketEncryptionCommand({ Bucket })),
);

const lifecycle = configuration(
    (client, { bucket: Bucket, rules }) =>
        client.send(
            new s3.PutBucketLifecycleConfigurationCommand({
                Bucket,
                LifecycleConfiguration: { Rules: rules.map(lifecycleRule) },
            }),
        ),
    async (client, Bucket) => (await client.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket }))) && {},
    (client, Bucket) => client.send(new s3.DeleteBucketLifecycleCommand({ Bucket })),
);

/** Stored by nobody: the emulator ignores conditions, so that "deny without TLS" would deny everything. */
const policy = configuration(
    async () => undefined,
    async () => ({}),
    async () => undefined,
);

export const s3Handlers: Handlers = {
    resources: {
        "aws:s3/bucket:Bucket": bucket,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownershipControls,
        "aws:s3/bucketVersioning:BucketVersioning": versioning,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
        "aws:s3/bucketPolicy:BucketPolicy": policy,
        "aws:s3/bucketObjectv2:BucketObjectv2": object,
    },
    lookup: {
        "aws:s3/getBucket:getBucket": async ({ s3: client }, { bucket: Bucket }) => {
            const { BucketRegion } = await client.send(new s3.HeadBucketCommand({ Bucket }));
            return { bucket: Bucket, arn: `arn:aws:s3:::${Bucket}`, bucketRegion: BucketRegion };
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
