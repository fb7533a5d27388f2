import { keysOf } from "../operating/keys/inIam";
import { ago, isInUse, type KeyInUse } from "../operating/keys/rotation";
import { parseOutputs } from "../commands/outputs";
import type { Change } from "./changes";
import { isLoss, keyType, type KeyUse } from "./losses";

/**
 * Asks IAM about the keys that an update would remove: an active one, or one that was used within a day, is in use. Nobody is asked
 * where no key goes. Without the right to look, every key counts as in use, and so does one that IAM does not list.
 *
 * @param deployed the outputs in the state
 */
export async function useOfKeys(
    changes: readonly Change[],
    deployed: Readonly<Record<string, unknown>>,
): Promise<KeyUse> {
    if (!changes.some((change) => change.type === keyType && isLoss(change))) {
        return () => undefined;
    }
    try {
        const keys = await keysOf(parseOutputs(deployed), undefined);
        const now = new Date();
        return (id) => {
            const key = keys.find((one) => one.id === id);
            // Deleted by hand, or these are the keys of another account: who cannot tell lets nobody lose access.
            return key ? whyInUse(key, now) : "IAM does not have it among the user's keys";
        };
    } catch (error) {
        return () => `whether it is used cannot be seen: ${(error as Error).message}`;
    }
}

function whyInUse(key: KeyInUse, now: Date): string | undefined {
    const used = key.lastUsed ? `last used ${ago(key.lastUsed.date, now)}` : "never used";
    return key.status === "Active" || isInUse(key, now) ? `${key.status.toLowerCase()}, ${used}` : undefined;
}
