import type { S3Client } from "@aws-sdk/client-s3";
import { type CopyLimits, copyObject, head } from "./copyObject";
import type { Entry } from "./history";

/** A copy has an ETag of its own when the original came in parts or is encrypted with KMS. This metadata tells what it is a copy of. */
const copyOf = "mlflow-restored-version";

/** Whether an earlier run has made the one from the other. */
export async function isCopy(client: S3Client, bucket: string, copy: Entry, original: Entry): Promise<boolean> {
    // Most of what was overwritten has another size, and needs no request.
    return copy.size === original.size && (await head(client, bucket, copy)).Metadata?.[copyOf] === original.versionId;
}

/** Puts a copy of an old version over its key. */
export const copyVersion = (client: S3Client, bucket: string, entry: Entry, limits: CopyLimits): Promise<void> =>
    copyObject(client, bucket, entry, { key: entry.key, mark: { [copyOf]: entry.versionId } }, limits);
