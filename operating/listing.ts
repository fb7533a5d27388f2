import {
    type DeleteMarkerEntry,
    ListObjectVersionsCommand,
    type ListObjectVersionsCommandOutput,
    type ObjectVersion,
    type S3Client,
} from "@aws-sdk/client-s3";
import { type Entry, extended, type History } from "./history";
import type { Request } from "./request";

/** Some entries, ordered by key. */
export interface Page {
    readonly entries: Entry[];
    /** Entries of this key may follow on the next page. */
    readonly unfinishedKey?: string;
}

/** Everything below the prefix, page by page. */
export async function* pagesOf(client: S3Client, { bucket, prefix }: Request): AsyncGenerator<Page> {
    for (let last: ListObjectVersionsCommandOutput | undefined; !last || last.IsTruncated;) {
        last = await client.send(
            new ListObjectVersionsCommand({
                Bucket: bucket,
                Prefix: `${prefix}/`,
                KeyMarker: last?.NextKeyMarker,
                VersionIdMarker: last?.NextVersionIdMarker,
            }),
        );
        yield { entries: entriesOf(last), unfinishedKey: last.IsTruncated ? last.NextKeyMarker : undefined };
    }
}

/** S3 lists versions and markers mixed; the SDK hands them over apart. */
function entriesOf({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): Entry[] {
    const named = (listed: ObjectVersion | DeleteMarkerEntry) => ({
        key: listed.Key!,
        versionId: listed.VersionId!,
        isLatest: listed.IsLatest!,
        modified: listed.LastModified!,
    });
    return [
        ...Versions.map((version) => ({ ...named(version), isMarker: false, etag: version.ETag, size: version.Size! })),
        ...DeleteMarkers.map((marker) => ({ ...named(marker), isMarker: true, size: 0 })),
    ];
}

/** One history per key, as soon as all its entries are known; never more than a page of them is held. */
export async function* historiesOf(pages: AsyncIterable<Page> | Iterable<Page>, moment: Date): AsyncGenerator<History> {
    const open = new Map<string, History>();
    for await (const { entries, unfinishedKey } of pages) {
        for (const entry of entries) {
            open.set(entry.key, extended(open.get(entry.key), entry, moment));
        }
        for (const [key, history] of open) {
            if (key !== unfinishedKey) {
                open.delete(key);
                yield history;
            }
        }
    }
}
