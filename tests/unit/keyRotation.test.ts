import assert from "node:assert";
import { changeFor, type KeyInUse, nextStep, type Step, steps } from "../../operating/keys/rotation";
import type { UserError } from "../../commands/userError";

// What `npm run keys` advises and refuses, by the age, state and last use of each key. The command itself, on keys that exist,
// is in tests/operating/keys.test.ts.

const now = new Date("2026-11-25T12:00:00Z");
const before = (hours: number) => new Date(now.getTime() - hours * 3600_000);
const day = 24;

interface Given {
    readonly age?: number;
    readonly used?: number;
    readonly status?: KeyInUse["status"];
}

/** Ages in days, last uses in hours. */
const key = (slot: KeyInUse["slot"], { age = 0, used, status = "Active" }: Given = {}): KeyInUse => ({
    slot,
    id: `AKIA-${slot}`,
    status,
    created: before(age * day),
    lastUsed: used === undefined ? undefined : { date: before(used), service: "s3", region: "us-west-1" },
});

describe("the next step of a rotation", () => {
    const rows: [title: string, keys: KeyInUse[], step: Step | undefined, text: RegExp][] = [
        ["a fresh key stays", [key("a", { age: 89 })], undefined, /^Nothing to do: key a is 89 of 90 days old\.$/],
        ["a key of 90 days is replaced", [key("a", { age: 90 })], "add", /^Key a is 90 days old; at most 90/],
        [
            "a new key that nobody has is handed over",
            [key("a", { age: 90, used: 1 }), key("b")],
            undefined,
            /^Hand key b over: .* Nobody has used it yet\.$/,
        ],
        [
            "a new key that nobody has is handed over, also when the old one rests",
            [key("a", { age: 90, used: 100 }), key("b")],
            undefined,
            /Nobody has used it yet\.$/,
        ],
        [
            "an old key in use is waited for",
            [key("a", { age: 90, used: 23 }), key("b", { used: 0 })],
            undefined,
            /^Hand key b over: .* Key a is still in use: 23 h ago\.$/,
        ],
        [
            "an old key at rest is deactivated, whichever slot it has",
            [key("a", { age: 1, used: 0 }), key("b", { age: 91, used: 25 })],
            "deactivate",
            /^Key b has not been used for a day\.$/,
        ],
        [
            "an old key that was never used is deactivated",
            [key("a", { age: 90 }), key("b", { used: 2 })],
            "deactivate",
            /^Key a has not/,
        ],
        [
            "an inactive key that was used a moment ago stays for a day",
            [key("a", { used: 0, status: "Inactive" }), key("b", { used: 0 })],
            undefined,
            /^Wait: key a was used less than an hour ago\. Does anybody miss it\?$/,
        ],
        [
            "an inactive key at rest is removed",
            [key("a", { used: 24, status: "Inactive" }), key("b", { used: 0 })],
            "remove",
            /^Key a is inactive, and nobody has used it for a day\.$/,
        ],
        ["no key of the stack", [key(undefined)], undefined, /^There is no key of this stack: pulumi up makes it\.$/],
    ];
    for (const [title, keys, step, text] of rows) {
        it(title, () => {
            for (const order of [keys, [...keys].reverse()]) {
                const next = nextStep(order, now);
                assert.strictEqual(next.step, step);
                assert.match(next.text, text);
            }
        });
    }

    it("is one that is allowed without force", () => {
        for (const [, keys, step] of rows.filter(([, , suggested]) => suggested !== undefined)) {
            assert.doesNotThrow(() => changeFor(step!, keys, now, false));
        }
    });
});

describe("a step of a rotation", () => {
    const old = (given: Given = {}) => key("a", { age: 90, used: 48, ...given });
    const fresh = (given: Given = {}) => key("b", { used: 1, ...given });
    const done: [title: string, Step, KeyInUse[], setting: string, state: string][] = [
        ["adds in the free slot", "add", [old()], "accessKeyB", "active"],
        ["adds in the other free slot", "add", [fresh()], "accessKeyA", "active"],
        ["deactivates the older key", "deactivate", [old(), fresh()], "accessKeyA", "inactive"],
        [
            "deactivates the older key in slot b",
            "deactivate",
            [key("b", { age: 5 }), key("a", { used: 1 })],
            "accessKeyB",
            "inactive",
        ],
        ["activates what was deactivated", "activate", [old({ status: "Inactive" }), fresh()], "accessKeyA", "active"],
        ["removes an inactive key", "remove", [old({ status: "Inactive" }), fresh()], "accessKeyA", "absent"],
    ];
    for (const [title, step, keys, setting, state] of done) {
        it(title, () => assert.deepStrictEqual(changeFor(step, keys, now, false), { setting, state }));
    }

    const impossible: [title: string, Step, KeyInUse[], why: RegExp][] = [
        [
            "a third key",
            "add",
            [old(), fresh()],
            /^add: not possible, for IAM allows a user two keys, and there are two;/,
        ],
        ["a third key beside one made by hand", "add", [old(), key(undefined)], /IAM allows a user two keys/],
        [
            "deactivating the last key",
            "deactivate",
            [old()],
            /^deactivate: not possible, for it would be the last active key;/,
        ],
        [
            "deactivating the last active key",
            "deactivate",
            [old({ status: "Inactive" }), fresh()],
            /for it would be the last active key;/,
        ],
        [
            "removing an active key",
            "remove",
            [old(), fresh()],
            /^remove: not possible, for only an inactive key can be removed;/,
        ],
        ["activating an active key", "activate", [old()], /^activate: not possible, for no key is inactive;/],
    ];
    for (const [title, step, keys, why] of impossible) {
        it(`is refused, also by force: ${title}`, () => {
            for (const force of [false, true]) {
                assert.throws(() => changeFor(step, keys, now, force), isRefusal(why));
            }
        });
    }

    const inUse: [title: string, Step, KeyInUse[], why: RegExp, state: string][] = [
        [
            "deactivating a key that was used within the last day",
            "deactivate",
            [old({ used: 23.9 }), fresh()],
            /^deactivate: refused, for key a was used 23 h ago \(s3, us-west-1\); allowed: once a day has passed/,
            "inactive",
        ],
        [
            "deactivating before anybody has the new key",
            "deactivate",
            [old(), key("b")],
            /for key b, which replaces it, was never used: nobody seems to have it;/,
            "inactive",
        ],
        [
            "removing a key that was used within the last day",
            "remove",
            [old({ used: 0, status: "Inactive" }), fresh()],
            /^remove: refused, for key a was used less than an hour ago/,
            "absent",
        ],
    ];
    for (const [title, step, keys, why, state] of inUse) {
        it(`is refused but for --force: ${title}`, () => {
            assert.throws(() => changeFor(step, keys, now, false), isRefusal(why));
            assert.deepStrictEqual(changeFor(step, keys, now, true), { setting: "accessKeyA", state });
        });
    }

    it("leaves an active key in every state that a rotation can reach", () => {
        const states = [undefined, "Active", "Inactive"] as const;
        for (const a of states) {
            for (const b of states) {
                const keys = [
                    ...(a ? [key("a", { age: 9, status: a })] : []),
                    ...(b ? [key("b", { age: 3, status: b })] : []),
                ];
                if (!keys.some(({ status }) => status === "Active")) {
                    continue;
                }
                for (const step of steps) {
                    const after = afterStep(step, keys);
                    assert.ok(after.includes("active"), `${step} with a ${a}, b ${b}: ${after.join()}`);
                }
            }
        }
    });
});

const isRefusal = (why: RegExp) => (error: UserError) => {
    assert.match(error.message, why);
    assert.strictEqual(error.exitCode, 3);
    return true;
};

/** The states of the keys when a step was done by force; unchanged where it is refused even so. */
function afterStep(step: Step, keys: KeyInUse[]): string[] {
    const settings: Record<string, string> = Object.fromEntries(
        keys.map(({ slot, status }) => [slot === "a" ? "accessKeyA" : "accessKeyB", status.toLowerCase()]),
    );
    try {
        const { setting, state } = changeFor(step, keys, now, true);
        settings[setting] = state;
    } catch {
        // refused
    }
    return Object.values(settings);
}
