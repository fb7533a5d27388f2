import assert from "node:assert";
import { counts } from "../support/stack";
import { account, evaluateBootstrap, needed, store } from "./support";

// What the bootstrap program declares: every resource, and the outputs that people paste. Its policies are judged by the other tests of
// this folder. Not proved: that AWS takes it; nothing here runs on an engine.

const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
const tags = { Project: "mlflow-aws-bootstrap", ManagedBy: "Pulumi" };

const ofEnvironment = {
    "aws:iam/policy:Policy": 9,
    "aws:iam/role:Role": 2,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 10,
};
const once = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": 1,
    "aws:kms/alias:Alias": 1,
    "aws:kms/key:Key": 1,
    "aws:s3/bucket:Bucket": 1,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
    "aws:s3/bucketPolicy:BucketPolicy": 1,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
    "aws:s3/bucketVersioning:BucketVersioning": 1,
    "random:index/randomId:RandomId": 1,
};

describe("the bootstrap program", () => {
    for (const environments of [["dev"], ["dev", "prod"]]) {
        it(`declares exactly this for ${environments.join(" and ")}`, async () => {
            const stack = await evaluateBootstrap({ ...needed, environments });
            const each = Object.entries(ofEnvironment).map(([type, count]) => [type, count * environments.length]);
            assert.deepStrictEqual(counts(stack), { ...once, ...Object.fromEntries(each) });
        });
    }

    it("keeps the states in a bucket that is versioned, encrypted, private and open to TLS alone", async () => {
        const stack = await evaluateBootstrap();
        const bucket = stack.outputs.stateBucket.value;
        assert.match(String(bucket), /^github-mlflow-state-[0-9a-f]{16}$/);
        assert.deepStrictEqual(stack.inputs("aws:s3/bucket:Bucket"), { bucket, tags });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketVersioning:BucketVersioning"), {
            bucket,
            versioningConfiguration: { status: "Enabled" },
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"), {
            bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketPolicy:BucketPolicy"), {
            bucket,
            policy: {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "TlsOnly",
                        Effect: "Deny",
                        Principal: "*",
                        Action: ["s3:*"],
                        Resource: [`arn:aws:s3:::${String(bucket)}`, `arn:aws:s3:::${String(bucket)}/*`],
                        Condition: { Bool: { "aws:SecureTransport": "false" } },
                    },
                ],
            },
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketOwnershipControls:BucketOwnershipControls"), {
            bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
        assert.deepStrictEqual(stack.inputs(encryption), {
            bucket,
            rules: [
                {
                    applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
                    blockedEncryptionTypes: ["SSE-C"],
                },
            ],
        });
        assert.deepStrictEqual(stack.inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"), {
            bucket,
            rules: [
                {
                    id: "expire-noncurrent-versions",
                    status: "Enabled",
                    filter: {},
                    noncurrentVersionExpiration: { noncurrentDays: 365 },
                    expiration: { expiredObjectDeleteMarker: true },
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
            ],
        });
    });

    it("makes a key that rotates, and that IAM decides about", async () => {
        const stack = await evaluateBootstrap();
        const { policy, ...rest } = stack.inputs("aws:kms/key:Key");
        assert.deepStrictEqual(rest, {
            description: "Secrets of MLflow stacks",
            enableKeyRotation: true,
            deletionWindowInDays: 30,
            tags,
        });
        assert.deepStrictEqual(JSON.parse(String(policy)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "AccountDecidesByIam",
                    Effect: "Allow",
                    Principal: { AWS: `arn:aws:iam::${account}:root` },
                    Action: ["kms:*"],
                    Resource: "*",
                },
            ],
        });
        assert.deepStrictEqual(stack.inputs("aws:kms/alias:Alias"), {
            name: "alias/mlflow-aws-secrets",
            targetKeyId: store.keyArn.split("/")[1],
        });
    });

    it("protects what nobody can do without: states, key and provider", async () => {
        const stack = await evaluateBootstrap();
        const protectedTypes = stack.resources.filter(({ protect }) => protect).map(({ type }) => type);
        assert.deepStrictEqual(protectedTypes.sort(), [
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            "aws:kms/key:Key",
            "aws:s3/bucket:Bucket",
        ]);
    });

    it("makes GitHub's provider, or takes the one that is there", async () => {
        const made = await evaluateBootstrap();
        assert.deepStrictEqual(made.inputs("aws:iam/openIdConnectProvider:OpenIdConnectProvider"), {
            url: "https://token.actions.githubusercontent.com",
            clientIdLists: ["sts.amazonaws.com"],
            tags,
        });
        const taken = await evaluateBootstrap({ ...needed, oidcProviderArn: provider });
        assert.deepStrictEqual(taken.all("aws:iam/openIdConnectProvider:OpenIdConnectProvider"), []);
        assert.strictEqual(taken.output("oidcProviderArn"), provider);
        const roles = (stack: typeof made) => stack.all("aws:iam/role:Role").map(({ inputs }) => inputs);
        assert.deepStrictEqual(roles(taken), roles(made));
    });

    it("gives the preview two policies, and the deployment six more; none of them has another's", async () => {
        const stack = await evaluateBootstrap({ ...needed, environments: ["dev"] });
        const attached: Record<string, string[]> = {};
        for (const { inputs } of stack.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")) {
            (attached[String(inputs.role)] ??= []).push(String(inputs.policyArn).split("github-mlflow-dev-")[1]);
        }
        const read = ["read", "read-identities"];
        const change = ["storage", "identities", "machines", "network", "tags", "services"].map(
            (area) => `change-${area}`,
        );
        assert.deepStrictEqual(
            Object.fromEntries(Object.entries(attached).map(([role, parts]) => [role, parts.sort()])),
            {
                "github-mlflow-dev-preview": read,
                "github-mlflow-dev-deploy": [...change, ...read].sort(),
            },
        );
    });

    it("says what to paste", async () => {
        const stack = await evaluateBootstrap({ ...needed, environments: ["dev"] });
        const key = "awskms:///alias/mlflow-aws-secrets?region=us-west-1&context_environment=dev";
        const boundary = `arn:aws:iam::${account}:policy/github-mlflow-dev-boundary`;
        const stateBucket = String(stack.output("stateBucket"));
        assert.deepStrictEqual(
            Object.fromEntries(Object.entries(stack.outputs).map(([name, { value }]) => [name, value])),
            {
                stateBucket,
                secretsKeyArn: store.keyArn,
                oidcProviderArn: provider,
                deployRoleArns: { dev: `arn:aws:iam::${account}:role/github-mlflow-dev-deploy` },
                previewRoleArns: { dev: `arn:aws:iam::${account}:role/github-mlflow-dev-preview` },
                permissionsBoundaryArns: { dev: boundary },
                secretsProviders: { dev: key },
                loginCommand: `npx pulumi login 's3://${stateBucket}?region=us-west-1'`,
                stackCommands: {
                    dev: [
                        `npx pulumi stack init dev --secrets-provider='${key}'`,
                        `npx pulumi config set permissionsBoundaryArn ${boundary} --stack dev`,
                    ],
                },
            },
        );
        assert.ok(Object.values(stack.outputs).every(({ secret }) => !secret));
    });
});
