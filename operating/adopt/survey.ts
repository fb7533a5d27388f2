import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { atOnce } from "../atOnce";
import { head } from "../copyObject";
import { kindOf, type Selection, targetOf } from "./selection";

export interface Listed {
    readonly key: string;
    readonly size: number;
    readonly etag: string;
}

/** Of some objects. */
export interface Sum {
    objects: number;
    bytes: number;
}

export interface Survey {
    /** Those that have no copy yet. */
    readonly missing: Listed[];
    /** Those whose copy is there. */
    readonly same: Sum;
    /** Those in whose place something else lies. */
    readonly conflicts: Listed[];
    /** Those that are not taken along, by the first folder of their key. */
    readonly left: Map<string, Sum>;
}

/** A copy has an ETag of its own when the original came in parts or is encrypted with KMS. This metadata tells what it is a copy of. */
export const copyOf = "mlflow-adopted-etag";

const looksAtOnce = 32;

async function* listed(client: S3Client, Bucket: string, Prefix: string): AsyncGenerator<Listed> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
        for (const { Key, Size, ETag } of Contents) {
            yield { key: Key!, size: Size!, etag: ETag!.replaceAll('"', "") };
        }
    }
}

export function add(sum: Sum, { size }: Pick<Listed, "size">): void {
    sum.objects++;
    sum.bytes += size;
}

/** Compares what is to be copied with what lies below the artifacts' folder. Changes nothing. */
export async function survey(client: S3Client, selection: Selection): Promise<Survey> {
    const { bucket, prefix } = selection;
    const there = new Map<string, Listed>();
    for await (const object of listed(client, bucket, `${prefix}/`)) {
        there.set(object.key, object);
    }
    const found: Survey = { missing: [], same: { objects: 0, bytes: 0 }, conflicts: [], left: new Map() };
    await atOnce(looksAtOnce, listed(client, bucket, selection.from ?? ""), async (object) => {
        const kind = kindOf(object.key, selection);
        if (kind === "left") {
            const folder = object.key.includes("/") ? `${object.key.split("/")[0]}/` : object.key;
            found.left.set(folder, found.left.get(folder) ?? { objects: 0, bytes: 0 });
            add(found.left.get(folder)!, object);
        }
        if (kind !== "taken") {
            return;
        }
        const copy = there.get(targetOf(object.key, selection));
        if (!copy) {
            found.missing.push(object);
        } else if (await isCopy(client, bucket, copy, object)) {
            add(found.same, object);
        } else {
            found.conflicts.push(object);
        }
    });
    return found;
}

async function isCopy(client: S3Client, bucket: string, copy: Listed, original: Listed): Promise<boolean> {
    if (copy.size !== original.size || copy.etag === original.etag) {
        return copy.size === original.size;
    }
    return (await head(client, bucket, copy)).Metadata?.[copyOf] === original.etag;
}
