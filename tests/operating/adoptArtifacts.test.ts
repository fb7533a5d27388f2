import assert from "node:assert";
import * as s3 from "@aws-sdk/client-s3";
import { copyAll } from "../../operating/adopt/copies";
import { reportDone } from "../../operating/adopt/report";
import { survey } from "../../operating/adopt/survey";
import { kill } from "../support/databaseHost";
import { AdoptScene, oldKey } from "./adoptScene";
import { base64, type EmulatedBucket, withEmulatedBucket } from "./emulatedBucket";

// The command adopt-artifacts, run as an operator runs it, on a bucket of the AWS emulator: every object is compared, byte by byte,
// before and after. That MLflow then finds them is in tests/adoption. Not proved here: S3's limit of 5 GiB for one copy (the same
// path runs with a lower one), encryption by KMS, a bucket in another region.

describe("npm run adopt-artifacts", function () {
    this.timeout(300_000);
    let bucket: EmulatedBucket;
    let scene: AdoptScene;

    withEmulatedBucket((made) => (bucket = made));
    before(() => (scene = new AdoptScene(bucket)));
    after(() => scene.remove());

    const odd = ["a b+c%20&<>\"'é😀.txt", "deep/er/empty", "..x/y", "ends/"];
    const taken = () => [
        ...odd.map((name) => oldKey(0, 1, name)),
        oldKey(12, 10, "model/MLmodel"),
        "3/models/m-1f/artifacts/MLmodel",
        "3/traces/tr-1f/artifacts/traces.json",
    ];
    const others = [
        "1/readme.txt",
        `1/${"a".repeat(31)}/artifacts/x`,
        `x1/${"a".repeat(32)}/artifacts/x`,
        `1/${"A".repeat(32)}/artifacts/x`,
        "loose.txt",
        "team/data/a.csv",
        "team/data/b.csv",
    ];
    const own = ["artifacts/1/x", "host/abc.tar.gz", "backups/a.pgdump", `backups/0/${"a".repeat(32)}/artifacts/x`];

    const contentOf = (key: string) => (key.endsWith("/") ? "" : `content of ${key}`);
    const fill = async () => {
        for (const key of [...taken(), ...others, ...own]) {
            await bucket.put(key, contentOf(key));
        }
    };
    const copiesOf = (keys: string[]) =>
        Object.fromEntries(keys.map((key) => [`artifacts/${key}`, base64(contentOf(key))]));

    it("copies what MLflow put there, and nothing else; a second run does nothing", async () => {
        await fill();
        const before = await bucket.objects();
        const bytes = taken().reduce((sum, key) => sum + Buffer.byteLength(contentOf(key)), 0);

        const dry = await scene.command([]);
        assert.deepStrictEqual([dry.status, dry.stderr], [0, ""]);
        assert.deepStrictEqual(dry.stdout.split("\n"), [
            "s3://models: what MLflow logged straight to the bucket, to below artifacts/:",
            `To copy: 7 objects, ${bytes} bytes. Copied before: 0 objects, 0 bytes.`,
            "Left where they are; with --from s3://models/<folder> they are taken along:",
            '  "1/": 3 objects, 136 bytes',
            '  "loose.txt": 1 object, 20 bytes',
            '  "team/": 2 objects, 52 bytes',
            `  "x1/": 1 object, 58 bytes`,
            "Nothing was changed. With --run it is done.",
            "",
        ]);
        assert.deepStrictEqual(await bucket.objects(), before);

        const done = await scene.command(["--run"]);
        assert.deepStrictEqual([done.status, done.stderr], [0, ""]);
        assert.match(done.stdout, new RegExp(`^Copied 7 objects, ${bytes} bytes\\.$`, "m"));
        const compared = `^Compared: 7 objects, ${bytes} bytes lie in both places; none is missing below s3://models/artifacts/\\. `;
        assert.match(done.stdout, new RegExp(compared, "m"));
        assert.deepStrictEqual(await bucket.objects(), { ...before, ...copiesOf(taken()) });

        const versions = await bucket.versions();
        const again = await scene.command(["--run"]);
        assert.match(
            again.stdout,
            new RegExp(`^To copy: 0 objects, 0 bytes\\. Copied before: 7 objects, ${bytes} bytes\\.$`, "m"),
        );
        assert.deepStrictEqual([again.status, await bucket.versions()], [0, versions]);
    });

    it("takes along a folder that the operator names, or the whole bucket", async () => {
        await fill();
        const before = await bucket.objects();
        const folder = await scene.command(["--run", "--from", "s3://models/team/data"]);
        assert.match(folder.stdout, /^Copied 2 objects, 52 bytes\.$/m);
        const team = copiesOf(["team/data/a.csv", "team/data/b.csv"]);
        assert.deepStrictEqual(await bucket.objects(), { ...before, ...team });
        const all = await scene.command(["--run", "--from", "s3://models"]);
        assert.match(all.stdout, /^Copied 12 objects, /m);
        assert.deepStrictEqual(await bucket.objects(), { ...before, ...copiesOf([...taken(), ...others]) });
    });

    it("copies a large object in parts, with its type, metadata and tags, and knows its own copy again", async () => {
        const large = Buffer.alloc(12 * 2 ** 20, "0123456789abcdefg");
        const described = { ContentType: "text/x-model", CacheControl: "no-store", Metadata: { run: "7f" } };
        const [largeKey, smallKey] = [oldKey(1, 1, "large"), oldKey(1, 1, "small")];
        await bucket.put(largeKey, large, { ...described, Tagging: "team=a+b&x=1" });
        await bucket.put(smallKey, "small", { ...described, Tagging: "team=a+b&x=1" });
        const [client, selection] = [bucket.clients.s3, { bucket: bucket.name, prefix: "artifacts" }];
        const { missing } = await survey(client, selection);
        const limits = { whole: 6 * 2 ** 20, part: 5 * 2 ** 20 };
        const { copied, failures } = await copyAll(client, selection, missing, limits);
        assert.deepStrictEqual([copied, failures], [{ objects: 2, bytes: large.length + 5 }, []]);
        assert.strictEqual(await bucket.contentOf(`artifacts/${largeKey}`), large.toString("base64"));
        for (const [key, etag] of [
            [largeKey, /^"[0-9a-f]{32}-3"$/],
            [smallKey, /^"[0-9a-f]{32}"$/],
        ] as const) {
            const place = { Bucket: bucket.name, Key: `artifacts/${key}` };
            const head = await client.send(new s3.HeadObjectCommand(place));
            assert.match(head.ETag!, etag);
            assert.deepStrictEqual(
                [head.ContentType, head.CacheControl, head.Metadata?.run],
                ["text/x-model", "no-store", "7f"],
            );
            const { TagSet } = await client.send(new s3.GetObjectTaggingCommand(place));
            assert.deepStrictEqual(
                TagSet?.map((tag) => `${tag.Key}=${tag.Value}`),
                ["team=a b", "x=1"],
            );
        }
        const again = await survey(client, selection);
        assert.deepStrictEqual([again.missing, again.conflicts, again.same.objects], [[], [], 2]);
    });

    it("names everything in whose place something else lies, leaves both alone, and copies the rest", async () => {
        await fill();
        const [first, second] = [oldKey(12, 10, "model/MLmodel"), "3/models/m-1f/artifacts/MLmodel"];
        await bucket.put(`artifacts/${first}`, "of another size");
        await bucket.put(`artifacts/${second}`, contentOf(second).toUpperCase());
        const before = await bucket.objects();
        const lines =
            "is never overwritten: 2 objects. Compare the two, and delete or rename the one that nobody needs:\n" +
            `  "${first}": artifacts/${first}\n  "${second}": artifacts/${second}\n`;
        const dry = await scene.command([]);
        assert.deepStrictEqual([dry.status, dry.stdout.includes(lines)], [1, true], dry.stdout);
        const done = await scene.command(["--run"]);
        assert.strictEqual(done.status, 1);
        assert.match(done.stdout, /^Copied 5 objects, /m);
        assert.match(done.stdout, /; missing or something else below s3:\/\/models\/artifacts\/: 2 objects\.$/m);
        assert.deepStrictEqual(await bucket.objects(), { ...copiesOf(taken()), ...before });
    });

    it("goes on where it was killed", async () => {
        const keys = Array.from({ length: 250 }, (_, index) => oldKey(1, index % 16, `file ${index}`));
        await Promise.all(keys.map((key) => bucket.put(key, contentOf(key))));
        const selection = { bucket: bucket.name, prefix: "artifacts" };
        const copies = async () => (await survey(bucket.clients.s3, selection)).same.objects;
        const child = await scene.begin();
        let copied = 0;
        while (copied < 10) {
            assert.strictEqual(child.exitCode, null, "it ended before it could be killed");
            copied = await copies();
        }
        await kill(child, "SIGKILL");
        const left = await copies();
        assert.ok(left > 0 && left < 250, String(left));
        const done = await scene.command(["--run"]);
        assert.deepStrictEqual([done.status, done.stderr], [0, ""]);
        assert.match(done.stdout, /^To copy: \d+ objects, .* Copied before: \d+ objects, /m);
        const all = Object.fromEntries(keys.map((key) => [key, base64(contentOf(key))]));
        assert.deepStrictEqual(await bucket.objects(), { ...all, ...copiesOf(keys) });
    });

    it("says when somebody still logs straight to the bucket", async () => {
        await bucket.put(oldKey(1, 1, "a"), "1");
        const [client, selection] = [bucket.clients.s3, { bucket: bucket.name, prefix: "artifacts" }];
        const { missing } = await survey(client, selection);
        await bucket.put(oldKey(1, 1, "b"), "22");
        const outcome = await copyAll(client, selection, missing);
        assert.deepStrictEqual(reportDone(selection, outcome, await survey(client, selection)), [
            "Copied 1 object, 1 byte.",
            "Compared: 1 object, 1 byte lie in both places; missing or something else below s3://models/artifacts/: 1 object.",
            "Objects came meanwhile: somebody still logs straight to the bucket. Stop the server of before and its clients, and run it again.",
        ]);
    });
});
