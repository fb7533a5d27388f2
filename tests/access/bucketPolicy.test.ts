// The bucket's own policy, together with what a caller's identity allows. Not proven: AWS itself evaluates; service control
// policies, boundaries, session policies and access points are not covered. The account root is modelled as a caller with
// every right in S3.
import assert from "node:assert";
import { assertAll, type Caller, type Callers, callers, type Request } from "../support/callers";
import { evaluateStack } from "../support/stack";
import * as table from "./requests";

const everyRight = [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] }];
const root = "arn:aws:iam::123456789012:root";
const administrator = "arn:aws:iam::123456789012:role/administrator";

const isAbort = ([action]: Request) => action === "s3:AbortMultipartUpload";
const artifacts = [...table.readArtifacts, ...table.writeArtifacts];

/** What `restrictBucket` closes to all but the named callers. */
const restricted = artifacts.filter((request) => !isAbort(request));

/** What it leaves to whoever repairs or deploys: policy, versions, `host/`, `backups/` and the bucket itself. */
const leftOpen: readonly Request[] = [
    ...table.configuration,
    ...table.versions,
    ...table.hostFolder,
    ...artifacts.filter(isAbort),
    ["s3:GetObject", "{bucket}/backups/database.gz"],
    ["s3:PutObject", "{bucket}/backups/database.gz"],
    ["s3:DeleteObject", "{bucket}/backups/database.gz"],
    ["s3:PutObject", "{bucket}/artifacts-old/model"],
    // HeadBucket, which every deployment asks for, cannot be told from a listing of all names.
    ["s3:ListBucket", "{bucket}"],
    // Not wanted: a prefix that stops short of the folder's slash lists the names of the artifacts too.
    ["s3:ListBucket", "{bucket}", { "s3:prefix": "" }],
    ["s3:ListBucket", "{bucket}", { "s3:prefix": "artifacts" }],
    ["s3:ListBucket", "{bucket}", { "s3:prefix": "host/" }],
    ["s3:ListBucket", "{bucket}", { "s3:prefix": "artifacts-old/" }],
];

const withoutTls = ([action, resource, context]: Request): Request => [
    action,
    resource,
    { ...context, "aws:SecureTransport": "false" },
];

for (const restrictBucket of [false, true]) {
    describe(`the bucket policy with restrictBucket ${restrictBucket}`, () => {
        let found: Callers;
        before(async () => {
            found = callers(await evaluateStack({ restrictBucket }));
        });
        const everybody: Record<string, () => Caller> = {
            "the client user": () => found.client,
            "the server role": () => found.server,
            "the account root": () => found.other(root, everyRight),
            "an administrator": () => found.other(administrator, everyRight),
            "an AWS service": () => found.other("cloudtrail.amazonaws.com"),
            nobody: () => found.other(undefined),
        };

        for (const [who, caller] of Object.entries(everybody)) {
            it(`refuses everything without TLS: ${who}`, () => {
                assertAll("explicit deny", caller(), [...restricted, ...leftOpen].map(withoutTls));
            });
        }
        it("leaves the client user and the server role what they have", () => {
            assertAll("allow", found.client, artifacts);
            assertAll("allow", found.server, [table.hostFolder[0], ...artifacts]);
        });
        it("leaves the account root everything", () => {
            assertAll("allow", found.other(root, everyRight), [...restricted, ...leftOpen]);
        });
        it("grants nothing to those without rights of their own", () => {
            for (const arn of [administrator, "arn:aws:iam::210987654321:role/other", "s3.amazonaws.com", undefined]) {
                assertAll(restrictBucket ? "explicit deny" : "implicit deny", found.other(arn), restricted);
                assertAll("implicit deny", found.other(arn), leftOpen);
            }
            assertAll("implicit deny", found.other(root), [...restricted, ...leftOpen]);
        });
    });
}

describe("the bucket policy", () => {
    it("takes nothing over TLS from an administrator by default", async () => {
        const { other } = callers(await evaluateStack());
        assertAll("allow", other(administrator, everyRight), [...restricted, ...leftOpen]);
    });

    describe("with restrictBucket refuses the artifacts, and nothing more, to", () => {
        let found: Callers;
        before(async () => {
            found = callers(await evaluateStack({ restrictBucket: true }));
        });
        const strangers: Record<string, () => string> = {
            "an administrator": () => administrator,
            "another user": () => "arn:aws:iam::123456789012:user/somebody",
            "a user with a longer name": () => `${found.client.arn}-2`,
            "a user of the same name on a path": () => found.client.arn.replace("user/", "user/team/"),
            "a role with a longer name": () => `${found.server.arn}-2`,
            "a role with the user's name": () => found.client.arn.replace("user/", "role/"),
        };
        for (const [who, arn] of Object.entries(strangers)) {
            it(who, () => {
                assertAll("explicit deny", found.other(arn(), everyRight), restricted);
                assertAll("allow", found.other(arn(), everyRight), leftOpen);
            });
        }
        it("other accounts", () => {
            const twin = found.client.arn.replace("123456789012", "210987654321");
            for (const arn of [twin, "arn:aws:iam::210987654321:root"]) {
                assertAll("explicit deny", found.other(arn, everyRight), restricted);
            }
        });
    });

    it("follows another prefix, user name and managed full access", async () => {
        const settings = {
            restrictBucket: true,
            artifactPrefix: "team/ml",
            clientUserName: "ml",
            clientS3Rights: "full",
        };
        const { client, other } = callers(await evaluateStack(settings));
        const own: readonly Request[] = [
            ["s3:ListBucket", "{bucket}", { "s3:prefix": "team/ml/" }],
            ["s3:GetObject", "{bucket}/team/ml/model"],
        ];
        // AmazonS3FullAccess, attached by name, is every right in S3.
        assertAll("allow", other(client.arn, everyRight), own);
        assertAll("explicit deny", other(administrator, everyRight), own);
        assertAll("allow", other(administrator, everyRight), restricted);
    });

    it("is not touched on an existing bucket", async () => {
        const stack = await evaluateStack({ existingBucketName: "team-bucket" });
        assert.deepStrictEqual(stack.all("aws:s3/bucketPolicy:BucketPolicy"), []);
    });
});
