import assert from "node:assert";
import { evaluateStack } from "../support/stack";

// Policies are judged in tests/access. Not proved: that S3 takes and applies these settings.

const bucket = "mlflow-test-e7ae1bd0a6c5b1d6";

describe("ArtifactBucket", () => {
    it("makes a private, versioned, encrypted bucket that cleans up after itself", async () => {
        const stack = await evaluateStack({ noncurrentVersionDays: 45, backupRetentionDays: 44 });
        const name = stack.output("bucketName");
        assert.match(String(name), /^mlflow-test-[0-9a-f]{16}$/);
        assert.deepStrictEqual(stack.inputs("random:index/randomId:RandomId"), { byteLength: 8 });

        const { tags, ...inputs } = stack.inputs("aws:s3/bucket:Bucket");
        assert.ok(tags);
        assert.deepStrictEqual(inputs, { bucket: name, forceDestroy: false });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"), {
            bucket: name,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketOwnershipControls:BucketOwnershipControls"), {
            bucket: name,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketVersioning:BucketVersioning"), {
            bucket: name,
            versioningConfiguration: { status: "Enabled" },
        });
        assert.deepStrictEqual(
            stack.inputs("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
            {
                bucket: name,
                rules: [
                    {
                        applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
                        blockedEncryptionTypes: ["SSE-C"],
                    },
                ],
            },
        );
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"), {
            bucket: name,
            rules: [
                {
                    id: "abort-incomplete-uploads",
                    status: "Enabled",
                    filter: {},
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
                {
                    id: "expire-backups",
                    status: "Enabled",
                    filter: { prefix: "backups/" },
                    expiration: { days: 44 },
                },
                {
                    id: "expire-noncurrent-versions",
                    status: "Enabled",
                    filter: {},
                    noncurrentVersionExpiration: { noncurrentDays: 45 },
                    expiration: { expiredObjectDeleteMarker: true },
                },
            ],
        });
    });

    it("never expires or moves an artifact that is current, so that every live model stays readable", async () => {
        const stack = await evaluateStack();
        const { rules } = stack.inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration") as {
            rules: {
                filter: object;
                expiration?: object;
                transitions?: unknown;
                noncurrentVersionTransitions?: unknown;
            }[];
        };
        assert.strictEqual(rules.length, 3);
        for (const { transitions, noncurrentVersionTransitions } of rules) {
            assert.deepStrictEqual([transitions, noncurrentVersionTransitions], [undefined, undefined]);
        }
        assert.deepStrictEqual(
            rules.map(({ filter, expiration }) => [filter, expiration]),
            [
                [{}, undefined],
                [{ prefix: "backups/" }, { days: 30 }],
                [{}, { expiredObjectDeleteMarker: true }],
            ],
        );
    });

    it("sets the policy after public access is blocked, and the lifecycle after versioning", async () => {
        const stack = await evaluateStack();
        const waits = (type: string) => stack.one(type).dependencies;
        const urn = (type: string) => stack.one(type).urn;
        assert.ok(
            waits("aws:s3/bucketPolicy:BucketPolicy").includes(
                urn("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"),
            ),
        );
        assert.ok(
            waits("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").includes(
                urn("aws:s3/bucketVersioning:BucketVersioning"),
            ),
        );
    });

    it("takes a given name as it is, and deletes with content only when told to", async () => {
        const stack = await evaluateStack({ bucketName: "team-artifacts", forceDestroy: true });
        const { bucket: name, forceDestroy } = stack.inputs("aws:s3/bucket:Bucket");
        assert.deepStrictEqual([name, forceDestroy], ["team-artifacts", true]);
        assert.strictEqual(stack.output("artifactRoot"), "s3://team-artifacts/artifacts");
    });

    it("uses an existing bucket in the stack's region", async () => {
        const stack = await evaluateStack({ existingBucketName: bucket, artifactPrefix: "models/2026" });
        assert.strictEqual(stack.output("bucketName"), bucket);
        assert.strictEqual(stack.output("bucketArn"), `arn:aws:s3:::${bucket}`);
        assert.strictEqual(stack.output("artifactRoot"), `s3://${bucket}/models/2026`);
    });
});
