/** A version of an object, or the marker that a deletion leaves. */
export interface Entry {
    readonly key: string;
    readonly versionId: string;
    readonly isMarker: boolean;
    /** What is there now. */
    readonly isLatest: boolean;
    /** Whole seconds, as S3 tells them. A multipart upload counts from its start, for S3's own order as well. */
    readonly modified: Date;
    readonly etag?: string;
    readonly size: number;
}

/** What matters of all entries of one key, however many there are. */
export interface History {
    readonly now: Entry;
    /** The newest of the moment or before. */
    readonly then?: Entry;
    readonly oldest: Entry;
}

export type Action =
    /** Not there at the moment, and not now. */
    | { readonly kind: "absent" }
    | { readonly kind: "same" }
    /** Not there at the moment. */
    | { readonly kind: "later" }
    /** Deleted after the moment, and nothing is left that tells what it was, or since when. */
    | { readonly kind: "gone" }
    | { readonly kind: "overwritten" | "deleted"; readonly wanted: Entry; readonly now: Entry };

/**
 * Between a version and a marker of the same second, S3's answer does not tell which came first unless one is the latest. Then
 * the version counts as the newer one: an object too many is no loss, one too few is.
 */
function isNewer(one: Entry, other: Entry): boolean {
    if (one.isLatest || other.isLatest) {
        return one.isLatest;
    }
    return one.modified > other.modified || (+one.modified === +other.modified && !one.isMarker && other.isMarker);
}

/** Takes one more entry of the key into account. Those of one kind come newest first, as S3 lists them. */
export function extended(history: History | undefined, entry: Entry, moment: Date): History {
    const isThen = entry.modified <= moment;
    if (!history) {
        return { now: entry, then: isThen ? entry : undefined, oldest: entry };
    }
    const { now, then, oldest } = history;
    return {
        now: isNewer(entry, now) ? entry : now,
        then: isThen && (!then || isNewer(entry, then)) ? entry : then,
        oldest: isNewer(entry, oldest) ? oldest : entry,
    };
}

/** What brings the key back to the moment. Nothing is ever deleted. */
export function actionOf({ now, then, oldest }: History): Action {
    if (!then && oldest.isMarker) {
        return { kind: "gone" };
    }
    if (!then || then.isMarker) {
        return { kind: now.isMarker ? "absent" : "later" };
    }
    if (now.isMarker) {
        return { kind: "deleted", wanted: then, now };
    }
    const isSame = now.versionId === then.versionId || (now.etag === then.etag && now.size === then.size);
    return isSame ? { kind: "same" } : { kind: "overwritten", wanted: then, now };
}
