import { unknown } from "../../policies/values";
import { judges, resource, urn } from "./cases";

// Good and bad buckets. It proves what the rules say of declarations; how S3 reads a policy is not proved.

const type = "aws:s3/bucket:Bucket";
const bucket = (values: Record<string, unknown> = {}) => resource(type, { bucket: "data", ...values });
const nameless = resource(type, { bucket: unknown });
const madeFrom = { bucket: [urn(type, "it")] };

const flags = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const block = (values: Record<string, unknown> = {}, of: unknown = "data") =>
    resource(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        { bucket: of, ...flags, ...values },
        { madeFrom },
    );

judges("bucket-blocks-public-access", {
    passes: {
        "all four flags": [bucket(), block()],
        "a bucket that has no name yet, by where the block's comes from": [nameless, block({}, unknown)],
        "a flag that a preview does not know": [bucket(), block({ blockPublicAcls: unknown })],
        "the older type of bucket": [resource("aws:s3/bucketV2:BucketV2", { bucket: "data" }), block()],
        "a stack without a bucket": block({ blockPublicAcls: false }),
    },
    refuses: {
        "a bucket without a block": [bucket(), "public access block: got nothing"],
        "the block of another bucket": [[bucket(), block({}, "other")], "public access block: got nothing"],
        "another bucket's block that has no name yet": [
            [nameless, { ...block({}, unknown), madeFrom: { bucket: [urn(type, "other")] } }],
            "public access block: got nothing",
        ],
        ...Object.fromEntries(
            Object.keys(flags).flatMap((flag) => [
                [`${flag} off`, [[bucket(), block({ [flag]: false })], `${flag}: got false`]],
                [`no ${flag}`, [[bucket(), block({ [flag]: undefined })], `${flag}: got false`]],
            ]),
        ),
        "the second of two buckets": [
            [bucket(), block(), resource(type, { bucket: "second" }, { name: "second" })],
            "second: public access block: got nothing",
        ],
    },
});

const statement = {
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:*"],
    Resource: ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const policyOf = (Statement: unknown, of: unknown = "data") =>
    resource(
        "aws:s3/bucketPolicy:BucketPolicy",
        { bucket: of, policy: { Version: "2012-10-17", Statement } },
        { madeFrom },
    );
const policy = (changes: Record<string, unknown> = {}) => policyOf([{ ...statement, ...changes }]);
const nothing = "bucket policy: got no statement that denies requests without TLS";

judges("bucket-requires-tls", {
    passes: {
        "a Deny for everybody, on bucket and objects": [bucket(), policy()],
        "the same as text": [
            bucket(),
            resource("aws:s3/bucketPolicy:BucketPolicy", {
                bucket: "data",
                policy: JSON.stringify({ Statement: statement }),
            }),
        ],
        "the same among others": [bucket(), policyOf([{ Effect: "Allow" }, statement])],
        "every principal by its long name, every action, every resource": [
            bucket(),
            policy({ Principal: { AWS: "*" }, Action: "*", Resource: "*" }),
        ],
        "a false that is no text": [bucket(), policy({ Condition: { Bool: { "aws:securetransport": false } } })],
        "another partition": [
            bucket(),
            policy({ Resource: ["arn:aws-us-gov:s3:::data", "arn:aws-us-gov:s3:::data/*"] }),
        ],
        "a policy in the bucket itself": bucket({ policy: JSON.stringify({ Statement: [statement] }) }),
        "a policy that a preview does not know": [
            nameless,
            resource("aws:s3/bucketPolicy:BucketPolicy", { bucket: unknown, policy: unknown }, { madeFrom }),
        ],
        "resources that a preview does not know": [
            nameless,
            policyOf([{ ...statement, Resource: [unknown, unknown] }], unknown),
        ],
    },
    refuses: {
        "a bucket without a policy": [bucket(), nothing],
        "the policy of another bucket": [[bucket(), policyOf([statement], "other")], nothing],
        "an Allow": [[bucket(), policy({ Effect: "Allow" })], nothing],
        "a Deny for one": [[bucket(), policy({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })], nothing],
        "a Deny of reading alone": [[bucket(), policy({ Action: ["s3:GetObject"] })], nothing],
        "a Deny on the objects alone": [[bucket(), policy({ Resource: ["arn:aws:s3:::data/*"] })], nothing],
        "a Deny on the bucket alone": [[bucket(), policy({ Resource: "arn:aws:s3:::data" })], nothing],
        "a Deny on some objects": [
            [bucket(), policy({ Resource: ["arn:aws:s3:::data", "arn:aws:s3:::data/artifacts/*"] })],
            nothing,
        ],
        "a Deny on another bucket": [
            [bucket(), policy({ Resource: ["arn:aws:s3:::other", "arn:aws:s3:::other/*"] })],
            nothing,
        ],
        "a name with dots, read as a pattern": [
            [
                resource(type, { bucket: "a.b" }),
                policyOf([{ ...statement, Resource: ["arn:aws:s3:::axb", "arn:aws:s3:::axb/*"] }], "a.b"),
            ],
            nothing,
        ],
        "a name that is no pattern": [[bucket({ bucket: "a(b" }), policyOf([statement], "a(b")], nothing],
        "a Deny with TLS": [[bucket(), policy({ Condition: { Bool: { "aws:SecureTransport": "true" } } })], nothing],
        "a second condition that narrows it": [
            [bucket(), policy({ Condition: { ...statement.Condition, StringEquals: { "aws:SourceVpc": "vpc-1" } } })],
            nothing,
        ],
        "no condition": [[bucket(), policy({ Condition: undefined })], nothing],
    },
});

const encryption = (of: unknown = "data") =>
    resource(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        { bucket: of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
        { madeFrom },
    );

judges("bucket-states-its-encryption", {
    passes: {
        "a configuration": [bucket(), encryption()],
        "a configuration of a bucket that has no name yet": [nameless, encryption(unknown)],
        "a configuration in the bucket itself": bucket({ serverSideEncryptionConfiguration: { rule: {} } }),
    },
    refuses: {
        "a bucket without one": [bucket(), "server-side encryption: got nothing"],
        "another bucket's": [[bucket(), encryption("other")], "server-side encryption: got nothing"],
    },
});
