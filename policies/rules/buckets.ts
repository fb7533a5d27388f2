import { conditionsOf, mayHold, principalsOf, statementsOf } from "../documents";
import type { Finding, Resource, Rule, StackRule } from "../rule";
import { isOff, listOf, unknown, type Values } from "../values";

const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** Of both generations of the provider. */
const kinds = {
    publicAccessBlock: ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"],
    policy: ["aws:s3/bucketPolicy:BucketPolicy"],
    encryption: [
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    ],
};

/** By the name, or by where it comes from while that is not known. */
const isOf = (bucket: Resource, { values, madeFrom }: Resource) =>
    typeof values.bucket === "string" && typeof bucket.values.bucket === "string"
        ? values.bucket === bucket.values.bucket
        : (madeFrom.bucket ?? []).includes(bucket.urn);

/** A rule for every bucket, and for what another resource says of it. */
const forEachBucket =
    (
        kind: keyof typeof kinds,
        judge: (bucket: Resource, companions: Resource[]) => Finding[],
    ): StackRule["judgeStack"] =>
    (resources) =>
        resources
            .filter(({ type }) => bucketTypes.includes(type))
            .flatMap((resource) => {
                const companions = resources.filter(
                    (other) => kinds[kind].includes(other.type) && isOf(resource, other),
                );
                return judge(resource, companions).map((finding) => ({ ...finding, resource }));
            });

const flags = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

function openFlags(_: Resource, [block]: Resource[]): Finding[] {
    if (!block) {
        return [{ property: "public access block", got: undefined }];
    }
    return flags.filter((flag) => isOff(block.values[flag])).map((flag) => ({ property: flag, got: false }));
}

/** Whether a statement refuses all requests without TLS to the bucket itself and to its objects. */
export function deniesPlainRequests(statement: Values, bucketName: unknown): boolean {
    const [condition, ...more] = conditionsOf(statement);
    const name = typeof bucketName === "string" ? bucketName.replace(/[^\w-]/g, "\\$&") : "[^/*]+";
    const among = (path: string) => {
        const pattern = new RegExp(`^(\\*|arn:[\\w-]+:s3:::(${name}|\\*)${path})$`);
        return mayHold(statement.Resource, (resource) => pattern.test(resource));
    };
    return (
        statement.Effect === "Deny" &&
        principalsOf(statement).includes("*") &&
        mayHold(statement.Action, (action) => action === "*" || action.toLowerCase() === "s3:*") &&
        among("") &&
        among("/\\*") &&
        condition !== undefined &&
        more.length === 0 &&
        /^Bool(IfExists)?$/i.test(condition.operator) &&
        condition.key === "aws:securetransport" &&
        condition.values.every((value) => String(value) === "false")
    );
}

const plainRequests = ({ values: { bucket, policy: own } }: Resource, policies: Resource[]): Finding[] => {
    const documents = [own, ...policies.map(({ values }) => values.policy)];
    const fits = documents.some(
        (document) =>
            document === unknown || statementsOf(document).some((statement) => deniesPlainRequests(statement, bucket)),
    );
    return fits ? [] : [{ property: "bucket policy", got: "no statement that denies requests without TLS" }];
};

const unencrypted = ({ values }: Resource, configurations: Resource[]): Finding[] =>
    configurations.length > 0 || values.serverSideEncryptionConfiguration === unknown
        ? []
        : listOf(values.serverSideEncryptionConfiguration).length > 0
          ? []
          : [{ property: "server-side encryption", got: undefined }];

export const bucketRules: readonly Rule[] = [
    {
        name: "bucket-blocks-public-access",
        enforcement: "mandatory",
        why: "one wrong policy or ACL would publish everything in the bucket",
        refuses: "A bucket without a public access block, or with one of its four flags off",
        controls: ["S3.2", "S3.3", "S3.8", "CIS 2.1.4"],
        allowed: "a BucketPublicAccessBlock of this bucket with all four flags `true`",
        remedy: "add an aws.s3.BucketPublicAccessBlock with all four flags",
        judgeStack: forEachBucket("publicAccessBlock", openFlags),
    },
    {
        name: "bucket-requires-tls",
        enforcement: "mandatory",
        why: "data and signatures of requests would cross networks in the clear",
        refuses:
            "A bucket whose policy does not deny everybody every action without TLS, on the bucket and on its objects",
        controls: ["S3.5", "CIS 2.1.1"],
        allowed:
            "a Deny of `s3:*` for `*` on the bucket and `/*` with `aws:SecureTransport` `false` as its only condition",
        remedy: "add that statement to the aws.s3.BucketPolicy of the bucket",
        judgeStack: forEachBucket("policy", plainRequests),
    },
    {
        name: "bucket-states-its-encryption",
        enforcement: "advisory",
        why: "S3 encrypts every new object in any case; stated, the choice is in the code and drift is seen. The control asks for a KMS key, this rule is content with S3's own",
        refuses: "A bucket without an encryption configuration",
        controls: ["S3.17"],
        allowed: "an encryption configuration of this bucket",
        remedy: "add an aws.s3.BucketServerSideEncryptionConfiguration with `AES256` or `aws:kms`",
        judgeStack: forEachBucket("encryption", unencrypted),
    },
];
