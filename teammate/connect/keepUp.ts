import { setTimeout as sleep } from "node:timers/promises";
import { explain } from "../../commands/userError";
import { holderOf, named } from "../portHolder";
import { isFree } from "./port";
import { ask, mlflowAt } from "./probe";
import { TunnelProcess } from "./tunnelProcess";

/** What is told about the tunnel. */
export interface Report {
    /** MLflow answers; `dropped` says why it had not for a while, and is absent the first time. */
    readonly up: (version: string, seconds: number, dropped: string | undefined) => void;
    /** It has dropped; it is opened again at once. */
    readonly down: (reason: string) => void;
    /** It could not be opened; the next attempt comes after a pause. */
    readonly waiting: (reason: string, pause: number) => void;
}

export interface Tunnel {
    readonly port: number;
    /** The program that opens it, with its arguments; from what is known now, or asked for again since that has failed. */
    readonly words: (askAgain: boolean) => Promise<readonly string[]>;
    /** @throws where no other attempt can help, by what the program has said */
    readonly giveUp: (reason: string, said: string) => void;
    readonly report: Report;
    readonly signal: AbortSignal;
}

/** Seconds until the next attempt, by the number of those that have failed in a row. */
export const pauseAfter = (failures: number): number => Math.min(2 ** failures, 30);

/** A tunnel that was up for so long is none that fails at once: the pauses begin anew. */
const settledSeconds = 5;
/** How long an attempt may take, and how often it is asked whether it works. */
const patience = 25_000;
const openingInterval = 250;
/** Session Manager ends a tunnel that nobody uses for 20 minutes; these questions are a use. */
const watchInterval = 5_000;
const missesAllowed = 3;

const secondsSince = (moment: number) => (performance.now() - moment) / 1000;

/** Opens the tunnel, and again whenever it is gone, until the signal. */
export async function keepUp(tunnel: Tunnel): Promise<void> {
    const { port, giveUp, report, signal } = tunnel;
    const started = performance.now();
    let failures = 0;
    let askAgain = false;
    let drop: { readonly reason: string; readonly moment: number } | undefined;
    while (!signal.aborted) {
        const attempt = await open(tunnel, askAgain);
        askAgain = "failed" in attempt;
        if ("failed" in attempt) {
            if (!drop && !signal.aborted) {
                giveUp(attempt.failed, attempt.said);
            }
        } else {
            report.up(attempt.version, secondsSince(drop?.moment ?? started), drop?.reason);
            const moment = performance.now();
            drop = { reason: await untilGone(attempt.process, port, signal), moment: performance.now() };
            report.down(drop.reason);
            await attempt.process.end();
            if (secondsSince(moment) > settledSeconds) {
                failures = 0;
                continue; // it worked, so it may work again: at once
            }
        }
        if (!signal.aborted) {
            const pause = pauseAfter(failures++);
            if ("failed" in attempt) {
                report.waiting(attempt.failed, pause);
            }
            await pauseFor(pause * 1000, signal);
        }
    }
}

type Attempt =
    { readonly process: TunnelProcess; readonly version: string } | { readonly failed: string; readonly said: string };

/** Opens it and waits until MLflow answers through it. */
async function open({ port, words, signal }: Tunnel, askAgain: boolean): Promise<Attempt> {
    // What another program answers there must not be taken for the tunnel's.
    if (!(await isFree(port))) {
        return { failed: `local port ${port} is held by ${named(await holderOf(port))}`, said: "" };
    }
    let process: TunnelProcess;
    try {
        process = new TunnelProcess(await words(askAgain));
    } catch (error) {
        return { failed: explain(error), said: "" };
    }
    const deadline = performance.now() + patience;
    while (!process.hasEnded && !signal.aborted && performance.now() < deadline) {
        const version = await Promise.race([mlflowAt(port), interruption(signal)]);
        if (version !== undefined && !process.hasEnded) {
            return { process, version };
        }
        await Promise.race([process.ended, pauseFor(openingInterval, signal)]);
    }
    const failed = process.hasEnded
        ? await process.ended
        : ["MLflow does not answer through the tunnel", process.lastLine].filter(Boolean).join(": ");
    await process.end();
    return { failed, said: process.text };
}

/** @returns why it is gone */
async function untilGone(process: TunnelProcess, port: number, signal: AbortSignal): Promise<string> {
    for (let misses = 0; misses < missesAllowed;) {
        await Promise.race([process.ended, pauseFor(watchInterval, signal)]);
        if (signal.aborted || process.hasEnded) {
            return signal.aborted ? "ended" : process.ended;
        }
        // Whatever the server says, it came through the tunnel.
        const answer = await Promise.race([ask(port, "/health"), process.ended, interruption(signal)]);
        misses = answer === undefined ? misses + 1 : 0;
    }
    return `nothing came back through it ${missesAllowed} times in a row`;
}

/** Waits, but not after the signal. */
const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    sleep(milliseconds, undefined, { signal }).catch(() => undefined);

const interruption = (signal: AbortSignal): Promise<undefined> =>
    new Promise((resolve) => {
        if (signal.aborted) {
            resolve(undefined);
        }
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
