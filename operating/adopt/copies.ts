import type { S3Client } from "@aws-sdk/client-s3";
import { atOnce } from "../atOnce";
import { reasonOf } from "../bucket";
import { type CopyLimits, copyLimits, copyObject } from "../copyObject";
import { type Selection, targetOf } from "./selection";
import { add, copyOf, type Listed, type Sum } from "./survey";

export interface Outcome {
    readonly copied: Sum;
    readonly failures: { readonly key: string; readonly reason: string }[];
}

/** S3 takes thousands of requests a second; a small object takes it some 50 ms. */
const copiesAtOnce = 32;

/** Copies the objects within S3, never over another one. What fails is told in the outcome, and the others are done. */
export async function copyAll(
    client: S3Client,
    selection: Selection,
    objects: Listed[],
    limits: CopyLimits = copyLimits,
): Promise<Outcome> {
    const outcome: Outcome = { copied: { objects: 0, bytes: 0 }, failures: [] };
    await atOnce(copiesAtOnce, objects.values(), async (object) => {
        const target = { key: targetOf(object.key, selection), mark: { [copyOf]: object.etag }, isNew: true };
        try {
            await copyObject(client, selection.bucket, object, target, limits);
            add(outcome.copied, object);
        } catch (error) {
            outcome.failures.push({ key: object.key, reason: reasonOf(error) });
        }
    });
    return outcome;
}
