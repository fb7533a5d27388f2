import assert from "node:assert";
import { refusal, shortestDays } from "../../operating/bucket";
import { rangesOf, sourceOf } from "../../operating/copyObject";
import { report, sizeOf } from "../../operating/report";
import { requestOf } from "../../operating/request";
import type { Outcome } from "../../operating/restore";
import { UserError } from "../../commands/userError";

// What restore-artifacts takes, the values that it makes for S3, and what it says. Pure functions; not proved here: that S3
// takes these values, which restoreArtifacts.test.ts shows on the emulator for small objects.

const now = new Date("2026-11-25T12:00:00Z");
const time = "2026-11-25T10:15:00Z";
const request = { bucket: "models", prefix: "artifacts", moment: new Date(time) };

describe("what restore-artifacts is asked for", () => {
    it("takes the output artifactRoot and a time with its zone", () => {
        assert.deepStrictEqual(requestOf("s3://models/artifacts", time, now), request);
        assert.deepStrictEqual(requestOf("s3://models/artifacts", "2026-11-25T11:15:00+01:00", now), request);
        assert.deepStrictEqual(requestOf("s3://models/artifacts", "20261125T101500Z", now), request);
        assert.deepStrictEqual(requestOf("s3://models/a/b", time, now), { ...request, prefix: "a/b" });
    });

    for (const address of [
        ...["", "models/artifacts", "s3://models", "s3://models/", "s3:///artifacts", "https://models/artifacts"],
        ...["s3://models/artifacts/", "s3://models//artifacts", "s3://models/a/../b", "s3://Models/artifacts"],
        ...["s3://models/host", "s3://models/backups", "s3://models/backups/x", "s3://models/artifacts\n"],
    ]) {
        it(`refuses the address ${JSON.stringify(address)}`, () =>
            assert.throws(() => requestOf(address, time, now), {
                message:
                    `address: got ${JSON.stringify(address)}; allowed: s3://<bucket>/<prefix>, no slash at its end, a prefix that ` +
                    "artifactPrefix may be; remedy: the stack's output artifactRoot: pulumi stack output artifactRoot " +
                    "--stack <stack>",
            }));
    }

    for (const text of [
        ...[
            "",
            "yesterday",
            "2026-11-25",
            "2026-11-25T10:15:00",
            "2026-11-25 10:15:00Z",
            "20261125T101500",
            "20261325T101500Z",
            "1795601700",
        ],
        ...["2026-02-30T10:15:00Z", "2026-11-25T24:15:00Z", "2026-11-25T12:00:00Z", "2026-11-25T12:00:00-01:00"],
    ]) {
        it(`refuses the moment ${JSON.stringify(text)}`, () =>
            assert.throws(() => requestOf("s3://models/artifacts", text, now), {
                message:
                    `moment: got ${JSON.stringify(text)}; allowed: a time with its zone, before now (2026-11-25T12:00:00.000Z), ` +
                    "such as 2026-11-25T10:15:00Z or 20261125T101500Z; remedy: the time that the name of the database's " +
                    "backup begins with",
            }));
    }

    it("names both faults at once", () =>
        assert.throws(
            () => requestOf("artifacts", "now", now),
            (error) => error instanceof UserError && /^address: .*\nmoment: .*$/.test(error.message),
        ));
});

describe("what restore-artifacts tells S3", () => {
    it("names the source of a copy, with whatever its key holds", () => {
        const source = (key: string, versionId: string) => sourceOf("models", { key, versionId });
        assert.strictEqual(source("artifacts/1/a.bin", "null"), "models/artifacts/1/a.bin?versionId=null");
        assert.strictEqual(
            source("a//b c+é%?&#/", "x/+="),
            "models/a//b%20c%2B%C3%A9%25%3F%26%23/?versionId=x%2F%2B%3D",
        );
    });

    it("copies in parts without a gap or an overlap, at most 10,000", () => {
        assert.deepStrictEqual(rangesOf(10, 4), ["bytes=0-3", "bytes=4-7", "bytes=8-9"]);
        assert.deepStrictEqual(rangesOf(8, 4), ["bytes=0-3", "bytes=4-7"]);
        const terabytes = 50 * 2 ** 40;
        const ranges = rangesOf(terabytes, 2 ** 30);
        assert.strictEqual(ranges.length, 10_000);
        assert.match(ranges.at(-1)!, new RegExp(`-${terabytes - 1}$`));
    });

    it("finds the rule that lets old versions of the folder expire first", () => {
        const rule = (NoncurrentDays: number, prefix?: object, Status: "Enabled" | "Disabled" = "Enabled") => ({
            Status,
            ...prefix,
            NoncurrentVersionExpiration: { NoncurrentDays },
        });
        const days = (...rules: Parameters<typeof shortestDays>[0]) => shortestDays(rules, "artifacts/");
        assert.strictEqual(days(), undefined);
        assert.strictEqual(days({ Status: "Enabled", Filter: {} }), undefined);
        assert.strictEqual(days(rule(30, { Filter: {} }), rule(7, { Filter: {} }, "Disabled")), 30);
        assert.strictEqual(days(rule(30), rule(7, { Filter: { Prefix: "backups/" } })), 30);
        assert.strictEqual(days(rule(30), rule(7, { Filter: { Prefix: "artifacts/1/" } })), 7);
        assert.strictEqual(days(rule(30), rule(7, { Filter: { And: { Prefix: "art" } } })), 7);
        assert.strictEqual(days(rule(30), rule(7, { Prefix: "artifacts" })), 7);
    });
});

const none = { same: 0, later: 0, absent: 0, gone: 0, overwritten: 0, deleted: 0 };
const outcome: Outcome = {
    counts: { ...none, same: 120, later: 4, absent: 3, overwritten: 5, deleted: 2 },
    bytes: 1536,
    names: ["artifacts/b", "artifacts/a\n", "artifacts/c", "artifacts/d", "artifacts/e"],
    failures: [],
};

describe("what restore-artifacts says", () => {
    it("tells what would be done", () =>
        assert.deepStrictEqual(report(request, outcome, false, 30, now), [
            "s3://models/artifacts as it was at 2026-11-25T10:15:00.000Z:",
            "Would bring back 7 objects, 1.5 KiB: 5 overwritten since, 2 deleted since.",
            '  "artifacts/a\\n"',
            ...["b", "c", "d", "e"].map((name) => `  "artifacts/${name}"`),
            "  and 2 more",
            "As they were: 120 objects. Made later, and left there: 4 objects.",
            "The bucket keeps what was overwritten or deleted for 30 days, so nothing of that moment has expired.",
            "Nothing was changed. With --apply it is done.",
        ]));

    it("tells what was done, what failed, and what can't be known", () => {
        const counts = { ...none, same: 1, deleted: 1, gone: 2 };
        const failures = [{ key: "artifacts/x", reason: "InvalidObjectState: it is archived" }];
        const bad = { counts, bytes: 3, names: ["artifacts/a"], failures };
        assert.deepStrictEqual(report(request, bad, true, 1, new Date("2026-11-27T10:15:00Z")), [
            "s3://models/artifacts as it was at 2026-11-25T10:15:00.000Z:",
            "Brought back 1 object, 3 bytes: 0 overwritten since, 1 deleted since.",
            '  "artifacts/a"',
            "As they were: 1 object. Made later, and left there: 0 objects.",
            "Deleted after the moment, all earlier versions expired: 2 objects. Whether they were there at the moment can't be told.",
            "The bucket keeps what was overwritten or deleted for 1 day, and the moment is 2 days ago: what was overwritten or " +
                "deleted soon after it may have expired, and can't be told from what was made later or never was.",
            "Failed: 1 object. Run it again: what is done is left alone.",
            '  "artifacts/x": InvalidObjectState: it is archived',
        ]);
    });

    it("does not offer to do nothing", () =>
        assert.deepStrictEqual(
            report(request, { ...outcome, counts: none, bytes: 0, names: [] }, false, undefined, now),
            [
                "s3://models/artifacts as it was at 2026-11-25T10:15:00.000Z:",
                "Would bring back 0 objects, 0 bytes: 0 overwritten since, 0 deleted since.",
                "As they were: 0 objects. Made later, and left there: 0 objects.",
                "No rule of the bucket lets old versions expire.",
            ],
        ));

    it("tells sizes in units of 1,024", () => {
        const sizes = [0, 1, 1023, 1024, 1536, 2 ** 20 - 1, 2 ** 20, 5 * 2 ** 30, 2 ** 50].map(sizeOf);
        assert.deepStrictEqual(
            sizes.join(", "),
            "0 bytes, 1 byte, 1023 bytes, 1.0 KiB, 1.5 KiB, 1024.0 KiB, 1.0 MiB, 5.0 GiB, 1024.0 TiB",
        );
    });

    it("leaves an error that is nobody's to put right as it is", () => {
        for (const error of [
            new Error("x"),
            Object.assign(new Error("x"), { $metadata: { httpStatusCode: 503 } }),
            "x",
        ]) {
            assert.strictEqual(refusal(error, request), error);
        }
    });
});
