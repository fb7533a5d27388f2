// What the client user and the server role may do, by the policies that the real program declares: for each an allowed
// and a denied table. Not proven: AWS itself evaluates, with whatever the account adds (service control policies,
// boundaries, session policies, a managed policy attached by name); nor that a service asks for these actions and no others.
import assert from "node:assert";
import { assertAll, type Caller, callers, type Request } from "../support/callers";
import { decideTrust, type Verdict } from "../support/iam";
import { evaluateStack, type Stack } from "../support/stack";
import * as table from "./requests";

type Settings = Record<string, unknown>;

const fullAccess = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
const ssh = { accessMode: "ssh", sshKeyPairName: "team", sshAllowedCidrs: ["203.0.113.0/24"] };
const postgresql = { backend: "external", databaseHost: "db.example.internal", databasePassword: "correct horse" };

const neverInS3 = [...table.outsideArtifacts, ...table.versions, ...table.configuration, ...table.otherS3];

describe("the client user", () => {
    const never = [
        ...neverInS3,
        ...table.hostFolder,
        ...table.addBackups,
        ...table.changeBackups,
        ...table.otherSessions,
        ...table.otherServices,
        table.ownParameter,
        ...table.agent,
        ...table.ownLog,
        table.ownMetrics,
        ...table.otherReports,
    ];
    // With `full` the managed policy grants S3, and the inline policy nothing of it.
    const rights: Record<string, readonly Request[]> = {
        readWrite: [...table.readArtifacts, ...table.writeArtifacts],
        readOnly: table.readArtifacts,
        none: [],
        full: [],
    };
    const modes: [string, Settings, readonly Request[]][] = [
        ["ssm", {}, table.tunnel],
        ["ssh", ssh, []],
    ];
    for (const [clientS3Rights, artifacts] of Object.entries(rights)) {
        for (const [accessMode, settings, sessions] of modes) {
            describe(`with ${clientS3Rights} and ${accessMode}`, () => {
                const allowed = [...artifacts, ...sessions];
                const refused = [...table.readArtifacts, ...table.writeArtifacts, ...table.tunnel].filter(
                    (request) => !allowed.includes(request),
                );
                let client: Caller;
                before(async () => {
                    client = callers(await evaluateStack({ clientS3Rights, ...settings })).client;
                });

                if (allowed.length > 0) {
                    it("may do what is named", () => assertAll("allow", client, allowed));
                } else {
                    it("has no policy at all", () => assert.deepStrictEqual(client.policies.identity, []));
                }
                it("may do nothing else", () => assertAll("implicit deny", client, [...refused, ...never]));
                it("has only the managed policy asked for", () => {
                    assert.deepStrictEqual(client.managed, clientS3Rights === "full" ? [fullAccess] : []);
                });
            });
        }
    }

    it("keeps to another prefix, name, bucket, instance and region", async () => {
        const { client } = callers(
            await evaluateStack({
                "aws:region": "eu-central-1",
                artifactPrefix: "team/ml",
                clientUserName: "ml+team@example.com",
                existingBucketName: "team-bucket",
                existingInstanceId: "i-0123456789abcdef0",
            }),
        );
        const list = (prefix: string): Request => ["s3:ListBucket", "{bucket}", { "s3:prefix": prefix }];
        assert.strictEqual(client.places.bucket, "arn:aws:s3:::team-bucket");
        assert.strictEqual(client.arn, "arn:aws:iam::123456789012:user/ml+team@example.com");
        assertAll("allow", client, [list("team/ml/"), ["s3:PutObject", "{bucket}/team/ml/model"], ...table.tunnel]);
        assertAll("implicit deny", client, [
            list("team/"),
            list("team/mlx/"),
            ...table.readArtifacts,
            ...table.writeArtifacts,
            ...never,
        ]);
    });

    // Not wanted, but what these policies say; whoever closes one of these gaps will find it here.
    describe("what the policies cannot tell apart", () => {
        let client: Caller;
        before(async () => {
            client = callers(await evaluateStack()).client;
        });

        it("own sessions, and those of a user whose name goes on with a hyphen after the own name", () => {
            assertAll("allow", client, [["ssm:TerminateSession", "{ssm}:session/{user}-two-0a1b2c3d4e5f60718"]]);
        });
        it("a checked document, and a service that does not say whether it checked: AWS's samples want it so", () => {
            assertAll("allow", client, [["ssm:StartSession", "{instance}"]]);
        });
    });
});

describe("the server role", () => {
    const folders = [table.hostFolder[0], ...table.readArtifacts, ...table.writeArtifacts, ...table.addBackups];
    const readsBackup = ([action, resource, context]: Request) =>
        (action === "s3:GetObject" && resource === "{bucket}/backups/database.gz") ||
        context?.["s3:prefix"] === "backups/";
    const readsHost = (request: Request) => request[0] === "s3:GetObject" && table.hostFolder.includes(request);
    const never = [
        ...neverInS3.filter((request) => !readsBackup(request)),
        ...table.changeBackups,
        ...table.hostFolder.filter((request) => !readsHost(request)),
        ...table.otherServices,
        ...table.otherReports,
        // With the agent's rights it takes part in sessions; it neither opens nor ends any.
        ...[...table.tunnel, ...table.otherSessions].filter(([action]) => action !== "ssmmessages:OpenDataChannel"),
    ];
    const variants: [string, Settings, readonly Request[], unknown[]][] = [
        ["by default", {}, [...folders, ...table.agent], []],
        ["with postgresql", postgresql, [...folders, ...table.agent, table.ownParameter], []],
        ["with ssh", ssh, [...folders, ...table.agent], []],
        ["with a log", { logRetentionDays: 30 }, [...folders, ...table.agent, ...table.ownLog], []],
        ["with alarms", { alarmEmail: "a@example.com" }, [...folders, ...table.agent, table.ownMetrics], []],
        ["with full rights", { serverS3Rights: "full" }, table.agent, [fullAccess]],
    ];
    for (const [title, settings, allowed, managed] of variants) {
        describe(title, () => {
            const all = [...folders, table.ownParameter, ...table.ownLog, table.ownMetrics];
            const refused = all.filter((request) => !allowed.includes(request));
            let server: Caller;
            let stack: Stack;
            before(async () => {
                stack = await evaluateStack(settings);
                server = callers(stack).server;
            });

            it("may do what is named", () => assertAll("allow", server, allowed));
            it("may do nothing else", () => assertAll("implicit deny", server, [...refused, ...never]));
            it("has only the managed policy asked for", () => assert.deepStrictEqual(server.managed, managed));
            it("is the role of the instance's profile", () => {
                const profile = stack.inputs("aws:iam/instanceProfile:InstanceProfile");
                const instance = stack.inputs("aws:ec2/instance:Instance");
                assert.strictEqual(server.arn, `arn:aws:iam::123456789012:role/${profile.role}`);
                assert.strictEqual(instance.iamInstanceProfile, stack.output("instanceProfileName"));
            });
        });
    }

    describe("may be assumed", () => {
        const requests: [Verdict, string, string?][] = [
            ["allow", "ec2.amazonaws.com"],
            ["implicit deny", "ec2.amazonaws.com", "sts:TagSession"],
            ["implicit deny", "ec2.amazonaws.com", "sts:SetSourceIdentity"],
            ["implicit deny", "ec2.amazonaws.com.cn"],
            ["implicit deny", "ecs-tasks.amazonaws.com"],
            ["implicit deny", "lambda.amazonaws.com"],
            ["implicit deny", "ssm.amazonaws.com"],
            ["implicit deny", "arn:aws:iam::123456789012:root"],
            ["implicit deny", "arn:aws:iam::123456789012:user/mlflow-test-client"],
            ["implicit deny", "arn:aws:iam::123456789012:role/administrator"],
            ["implicit deny", "arn:aws:iam::210987654321:root"],
        ];
        let trust: unknown;
        before(async () => {
            trust = (await evaluateStack()).inputs("aws:iam/role:Role").assumeRolePolicy;
        });

        for (const [verdict, who, action = "sts:AssumeRole"] of requests) {
            it(`by ${who}, ${action}: ${verdict}`, () => assert.strictEqual(decideTrust(who, trust, action), verdict));
        }
    });
});
