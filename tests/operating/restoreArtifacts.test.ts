import assert from "node:assert";
import * as s3 from "@aws-sdk/client-s3";
import { restore } from "../../operating/restore";
import { address, type EmulatedBucket, endOfSecond, withEmulatedBucket } from "./emulatedBucket";

// The command restore-artifacts, run as an operator runs it, on a bucket of the AWS emulator with a history of its own: every
// object is compared, byte by byte, with a copy kept from the moment. Not proved here: S3's own order of writes within a second,
// its limit of 5 GiB for one copy (the same path runs with a lower one), encryption by KMS, other regions.

describe("npm run restore-artifacts", function () {
    this.timeout(300_000);
    let bucket: EmulatedBucket;

    withEmulatedBucket((made) => (bucket = made));

    it("brings back every object of the moment, leaves everything else alone, and does nothing the second time", async () => {
        await bucket.put("artifacts/before-versioning", "1");
        await bucket.setVersioning("Enabled");
        const odd = ["artifacts/1/a b+c%20&<>\"'é😀.txt", "artifacts//", "artifacts/1/..x/"];
        for (const key of ["untouched", "overwritten", "deleted", "recreated", "rewritten", "same-size"]) {
            await bucket.put(`artifacts/${key}`, "before");
            await bucket.put(`artifacts/${key}`, `of the moment: ${key}`);
        }
        for (const key of [...odd, "artifacts/1/empty", "artifacts/deleted-before"]) {
            await bucket.put(key, key.endsWith("empty") ? "" : key);
        }
        await endOfSecond();
        await bucket.remove("artifacts/deleted-before");
        const outside = ["artifactsX/a", "artifacts", "backups/a", "other/artifacts/a"];
        for (const key of outside) {
            await bucket.put(key, "1");
        }
        const atFirst = await bucket.objects();
        const first = await endOfSecond();

        for (const key of ["artifacts/before-versioning", "artifacts/overwritten", ...odd, ...outside]) {
            await bucket.put(key, "of the second moment");
        }
        await bucket.put("artifacts/same-size", "OF THE MOMENT: same-size");
        await bucket.put("artifacts/rewritten", "of the moment: rewritten");
        await bucket.put("artifacts/later", "later");
        await bucket.put("artifacts/deleted-before", "later");
        for (const key of ["artifacts/deleted", "artifacts/recreated", "artifacts/1/empty"]) {
            await bucket.remove(key);
        }
        await bucket.put("artifacts/recreated", "of the second moment");
        const atSecond = await bucket.objects();
        const second = await endOfSecond();

        // S3 lists 1,000 at a time, so the versions of one of these keys are on two pages.
        for (let version = 0; version < 520; version++) {
            await bucket.put("artifacts/overwritten", `version ${version}`);
            await (version % 2
                ? bucket.remove("artifacts/before-versioning")
                : bucket.put("artifacts/before-versioning", `version ${version}`));
        }
        await bucket.remove("artifacts/untouched");
        await bucket.put("backups/a", "2");

        const [before, versionsBefore] = [await bucket.objects(), await bucket.versions()];
        assert.ok(versionsBefore.length > 1040);
        const artifacts = (all: Record<string, string>) =>
            Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith("artifacts/")));

        const dry = await bucket.command([address, first.toISOString()]);
        assert.deepStrictEqual([dry.status, dry.stderr], [0, ""]);
        assert.match(dry.stdout, /^Would bring back 10 objects, 183 bytes: 6 overwritten since, 4 deleted since\.$/m);
        assert.deepStrictEqual(await bucket.versions(), versionsBefore);

        const done = await bucket.command([address, first.toISOString(), "--apply"]);
        assert.deepStrictEqual([done.status, done.stderr], [0, ""]);
        assert.match(done.stdout, /^Brought back 10 objects, 183 bytes: 6 overwritten since, 4 deleted since\.$/m);
        assert.match(done.stdout, /^As they were: 1 object\. Made later, and left there: 2 objects\.$/m);
        assert.deepStrictEqual(await bucket.objects(), { ...before, ...artifacts(atFirst) });
        const versionsThen = await bucket.versions();
        assert.strictEqual(versionsThen.length, versionsBefore.length + 10);

        const again = await bucket.command([address, first.toISOString(), "--apply"]);
        assert.match(again.stdout, /^Brought back 0 objects, 0 bytes: /m);
        assert.match(again.stdout, /^As they were: 11 objects\. /m);
        assert.deepStrictEqual(await bucket.versions(), versionsThen);

        // A restore is one more change: another moment can be brought back from there.
        const other = await bucket.command([address, second.toISOString(), "--apply"]);
        assert.strictEqual(other.status, 0);
        assert.deepStrictEqual(await bucket.objects(), { ...before, ...artifacts(atFirst), ...artifacts(atSecond) });
    });

    it("copies a large object in parts, with its type, metadata and tags, and knows its own copy again", async () => {
        await bucket.setVersioning("Enabled");
        const large = Buffer.alloc(12 * 2 ** 20, "0123456789abcdefg");
        const described = { ContentType: "text/x-model", CacheControl: "no-store", Metadata: { run: "7f" } };
        await bucket.put("artifacts/large", large, { ...described, Tagging: "team=a+b&x=1" });
        await bucket.put("artifacts/small", "small", { ...described, Tagging: "team=a+b&x=1" });
        const moment = await endOfSecond();
        await bucket.put("artifacts/large", Buffer.alloc(large.length));
        await bucket.put("artifacts/small", "SMALL");

        const client = bucket.clients.s3;
        const request = { bucket: bucket.name, prefix: "artifacts", moment };
        const limits = { whole: 6 * 2 ** 20, part: 5 * 2 ** 20 };
        const { counts, failures } = await restore(client, request, true, limits);
        assert.deepStrictEqual([counts.overwritten, failures], [2, []]);
        assert.strictEqual(await bucket.contentOf("artifacts/large"), large.toString("base64"));
        for (const [Key, etag] of [
            ["artifacts/large", /^"[0-9a-f]{32}-3"$/],
            ["artifacts/small", /^"[0-9a-f]{32}"$/],
        ] as const) {
            const head = await client.send(new s3.HeadObjectCommand({ Bucket: bucket.name, Key }));
            assert.match(head.ETag!, etag);
            assert.deepStrictEqual([head.ContentType, head.CacheControl], ["text/x-model", "no-store"]);
            assert.strictEqual(head.Metadata?.run, "7f");
            const { TagSet } = await client.send(new s3.GetObjectTaggingCommand({ Bucket: bucket.name, Key }));
            assert.deepStrictEqual(
                TagSet?.map((tag) => `${tag.Key}=${tag.Value}`),
                ["team=a b", "x=1"],
            );
        }

        const versionsThen = await bucket.versions();
        const again = await restore(client, request, true, limits);
        assert.deepStrictEqual([again.counts.same, again.counts.overwritten, again.failures], [2, 0, []]);
        assert.deepStrictEqual(await bucket.versions(), versionsThen);
    });
});
