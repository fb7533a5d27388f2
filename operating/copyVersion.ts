import {
    AbortMultipartUploadCommand,
    CompleteMultipartUploadCommand,
    type CompletedPart,
    CopyObjectCommand,
    CreateMultipartUploadCommand,
    GetObjectTaggingCommand,
    HeadObjectCommand,
    type HeadObjectCommandOutput,
    type S3Client,
    UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { atOnce } from "./atOnce";
import type { Entry } from "./history";

/** In bytes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export interface CopyLimits {
    /** What one request copies at most. */
    readonly whole: number;
    /** Size of the parts of what is larger. */
    readonly part: number;
}

export const copyLimits: CopyLimits = { whole: 5 * 2 ** 30, part: 2 ** 30 };

const mostParts = 10_000;
const partsAtOnce = 4;

/** A copy has an ETag of its own when the original came in parts or is encrypted with KMS. This metadata tells what it is a copy of. */
const copyOf = "mlflow-restored-version";

const head = (client: S3Client, Bucket: string, { key, versionId }: Entry) =>
    client.send(new HeadObjectCommand({ Bucket, Key: key, VersionId: versionId }));

/** Whether an earlier run has made the one from the other. */
export async function isCopy(client: S3Client, bucket: string, copy: Entry, original: Entry): Promise<boolean> {
    // Most of what was overwritten has another size, and needs no request.
    return copy.size === original.size && (await head(client, bucket, copy)).Metadata?.[copyOf] === original.versionId;
}

/** Puts a copy of an old version over its key, within S3: with its type, metadata, tags, encryption and storage class. */
export async function copyVersion(client: S3Client, bucket: string, entry: Entry, limits: CopyLimits): Promise<void> {
    const target = { ...describedBy(await head(client, bucket, entry), entry), Bucket: bucket, Key: entry.key };
    const CopySource = sourceOf(bucket, entry);
    if (entry.size <= limits.whole) {
        await client.send(new CopyObjectCommand({ ...target, CopySource, MetadataDirective: "REPLACE" }));
        return;
    }
    const Tagging = await tagsOf(client, bucket, entry);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, Tagging }));
    const upload = { Bucket: bucket, Key: entry.key, UploadId };
    try {
        const Parts: CompletedPart[] = [];
        await atOnce(partsAtOnce, rangesOf(entry.size, limits.part).entries(), async ([index, CopySourceRange]) => {
            const part = { ...upload, PartNumber: index + 1, CopySource, CopySourceRange };
            const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
            Parts[index] = { PartNumber: part.PartNumber, ETag: CopyPartResult!.ETag };
        });
        await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    } catch (error) {
        // Should this fail as well, the bucket's lifecycle ends the upload.
        await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
        throw error;
    }
}

/** What S3 gives a copy only when it is told. */
const describedBy = (source: HeadObjectCommandOutput, { versionId }: Entry) => ({
    CacheControl: source.CacheControl,
    ContentDisposition: source.ContentDisposition,
    ContentEncoding: source.ContentEncoding,
    ContentLanguage: source.ContentLanguage,
    ContentType: source.ContentType,
    Expires: source.Expires,
    Metadata: { ...source.Metadata, [copyOf]: versionId },
    StorageClass: source.StorageClass,
    ServerSideEncryption: source.ServerSideEncryption,
    SSEKMSKeyId: source.SSEKMSKeyId,
    BucketKeyEnabled: source.BucketKeyEnabled,
});

/** A copy in one request takes the tags along; one in parts does not. */
async function tagsOf(client: S3Client, Bucket: string, { key, versionId }: Entry): Promise<string | undefined> {
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: key, VersionId: versionId }));
    return TagSet?.length
        ? new URLSearchParams(TagSet.map(({ Key, Value }): [string, string] => [Key!, Value!])).toString()
        : undefined;
}

/** The SDK sends this header as it is. */
export const sourceOf = (bucket: string, { key, versionId }: Pick<Entry, "key" | "versionId">): string =>
    `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}?versionId=${encodeURIComponent(versionId)}`;

/** The ranges of the parts, in order: larger ones where there would be too many. */
export function rangesOf(size: number, part: number): string[] {
    const step = Math.max(part, Math.ceil(size / mostParts));
    const starts = Array.from({ length: Math.ceil(size / step) }, (_, index) => index * step);
    return starts.map((start) => `bytes=${start}-${Math.min(start + step, size) - 1}`);
}
