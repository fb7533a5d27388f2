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

// A copy of an object within its bucket, made by S3 itself.

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

/** What is copied: the newest version where none is named. */
export interface Source {
    readonly key: string;
    readonly versionId?: string;
    readonly size: number;
}

export interface Target {
    readonly key: string;
    /** Metadata that the copy has besides those of its source. */
    readonly mark: Record<string, string>;
    /** Refuse to replace what is there. */
    readonly isNew?: boolean;
}

export const head = (client: S3Client, Bucket: string, { key, versionId }: Omit<Source, "size">) =>
    client.send(new HeadObjectCommand({ Bucket, Key: key, VersionId: versionId }));

/** Copies with type, metadata, tags, encryption and storage class. */
export async function copyObject(
    client: S3Client,
    bucket: string,
    source: Source,
    { key, mark, isNew = false }: Target,
    limits: CopyLimits,
): Promise<void> {
    const place = { Bucket: bucket, Key: key };
    const condition = isNew ? { IfNoneMatch: "*" } : {};
    const described = { ...describedBy(await head(client, bucket, source), mark), ...place };
    const CopySource = sourceOf(bucket, source);
    if (source.size <= limits.whole) {
        const copy = { ...described, ...condition, CopySource, MetadataDirective: "REPLACE" } as const;
        await client.send(new CopyObjectCommand(copy));
        return;
    }
    const Tagging = await tagsOf(client, bucket, source);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...described, Tagging }));
    const upload = { ...place, UploadId };
    try {
        const Parts: CompletedPart[] = [];
        await atOnce(partsAtOnce, rangesOf(source.size, limits.part).entries(), async ([index, CopySourceRange]) => {
            const part = { ...upload, PartNumber: index + 1, CopySource, CopySourceRange };
            const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
            Parts[index] = { PartNumber: part.PartNumber, ETag: CopyPartResult!.ETag };
        });
        const done = { ...upload, ...condition, MultipartUpload: { Parts } };
        await client.send(new CompleteMultipartUploadCommand(done));
    } catch (error) {
        // Should this fail as well, the bucket's lifecycle ends the upload.
        await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
        throw error;
    }
}

/** What S3 gives a copy only when it is told. */
const describedBy = (source: HeadObjectCommandOutput, mark: Record<string, string>) => ({
    CacheControl: source.CacheControl,
    ContentDisposition: source.ContentDisposition,
    ContentEncoding: source.ContentEncoding,
    ContentLanguage: source.ContentLanguage,
    ContentType: source.ContentType,
    Expires: source.Expires,
    Metadata: { ...source.Metadata, ...mark },
    StorageClass: source.StorageClass,
    ServerSideEncryption: source.ServerSideEncryption,
    SSEKMSKeyId: source.SSEKMSKeyId,
    BucketKeyEnabled: source.BucketKeyEnabled,
});

/** A copy in one request takes the tags along; one in parts does not. */
async function tagsOf(client: S3Client, Bucket: string, { key, versionId }: Source): Promise<string | undefined> {
    const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: key, VersionId: versionId }));
    return TagSet?.length
        ? new URLSearchParams(TagSet.map(({ Key, Value }): [string, string] => [Key!, Value!])).toString()
        : undefined;
}

/** The SDK sends this header as it is. */
export const sourceOf = (bucket: string, { key, versionId }: Omit<Source, "size">): string =>
    `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}` +
    (versionId === undefined ? "" : `?versionId=${encodeURIComponent(versionId)}`);

/** The ranges of the parts, in order: larger ones where there would be too many. */
export function rangesOf(size: number, part: number): string[] {
    const step = Math.max(part, Math.ceil(size / mostParts));
    const starts = Array.from({ length: Math.ceil(size / step) }, (_, index) => index * step);
    return starts.map((start) => `bytes=${start}-${Math.min(start + step, size) - 1}`);
}
