import type { S3Client } from "@aws-sdk/client-s3";
import { atOnce } from "./atOnce";
import { reasonOf } from "./bucket";
import { type CopyLimits, copyLimits } from "./copyObject";
import { copyVersion, isCopy } from "./copyVersion";
import { type Action, actionOf } from "./history";
import { historiesOf, pagesOf } from "./listing";
import type { Request } from "./request";

/** What was done, or would be. */
export interface Outcome {
    /** Objects by what became of them. */
    readonly counts: Record<Action["kind"], number>;
    /** Sum of the sizes of what is brought back. */
    bytes: number;
    /** The first few of what is brought back. */
    readonly names: string[];
    readonly failures: { readonly key: string; readonly reason: string }[];
}

const copiesAtOnce = 8;
const fewNames = 5;

/** Brings the objects back, or only looks what it would bring back. What fails is told in the outcome, and the others are done. */
export async function restore(
    client: S3Client,
    request: Request,
    apply: boolean,
    limits: CopyLimits = copyLimits,
): Promise<Outcome> {
    const { bucket, moment } = request;
    const outcome: Outcome = {
        counts: { same: 0, later: 0, absent: 0, gone: 0, overwritten: 0, deleted: 0 },
        bytes: 0,
        names: [],
        failures: [],
    };
    await atOnce(copiesAtOnce, historiesOf(pagesOf(client, request), moment), async (history) => {
        const action = actionOf(history);
        if (!("wanted" in action)) {
            outcome.counts[action.kind]++;
            return;
        }
        const { kind, wanted, now } = action;
        try {
            if (kind === "overwritten" && (await isCopy(client, bucket, now, wanted))) {
                outcome.counts.same++;
                return;
            }
            if (apply) {
                await copyVersion(client, bucket, wanted, limits);
            }
        } catch (error) {
            outcome.failures.push({ key: wanted.key, reason: reasonOf(error) });
            return;
        }
        outcome.counts[kind]++;
        outcome.bytes += wanted.size;
        if (outcome.names.length < fewNames) {
            outcome.names.push(wanted.key);
        }
    });
    return outcome;
}
