import { setTimeout as sleep } from "node:timers/promises";
import { noAnswer } from "./awsAnswers";
import { type Check, failed, type Finding, notChecked } from "./check";
import { oneLine } from "../../commands/oneLine";
import type { Context } from "./context";

export interface Result extends Pick<Check, "id" | "title">, Finding {
    /** Title of the check without which this one was not begun. */
    readonly needs?: string;
}

const secondsForCheck = 25;

/**
 * Runs the checks, each as soon as those before it have their findings.
 *
 * @returns their results in the order of the checks, each when it is there; none of them is ever rejected
 */
export function runChecks(checks: readonly Check[], context: Context, seconds = secondsForCheck): Promise<Result>[] {
    const started = new Map<string, Promise<Result>>();
    for (const check of checks) {
        const before = (check.after ?? []).map((id) => {
            const earlier = started.get(id);
            if (!earlier) {
                throw new Error(`${check.id} comes after ${id}, which is not before it`);
            }
            return earlier;
        });
        started.set(check.id, resultOf(check, before, context, seconds));
    }
    return [...started.values()];
}

async function resultOf(check: Check, before: Promise<Result>[], context: Context, seconds: number): Promise<Result> {
    const blocking = (await Promise.all(before)).find(({ verdict }) => ["failed", "not checked"].includes(verdict));
    const { verdict, evidence, remedy } = blocking
        ? notChecked(`needs: ${blocking.title}`)
        : context.signal.aborted
          ? notChecked("interrupted")
          : await inTime(check, context, seconds);
    return {
        id: check.id,
        title: check.title,
        verdict,
        evidence: oneLine(evidence, 500),
        ...(remedy && { remedy: oneLine(remedy, 500) }),
        ...(blocking && { needs: blocking.title }),
    };
}

/** Whatever happens is a finding: nobody should read a stack trace. */
async function inTime(check: Check, context: Context, seconds: number): Promise<Finding> {
    const enough = new AbortController();
    const late = sleep(seconds * 1000, undefined, { signal: enough.signal }).then(() =>
        failed(`no finding within ${seconds} s`, "try again; then look at network, VPN and firewall"),
    );
    try {
        return await Promise.race([late, (async () => check.run(context))()]);
    } catch (error) {
        return noAnswer(error);
    } finally {
        late.catch(() => undefined);
        enough.abort();
    }
}
