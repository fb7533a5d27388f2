import assert from "node:assert";
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { withSecrets } from "../../plan/secrets";
import type { Resource } from "../../policies/rule";
import { rules } from "../../policies/rules";
import type { Values } from "../../policies/values";
import { repository } from "../support/sandbox";
import { publicKey } from "../support/settings";
import { evaluateBootstrap } from "../bootstrap/support";
import { evaluateStack, type Stack } from "../support/stack";
import { found } from "./cases";

// All rules on what the real index.ts declares, in each of its modes. It does not prove what the engine hands to the rules: that is
// in engine.test.ts.

const seen = ({ resources }: Stack): Resource[] =>
    resources.map(({ urn, type, inputs, protect }) => {
        const values = withSecrets(inputs, (secret) => secret) as Values;
        return { urn, type, protect, values, made: values, madeFrom: {} };
    });

/** `<rule>: <resource>: <property>: got <value>` */
const foundIn = (resources: readonly Resource[]): string[] =>
    rules.flatMap(({ name }) => found(name, resources).map((line) => `${name}: ${line}`));

/** The settings of a file that stands in the repository. */
function settingsOf(stack: string): Record<string, unknown> {
    const { config } = parse(readFileSync(path.join(repository, `Pulumi.${stack}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
    };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("mlflow-aws:", ""), value]));
}

const ssh = { accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["10.0.0.0/8", "2001:db8::/32"] };
const postgresql = { backend: "external", databaseHost: "db.example.internal", databasePassword: "correct horse" };
const fullAccess = (holder: string) =>
    `full-access-is-for-a-quick-start: mlflow-test-${holder}: managed policy: got arn:aws:iam::aws:policy/AmazonS3FullAccess`;

describe("the policies on this program", () => {
    for (const stack of ["dev", "prod"]) {
        it(`find nothing in ${stack}`, async () => {
            assert.deepStrictEqual(foundIn(seen(await evaluateStack(settingsOf(stack), { name: stack }))), []);
        });
    }

    it("find nothing in what is applied once, bootstrap/", async () => {
        assert.deepStrictEqual(foundIn(seen(await evaluateBootstrap())), []);
    });

    const modes: [title: string, settings: Record<string, unknown>, ...expected: string[]][] = [
        ["the defaults", {}],
        ["a protected stack", { protect: true }],
        ["SSH from the widest ranges that it takes", ssh],
        ["PostgreSQL, whose password stays where it is", postgresql],
        ["direct artifacts", { artifactMode: "direct" }],
        ["roles instead of a user", { clientRoleNames: ["DataScientist"] }],
        ["a restricted bucket", { restrictBucket: true }],
        ["running hours", { runningHours: "Mon-Fri 07:00-19:00" }],
        ["a budget", { alarmEmail: "team@example.com", monthlyBudgetUsd: 25 }],
        ["an existing bucket", { existingBucketName: "somebodys-bucket" }],
        ["alarms and a log", { alarmEmail: "ml-team@example.com", logRetentionDays: 30 }],
        ["a network of its own", { networkCidr: "10.20.0.0/20" }],
        ["an existing instance", { existingInstanceId: "i-0123456789abcdef0" }],
        ["a bucket and a volume that may be destroyed", { forceDestroy: true }],
        ["the server's quick start", { serverS3Rights: "full" }, fullAccess("server-s3-full-access")],
        ["the client's quick start", { clientS3Rights: "full" }, fullAccess("client-s3-full-access")],
        [
            "the quick start of roles",
            { clientS3Rights: "full", clientRoleNames: ["DataScientist"] },
            fullAccess("client-DataScientist-s3-full-access"),
        ],
        [
            "a rotation of keys",
            { accessKeyB: "active" },
            "one-active-key-per-user: mlflow-test-client-access-key-b: status: got a second active key",
        ],
    ];
    for (const [title, settings, ...expected] of modes) {
        it(`find ${expected.length === 0 ? "nothing" : `${expected.length} in all`} with ${title}`, async () => {
            assert.deepStrictEqual(foundIn(seen(await evaluateStack(settings))), expected);
        });
    }

    it("would refuse the quick start in a protected stack, if the settings did not", async () => {
        const resources = seen(await evaluateStack({ serverS3Rights: "full" }));
        const kept = resources.map((resource) => ({ ...resource, protect: resource.type === "aws:s3/bucket:Bucket" }));
        assert.deepStrictEqual(foundIn(kept), [
            "no-full-access-in-protected-stacks: mlflow-test-server-s3-full-access: managed policy: got arn:aws:iam::aws:policy/AmazonS3FullAccess",
        ]);
    });

    // Each thing that makes the stack safe, taken away from what it really declares.
    type Change = Readonly<Record<string, unknown>> | "gone";
    const spoilt: [title: string, type: string, change: Change, ...expected: string[]][] = [
        [
            "its public access block",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "gone",
            "bucket-blocks-public-access: mlflow-test-artifacts-bucket: public access block: got nothing",
        ],
        [
            "its bucket policy",
            "aws:s3/bucketPolicy:BucketPolicy",
            "gone",
            "bucket-requires-tls: mlflow-test-artifacts-bucket: bucket policy: got no statement that denies requests without TLS",
        ],
        [
            "its bucket's encryption",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "gone",
            "bucket-states-its-encryption: mlflow-test-artifacts-bucket: server-side encryption: got nothing",
        ],
        [
            "its volume's encryption",
            "aws:ebs/volume:Volume",
            { encrypted: undefined },
            "volumes-are-encrypted: mlflow-test-host-data: encrypted: got nothing",
        ],
        [
            "what its instance says of its root, its metadata and its secrets",
            "aws:ec2/instance:Instance",
            { rootBlockDevice: undefined, metadataOptions: undefined, userData: "MLFLOW_PASSWORD=hunter22" },
            "volumes-are-encrypted: mlflow-test-host-instance: rootBlockDevice.encrypted: got nothing",
            "metadata-needs-a-token: mlflow-test-host-instance: metadataOptions.httpTokens: got nothing",
            "metadata-needs-a-token: mlflow-test-host-instance: metadataOptions.httpPutResponseHopLimit: got nothing",
            "no-secret-in-plain-sight: mlflow-test-host-instance: userData: got a password",
        ],
        [
            "its firewall",
            "aws:ec2/securityGroup:SecurityGroup",
            { ingress: [{ cidrBlocks: ["0.0.0.0/0"] }] },
            "no-ingress-from-the-world: mlflow-test-host-firewall: ingress[0].cidrBlocks: got 0.0.0.0/0",
        ],
        [
            "the names in its server's policy",
            "aws:iam/rolePolicy:RolePolicy",
            { policy: { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } },
            "no-wildcards-in-iam: mlflow-test-server-policy: policy, statement 1: Action: got s3:*",
            "no-wildcards-in-iam: mlflow-test-server-policy: policy, statement 1: Resource of s3:*: got *",
        ],
        [
            "the name of its server's service",
            "aws:iam/role:Role",
            { assumeRolePolicy: { Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }] } },
            "roles-trust-whom-they-name: mlflow-test-server-role: assumeRolePolicy, statement 1: Principal: got *",
        ],
    ];
    for (const [title, type, change, ...expected] of spoilt) {
        it(`miss ${title}`, async () => {
            const resources = seen(await evaluateStack());
            assert.ok(resources.some((resource) => resource.type === type));
            const changed = resources.flatMap((resource) =>
                resource.type !== type
                    ? [resource]
                    : change === "gone"
                      ? []
                      : [{ ...resource, values: { ...resource.values, ...change } }],
            );
            assert.deepStrictEqual(foundIn(changed), expected);
        });
    }
});
