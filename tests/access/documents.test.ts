// The generated documents, letter by letter for the defaults, and what no document may contain whatever the settings. It
// does not prove that the documents are right: the tables beside it do; nor that AWS accepts them.
import assert from "node:assert";
import { withSecrets } from "../../plan/secrets";
import { evaluateStack, type Stack } from "../support/stack";

/** A document, or the ARN of a managed policy, and the type of the resource that it was found in. */
type Found = readonly [type: string, policy: unknown];

/** Everything in a stack that is a policy or names one, whatever its resource calls it. */
const policiesOf = (stack: Stack): Found[] =>
    stack.resources
        .flatMap(({ type, inputs }) =>
            policiesIn(withSecrets(inputs, (secret) => secret)).map((policy): Found => [type, policy]),
        )
        .sort(([a], [b]) => a.localeCompare(b));

function policiesIn(value: unknown): unknown[] {
    if (typeof value === "string") {
        const isJson = value.trim().startsWith("{");
        return isJson ? policiesIn(JSON.parse(value)) : /^arn:[^:]*:iam:[^ ]*:policy\//.test(value) ? [value] : [];
    }
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return "Statement" in value ? [value] : Object.values(value).flatMap(policiesIn);
}

const document = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const allow = (Sid: string, Action: string[], Resource: string | string[], Condition?: object) => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition && { Condition }),
});

const trust = document({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] });

/** What the defaults generate, with the stack's identifiers. */
function byDefault(bucket: string, instance: string) {
    const artifacts = [
        allow("ListArtifacts", ["s3:ListBucket"], bucket, { StringLike: { "s3:prefix": "artifacts/*" } }),
        allow("ReadArtifacts", ["s3:GetObject"], `${bucket}/artifacts/*`),
        allow(
            "WriteArtifacts",
            ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            `${bucket}/artifacts/*`,
        ),
    ];
    const agent = allow(
        "SessionManagerAgent",
        [
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        "*",
    );
    const tunnel = [
        allow(
            "OpenTunnel",
            ["ssm:StartSession"],
            [instance, "arn:aws:ssm:us-west-1::document/AWS-StartPortForwardingSession"],
            { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
        ),
        allow(
            "UseOwnSessions",
            ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
            [
                "arn:aws:ssm:us-west-1:123456789012:session/${aws:username}-*",
                "arn:aws:ssm:us-west-1:123456789012:session/${aws:userid}-*",
            ],
        ),
    ];
    const tlsOnly = {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [bucket, `${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    const readBundle = allow("ReadHostBundle", ["s3:GetObject"], `${bucket}/host/*`);
    const backups = [
        allow("ListBackups", ["s3:ListBucket"], bucket, { StringLike: { "s3:prefix": "backups/*" } }),
        allow("ReadBackups", ["s3:GetObject"], `${bucket}/backups/*`),
        allow("AddBackups", ["s3:PutObject"], `${bucket}/backups/*`, { Null: { "s3:if-none-match": "false" } }),
        allow("SendPartsOfBackups", ["s3:PutObject"], `${bucket}/backups/*`, {
            Bool: { "s3:ObjectCreationOperation": "false" },
        }),
    ];
    const server = [readBundle, ...backups, ...artifacts];
    return { client: document(...artifacts, ...tunnel), server, agent, tlsOnly };
}

describe("the generated policy documents", () => {
    const setUp = async (settings: Record<string, unknown>) => {
        const stack = await evaluateStack(settings);
        const bucket = `arn:aws:s3:::${stack.output("bucketName")}`;
        const instance = `arn:aws:ec2:us-west-1:123456789012:instance/${stack.output("instanceId")}`;
        return { stack, bucket, expected: byDefault(bucket, instance), found: policiesOf(stack) };
    };

    it("are exactly these by default", async () => {
        const { expected, found } = await setUp({});
        assert.deepStrictEqual(found, [
            ["aws:iam/groupPolicy:GroupPolicy", expected.client],
            ["aws:iam/role:Role", trust],
            ["aws:iam/rolePolicy:RolePolicy", document(...expected.server, expected.agent)],
            ["aws:s3/bucketPolicy:BucketPolicy", document(expected.tlsOnly)],
        ]);
    });

    it("have one more statement for the server with postgresql", async () => {
        const postgresql = {
            backend: "external",
            databaseHost: "db.example.internal",
            databasePassword: "correct horse",
        };
        const { expected, found } = await setUp(postgresql);
        const parameter = "arn:aws:ssm:us-west-1:123456789012:parameter/mlflow-test/database";
        const parameters = [`${parameter}-address`, `${parameter}-passwords`];
        const readAddress = allow("ReadOwnParameters", ["ssm:GetParameter"], parameters);
        assert.deepStrictEqual(found[2], [
            "aws:iam/rolePolicy:RolePolicy",
            document(...expected.server, readAddress, expected.agent),
        ]);
    });

    it("have two more statements for the bucket with restrictBucket", async () => {
        const { stack, bucket, expected, found } = await setUp({ restrictBucket: true });
        const account = "arn:aws:iam::123456789012";
        const named = [stack.output("serverRoleArn"), `${account}:user/mlflow-test-client`, `${account}:root`];
        const others = { ArnNotLike: { "aws:PrincipalArn": named } };
        const deny = { Effect: "Deny", Principal: "*" };
        assert.deepStrictEqual(found[3], [
            "aws:s3/bucketPolicy:BucketPolicy",
            document(
                expected.tlsOnly,
                {
                    ...deny,
                    Sid: "OnlyNamedPrincipalsList",
                    Action: ["s3:ListBucket"],
                    Resource: bucket,
                    Condition: { ...others, StringLike: { "s3:prefix": "artifacts/*" } },
                },
                {
                    ...deny,
                    Sid: "OnlyNamedPrincipalsUse",
                    Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                    Resource: `${bucket}/artifacts/*`,
                    Condition: others,
                },
            ),
        ]);
    });
});

describe("no policy document, whatever the settings,", () => {
    const ssh = { accessMode: "ssh", sshKeyPairName: "team", sshAllowedCidrs: ["203.0.113.0/24"] };
    const postgresql = {
        backend: "external",
        databaseHost: "db.example.internal",
        databasePassword: "correct horse",
    };
    const quickStart = { clientS3Rights: "full", serverS3Rights: "full" };
    const existing = { existingBucketName: "team-bucket", existingInstanceId: "i-0123456789abcdef0" };
    const combinations: Record<string, unknown>[] = [
        {},
        { clientS3Rights: "readOnly", ...postgresql },
        { clientS3Rights: "none", ...ssh },
        { clientS3Rights: "none", ...ssh, sshAllowedCidrs: [], ...existing },
        { restrictBucket: true, ...postgresql, artifactPrefix: "team/ml" },
        { restrictBucket: true, artifactMode: "direct", protect: true },
        { ...quickStart, ...ssh, ...postgresql, restrictBucket: true },
        { ...quickStart, ...existing, forceDestroy: false },
        { ...existing, ...postgresql },
    ];
    let statements: Record<string, unknown>[];
    let managed: unknown[];
    before(async () => {
        const policies: unknown[] = [];
        for (const settings of combinations) {
            policies.push(...policiesOf(await evaluateStack(settings)).map(([, policy]) => policy));
        }
        managed = policies.filter((policy) => typeof policy === "string");
        statements = policies
            .filter((policy) => typeof policy !== "string")
            .flatMap((policy) => (policy as { Statement: Record<string, unknown>[] }).Statement);
    });
    const list = (value: unknown) => [value].flat().map(String);
    const sidsOf = (found: Record<string, unknown>[]) => [...new Set(found.map(({ Sid }) => Sid))];

    it("names an action with a wildcard, but for the refusal of everything without TLS", () => {
        const wild = statements.filter(({ Action }) => list(Action).some((action) => /[*?]/.test(action)));
        assert.deepStrictEqual(
            wild.map(({ Sid, Effect, Action }) => ({ Sid, Effect, Action })),
            // Three of the combinations use an existing bucket, whose policy is not ours.
            Array(combinations.length - 3).fill({ Sid: "TlsOnly", Effect: "Deny", Action: ["s3:*"] }),
        );
    });
    it("covers every resource, but for the Session Manager agent", () => {
        const wild = statements.filter(({ Resource }) => list(Resource).some((resource) => /^\W*$/.test(resource)));
        assert.deepStrictEqual(sidsOf(wild), ["SessionManagerAgent"]);
        assert.strictEqual(wild.length, combinations.length);
    });
    it("has a wildcard elsewhere than for what is in a folder, and for the sessions of one user", () => {
        const resources = [...new Set(statements.flatMap(({ Resource }) => list(Resource ?? [])))];
        const wild = resources.filter((resource) => /[*?]/.test(resource) && resource !== "*");
        assert.deepStrictEqual(
            wild.filter((resource) => !/^[^*?]+(\/|\}-)\*$/.test(resource)),
            [],
        );
        assert.ok(wild.length > 0);
    });
    it("is written by exclusion", () => {
        const elements = new Set(statements.flatMap((statement) => Object.keys(statement)));
        assert.deepStrictEqual([...elements].sort(), ["Action", "Condition", "Effect", "Principal", "Resource", "Sid"]);
    });
    it("allows anything to everybody", () => {
        const open = statements.filter(({ Principal }) => JSON.stringify(Principal ?? "").includes("*"));
        const effects = new Set(open.map(({ Effect }) => Effect));
        assert.deepStrictEqual([...effects], ["Deny"]);
    });
    it("is a managed policy that was not asked for", () => {
        assert.deepStrictEqual(managed, Array(4).fill("arn:aws:iam::aws:policy/AmazonS3FullAccess"));
    });
});
