import assert from "node:assert";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { rights } from "../../operating/bucket";
import { restore } from "../../operating/restore";
import { enforceIam } from "../../sandbox/emulatedStack";
import { address, base64, type EmulatedBucket, endOfSecond, withEmulatedBucket } from "./emulatedBucket";

// What restore-artifacts does when it can't do all of it, or none: what it says, and how it exits. Not proved here: that the
// rights it names are enough on AWS; the emulator knows fewer of them.

describe("npm run restore-artifacts, when it can't", function () {
    this.timeout(120_000);
    let bucket: EmulatedBucket;

    withEmulatedBucket((made) => (bucket = made));

    it("names what can't be brought back, does the rest, and fails", async () => {
        await bucket.setVersioning("Enabled");
        await bucket.put("artifacts/archived", "1", { StorageClass: "GLACIER" });
        await bucket.put("artifacts/plain", "1");
        const moment = await endOfSecond();
        await bucket.put("artifacts/archived", "22");
        await bucket.put("artifacts/plain", "22");
        const { status, stdout } = await bucket.command([address, moment.toISOString(), "--apply"]);
        assert.strictEqual(status, 1);
        assert.match(
            stdout,
            /^Brought back 1 object, .*: 1 overwritten since, 0 deleted since\.\n {2}"artifacts\/plain"$/m,
        );
        assert.match(
            stdout,
            /^Failed: 1 object\. Run it again: what is done is left alone\.\n {2}"artifacts\/archived": HTTP 403 from S3, ObjectNotInActiveTierError: .+\n$/m,
        );
        assert.strictEqual(await bucket.contentOf("artifacts/plain"), base64("1"));
    });

    it("leaves no unfinished upload behind when a copy in parts fails", async () => {
        await bucket.setVersioning("Enabled");
        await bucket.put("artifacts/a", Buffer.alloc(1000));
        const moment = await endOfSecond();
        await bucket.remove("artifacts/a");
        // S3 takes no part of less than 5 MiB but the last one.
        const request = { bucket: bucket.name, prefix: "artifacts", moment };
        const { failures } = await restore(bucket.clients.s3, request, true, { whole: 500, part: 500 });
        assert.deepStrictEqual(
            failures.map(({ key, reason }) => [key, reason.split(":")[0]]),
            [["artifacts/a", "HTTP 400 from S3, EntityTooSmall"]],
        );
        const { Uploads } = await bucket.clients.s3.send(new s3.ListMultipartUploadsCommand({ Bucket: bucket.name }));
        assert.strictEqual(Uploads, undefined);
    });

    it("refuses a bucket that keeps no versions, or no longer", async () => {
        const message = (got: string) =>
            `versioning: got ${got}; allowed: Enabled; remedy: aws s3api put-bucket-versioning --bucket models ` +
            "--versioning-configuration Status=Enabled, which keeps what there is from then on\n";
        const time = new Date().toISOString();
        assert.deepStrictEqual(await bucket.command([address, time, "--apply"]), {
            status: 1,
            stdout: "",
            stderr: message("none for the bucket models: it keeps nothing that was overwritten or deleted"),
        });
        await bucket.setVersioning("Suspended");
        assert.deepStrictEqual(await bucket.command([address, time, "--apply"]), {
            status: 1,
            stdout: "",
            stderr: message("Suspended for the bucket models: a copy would replace for good what is there now"),
        });
    });

    it("says in one line that there is no such bucket, no credentials, or a wrong argument", async () => {
        const time = new Date().toISOString();
        const lines = [
            await bucket.command(["s3://no-such-models/artifacts", time]),
            await bucket.command([address, time], "", ""),
            await bucket.command([address, "today"]),
        ].map(({ status, stdout, stderr }) => [status, stdout, stderr.split(";")[0], stderr.split("\n").length]);
        assert.deepStrictEqual(lines, [
            [1, "", "address: got no-such-models, which is no bucket", 2],
            [1, "", "credentials: got none", 2],
            [1, "", 'moment: got "today"', 2],
        ]);
    });

    it("does with the rights that it names, and names them to whoever has fewer", async () => {
        await bucket.setVersioning("Enabled");
        await bucket.put("artifacts/a", "1", { Tagging: "a=1" });
        const moment = await endOfSecond();
        await bucket.remove("artifacts/a");
        // For the emulator, looking at a version is looking at the object.
        const operator = await keyOf("operator", rights.bucket, [...rights.objects, "s3:GetObject"]);
        const withoutVersions = rights.bucket.filter((right) => right !== "s3:ListBucketVersions");
        const teammate = await keyOf("teammate", withoutVersions, ["s3:GetObject", "s3:PutObject"]);
        await enforceIam(bucket.endpoint, true);
        const refused = await bucket.command([address, moment.toISOString(), "--apply"], ...teammate);
        const done = await bucket.command([address, moment.toISOString(), "--apply"], ...operator);
        await enforceIam(bucket.endpoint, false);
        assert.deepStrictEqual([refused.status, refused.stdout], [1, ""]);
        assert.match(
            refused.stderr,
            /^rights: got HTTP 403 from S3, AccessDenied: [^;]* \(bucket models\); allowed: valid credentials of an operator with s3:ListBucket, s3:ListBucketVersions, .*\n$/,
        );
        assert.deepStrictEqual([done.status, done.stderr], [0, ""], done.stdout);
        assert.strictEqual(await bucket.contentOf("artifacts/a"), base64("1"));
    });

    async function keyOf(UserName: string, onBucket: string[], onObjects: string[]): Promise<[string, string]> {
        const client = bucket.clients.iam;
        const arn = `arn:aws:s3:::${bucket.name}`;
        const Statement = [
            { Effect: "Allow", Action: onBucket, Resource: arn },
            { Effect: "Allow", Action: onObjects, Resource: `${arn}/artifacts/*` },
        ];
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        await client.send(new iam.CreateUserCommand({ UserName }));
        await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
        const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
        return [AccessKey!.AccessKeyId!, AccessKey!.SecretAccessKey!];
    }
});
