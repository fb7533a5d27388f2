import assert from "node:assert";
import * as iam from "@aws-sdk/client-iam";
import { readFileSync, writeFileSync } from "node:fs";
import { rights } from "../../operating/adopt/rights";
import { enforceIam } from "../../sandbox/emulatedStack";
import { AdoptScene, oldKey } from "./adoptScene";
import { base64, type EmulatedBucket, withEmulatedBucket } from "./emulatedBucket";

// What adopt-artifacts does when it can't do all of it, or none: what it says, and how it exits. Not proved here: that the rights
// it names are enough on AWS; the emulator knows fewer of them.

describe("npm run adopt-artifacts, when it can't", function () {
    this.timeout(120_000);
    let bucket: EmulatedBucket;
    let scene: AdoptScene;

    withEmulatedBucket((made) => (bucket = made));
    before(() => (scene = new AdoptScene(bucket)));
    after(() => scene.remove());

    it("names what can't be copied, does the rest, and fails", async () => {
        await bucket.put(oldKey(1, 1, "archived"), "1", { StorageClass: "GLACIER" });
        await bucket.put(oldKey(1, 1, "plain"), "22");
        const { status, stdout } = await scene.command(["--run"]);
        assert.strictEqual(status, 1);
        assert.match(stdout, /^Copied 1 object, 2 bytes\.\nFailed: 1 object\. Run it again: /m);
        assert.match(stdout, /^ {2}"1\/1{32}\/artifacts\/archived": HTTP 403 from S3, ObjectNotInActiveTierError: /m);
        assert.doesNotMatch(stdout, /came meanwhile/);
        assert.strictEqual(await bucket.contentOf(`artifacts/${oldKey(1, 1, "plain")}`), base64("22"));
    });

    it("refuses addresses that it can't copy from, each with its remedy", async () => {
        const cases = [
            [
                "s3://elsewhere/x/",
                "a folder of s3://models, whose copies S3 makes by itself; remedy: aws s3 sync s3://elsewhere/x s3://models/artifacts, " +
                    "and later mlflow-adopt --from s3://elsewhere/x",
            ],
            [
                "s3://models/backups",
                "a folder outside of artifacts/, host/, backups/; remedy: leave it: the server already uses what is there",
            ],
            [
                "s3://models/artifacts/1",
                "a folder outside of artifacts/, host/, backups/; remedy: leave it: the server already uses what is there",
            ],
            ["models/team", "s3://models/<folder>; remedy: the address without the name of a file"],
        ];
        for (const [from, allowed] of cases) {
            assert.deepStrictEqual(await scene.command(["--run", "--from", from]), {
                status: 5,
                stdout: "",
                stderr: `--from: got ${from}; allowed: ${allowed}\n`,
            });
        }
    });

    it("refuses another account's credentials, and a stack whose clients use S3 themselves", async () => {
        const file = await scene.outputs();
        const text = readFileSync(file, "utf8");
        writeFileSync(file, text.replaceAll("123456789012", "210987654321"));
        assert.deepStrictEqual(await scene.with(file, ["--run"]), {
            status: 3,
            stdout: "",
            stderr:
                "account: got 123456789012; allowed: 210987654321, which stack test is in; remedy: AWS_PROFILE=<profile of an " +
                "operator of that account>\n",
        });
        const direct = await scene.outputs({ artifactMode: "direct" });
        const refused = await scene.with(direct, ["--run"]);
        assert.deepStrictEqual([refused.status, refused.stdout], [3, ""]);
        assert.match(
            refused.stderr,
            /^artifactMode: got direct, whose clients use S3 themselves; allowed: proxied; remedy: [^\n]*\n$/,
        );
    });

    it("does with the rights that it names, and names them to whoever has fewer", async () => {
        await bucket.put(oldKey(1, 1, "a"), "1", { Tagging: "a=1" });
        const operator = await keyOf("operator", rights.bucket, rights.objects);
        const reader = await keyOf("reader", ["s3:ListBucket"], ["s3:GetObject"]);
        const nobody = await keyOf("nobody", ["s3:GetBucketTagging"], ["s3:GetObject"]);
        await enforceIam(bucket.endpoint, true);
        const [refused, failed, done] = [
            await scene.command(["--run"], ...nobody),
            await scene.command(["--run"], ...reader),
            await scene.command(["--run"], ...operator),
        ];
        await enforceIam(bucket.endpoint, false);
        assert.deepStrictEqual([refused.status, refused.stdout], [1, ""]);
        assert.match(
            refused.stderr,
            /^rights: got HTTP 403 from S3, [^;]* \(bucket models\); allowed: valid credentials of an operator with s3:ListBucket for the bucket, and s3:GetObject, .*\n$/,
        );
        assert.strictEqual(failed.status, 1);
        assert.match(failed.stdout, /^ {2}"1\/1{32}\/artifacts\/a": HTTP 403 from S3, AccessDenied: /m);
        assert.deepStrictEqual([done.status, done.stderr], [0, ""], done.stdout);
        assert.strictEqual(await bucket.contentOf(`artifacts/${oldKey(1, 1, "a")}`), base64("1"));
    });

    async function keyOf(UserName: string, onBucket: string[], onObjects: string[]): Promise<[string, string]> {
        const client = bucket.clients.iam;
        const arn = `arn:aws:s3:::${bucket.name}`;
        const Statement = [
            { Effect: "Allow", Action: onBucket, Resource: arn },
            { Effect: "Allow", Action: onObjects, Resource: `${arn}/*` },
        ];
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        await client.send(new iam.CreateUserCommand({ UserName }));
        await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
        const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
        return [AccessKey!.AccessKeyId!, AccessKey!.SecretAccessKey!];
    }
});
