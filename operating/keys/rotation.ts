import type { ClientKey, KeySlot, KeyState } from "../../components/clientUser";
import { UserError } from "../../commands/userError";
import { exitCodes } from "../../commands/exitCodes";

/** An access key of the client user, as IAM knows it. */
export interface KeyInUse extends Omit<ClientKey, "slot" | "created"> {
    /** Absent: a key that somebody made by hand. */
    readonly slot?: KeySlot;
    readonly created: Date;
    readonly lastUsed?: { readonly date: Date; readonly service: string; readonly region: string };
}

/** What a rotation does, one at a time; `activate` takes a `deactivate` back. */
export const steps = ["add", "deactivate", "activate", "remove"] as const;
export type Step = (typeof steps)[number];

const hour = 3600_000;
const day = 24 * hour;

/** CIS AWS Foundations Benchmark 3.0.0, 1.14. */
export const daysUntilRotation = 90;

/** A key that was used within this time is in use. */
const restedFor = day;

const slots: readonly KeySlot[] = ["a", "b"];

/** Keys of the stack's slots, the newest first. */
const newestFirst = (keys: readonly KeyInUse[]) =>
    keys
        .filter((key): key is KeyInUse & { slot: KeySlot } => key.slot !== undefined)
        .sort((one, other) => other.created.getTime() - one.created.getTime());

export const ageInDays = ({ created }: KeyInUse, now: Date): number =>
    Math.floor((now.getTime() - created.getTime()) / day);

export const isInUse = ({ lastUsed }: KeyInUse, now: Date) =>
    lastUsed !== undefined && now.getTime() - lastUsed.date.getTime() < restedFor;

/** How long ago, in the largest whole unit. */
export function ago(date: Date, now: Date): string {
    const hours = Math.floor((now.getTime() - date.getTime()) / hour);
    return hours < 1 ? "less than an hour ago" : hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** What to do next, for a person, and the step that does it. */
export function nextStep(keys: readonly KeyInUse[], now: Date): { readonly text: string; readonly step?: Step } {
    const [newest, older] = newestFirst(keys);
    if (!newest) {
        return { text: "There is no key of this stack: pulumi up makes it." };
    }
    if (!older) {
        const age = ageInDays(newest, now);
        return age >= daysUntilRotation
            ? {
                  text: `Key ${newest.slot} is ${age} days old; at most ${daysUntilRotation} are good practice.`,
                  step: "add",
              }
            : { text: `Nothing to do: key ${newest.slot} is ${age} of ${daysUntilRotation} days old.` };
    }
    const resting = [newest, older].find(({ status }) => status === "Inactive");
    if (resting) {
        return isInUse(resting, now)
            ? { text: `Wait: key ${resting.slot} was used ${ago(resting.lastUsed!.date, now)}. Does anybody miss it?` }
            : { text: `Key ${resting.slot} is inactive, and nobody has used it for a day.`, step: "remove" };
    }
    const handOver = `Hand key ${newest.slot} over: teammates run npm run connect, which renews their profile.`;
    if (!newest.lastUsed) {
        return { text: `${handOver} Nobody has used it yet.` };
    }
    return isInUse(older, now)
        ? { text: `${handOver} Key ${older.slot} is still in use: ${ago(older.lastUsed!.date, now)}.` }
        : { text: `Key ${older.slot} has not been used for a day.`, step: "deactivate" };
}

/** The setting that a step changes. */
export interface Change {
    readonly setting: "accessKeyA" | "accessKeyB";
    readonly state: KeyState;
}

const change = (slot: KeySlot, state: KeyState): Change => ({
    setting: slot === "a" ? "accessKeyA" : "accessKeyB",
    state,
});

/**
 * @param force also where a key is in use
 * @throws UserError where the step is not possible, or would lock somebody out
 */
export function changeFor(step: Step, keys: readonly KeyInUse[], now: Date, force: boolean): Change {
    const known = newestFirst(keys);
    const active = known.filter(({ status }) => status === "Active");
    const inactive = known.find(({ status }) => status === "Inactive");
    if (step === "add") {
        const free = slots.find((slot) => known.every((key) => key.slot !== slot));
        if (!free || keys.length > 1) {
            throw impossible(
                step,
                "IAM allows a user two keys, and there are two",
                "npm run keys says which one can go",
            );
        }
        return change(free, "active");
    }
    if (step === "activate") {
        if (!inactive) {
            throw impossible(step, "no key is inactive", "npm run keys lists them");
        }
        return change(inactive.slot, "active");
    }
    if (step === "deactivate") {
        const [newest, older] = active;
        if (!older) {
            throw impossible(step, "it would be the last active key", "npm run keys -- <stack> add");
        }
        if (!newest.lastUsed && !force) {
            throw refused(step, `key ${newest.slot}, which replaces it, was never used: nobody seems to have it`);
        }
        return resting(step, older, now, force, "inactive");
    }
    if (!inactive) {
        throw impossible(step, "only an inactive key can be removed", "npm run keys -- <stack> deactivate");
    }
    return resting(step, inactive, now, force, "absent");
}

function resting(step: Step, key: KeyInUse & { slot: KeySlot }, now: Date, force: boolean, state: KeyState): Change {
    if (isInUse(key, now) && !force) {
        const { date, service, region } = key.lastUsed!;
        throw refused(step, `key ${key.slot} was used ${ago(date, now)} (${service}, ${region})`);
    }
    return change(key.slot, state);
}

const impossible = (step: Step, why: string, remedy: string) =>
    new UserError(`${step}: not possible, for ${why}; remedy: ${remedy}`, exitCodes.refused);

const refused = (step: Step, why: string) =>
    new UserError(
        `${step}: refused, for ${why}; allowed: once a day has passed without use; remedy: hand the new key over and wait, or ` +
            "--force, which locks out whoever still uses it",
        exitCodes.refused,
    );
