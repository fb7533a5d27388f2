import assert from "node:assert";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { type Change, changesOf, findingsOf } from "../../automation/changes";
import { useOfKeys } from "../../automation/keysInUse";
import { architectureFaults, losses } from "../../automation/losses";
import { meaningOf, waitsFor } from "../../automation/meaning";
import { counted, summaryMarkdown, summaryText } from "../../automation/summary";

// The judgements behind `npm run stack`, without an engine. What a real engine announces and says is in stack.test.ts.

const prefix = "urn:pulumi:dev::mlflow-aws::mlflow-aws:index:MlflowHost$";

/** A step as the engine announces it. */
const step = (op: OpType, type: string, name: string, more: object = {}): EngineEvent =>
    ({
        resourcePreEvent: {
            metadata: {
                op,
                type,
                urn: `${prefix}${type}::${name}`,
                old: { custom: true, id: `id-of-${name}`, inputs: {} },
                ...more,
            },
        },
    }) as unknown as EngineEvent;

const instance = "aws:ec2/instance:Instance";
const parameter = "aws:ssm/parameter:Parameter";
const database = "aws:rds/instance:Instance";
const bucketType = "aws:s3/bucket:Bucket";

describe("the changes that an engine announces", () => {
    const said = (...events: EngineEvent[]) =>
        changesOf(events).map(({ operation, name, keys }) => [operation, name, ...keys].join(" "));

    it("are one for each resource, however many steps it takes", () => {
        const events = [
            step("delete-replaced", instance, "host"),
            step("replace", instance, "host", { detailedDiff: { "tags.Team": {}, userData: {}, "tags.Name": {} } }),
            step("create-replacement", instance, "host", { detailedDiff: { userData: {} } }),
            step("update", bucketType, "bucket", { diffs: ["tags"] }),
            step("create", bucketType, "other"),
        ];
        assert.deepStrictEqual(said(...events), ["replace host tags userData", "update bucket tags", "create other"]);
    });

    it("are deletions also where a resource goes with what it depends on", () => {
        const events = [
            step("delete-replaced", bucketType, "bucket"),
            step("remove-pending-replace", bucketType, "bucket"),
        ];
        assert.deepStrictEqual(said(...events), ["delete bucket"]);
    });

    it("are two where an earlier update left something to delete, which has the name of what has replaced it", () => {
        const left = { old: { custom: true, id: "left", inputs: {} } };
        const events = [
            step("update", bucketType, "bucket", { diffs: ["tags"] }),
            step("delete-replaced", bucketType, "bucket", left),
        ];
        assert.deepStrictEqual(said(...events), ["update bucket tags", "delete bucket"]);
        assert.deepStrictEqual(
            changesOf(events).map(({ id }) => id),
            ["id-of-bucket", "left"],
        );
    });

    it("are none of what stays, of providers and of mere parents", () => {
        const parent = { old: { custom: false, id: "", inputs: {} } };
        const events = [
            step("same", bucketType, "bucket"),
            step("refresh", bucketType, "bucket"),
            step("read", bucketType, "bucket"),
            step("create", "pulumi:providers:aws", "default"),
            step("create", "mlflow-aws:index:MlflowHost", "host", parent),
        ];
        assert.deepStrictEqual(said(...events), []);
    });

    it("come with what the policies say, each once and without the engine's colours", () => {
        const policyEvent = {
            ...{ resourceUrn: `${prefix}${bucketType}::bucket`, policyName: "tls-only", enforcementLevel: "mandatory" },
            message: "<{%reset%}>no TLS<{%reset%}>\n",
        };
        const events = [{ policyEvent }, { policyEvent }] as EngineEvent[];
        assert.deepStrictEqual(findingsOf(events), [
            { policy: "tls-only", mandatory: true, resource: "bucket", message: "no TLS" },
        ]);
    });
});

const change = (operation: Change["operation"], type: string, more: Partial<Change> = {}): Change => ({
    ...{ operation, type, name: "it", id: "its-id", keys: [], old: {}, new: {} },
    ...more,
});
const key = "aws:iam/accessKey:AccessKey";
const unused = () => undefined;

describe("what would be lost", () => {
    const kinds = [
        ["aws:rds/instance:Instance", "the database"],
        ["aws:rds/cluster:Cluster", "the database"],
        ["aws:ebs/volume:Volume", "the data volume"],
        [bucketType, "the bucket"],
        ["aws:s3/bucketV2:BucketV2", "the bucket"],
        ["aws:cloudwatch/logGroup:LogGroup", "the log group"],
        [key, "an access key in use"],
    ];
    for (const [type, kind] of kinds) {
        it(`is ${kind} (${type}), deleted or replaced, not updated or made`, () => {
            const faults = (operation: Change["operation"]) =>
                losses([change(operation, type)], [], () => "active, never used").map((text) => text.split(";")[0]);
            const why = type === key ? " (active, never used)" : "";
            assert.deepStrictEqual(faults("delete"), [`it: got ${kind} its-id deleted${why}`]);
            assert.deepStrictEqual(faults("replace"), [`it: got ${kind} its-id replaced${why}`]);
            assert.deepStrictEqual([...faults("update"), ...faults("create")], []);
        });
    }

    it("is no key that nobody uses, and no host", () => {
        assert.deepStrictEqual(losses([change("delete", key), change("replace", instance)], [], unused), []);
    });

    it("is accepted by name, which must be that of a loss", () => {
        const lost = [change("delete", bucketType)];
        assert.deepStrictEqual(losses(lost, ["it"], unused), []);
        assert.strictEqual(losses(lost, ["it", "other"], unused).length, 1);
        assert.match(losses([], ["it"], unused)[0], /^--accept: got it; allowed: nothing: this update loses nothing;/);
    });

    it("is a key that nobody lets us look at", async () => {
        const useOf = await useOfKeys([change("delete", key)], {});
        assert.match(useOf("its-id")!, /^whether it is used cannot be seen: outputs: got missing/);
        assert.strictEqual((await useOfKeys([change("update", key)], {}))("its-id"), undefined);
    });

    it("is a host of another architecture whose image is kept", () => {
        const types = (from: string, to: string, ami = "ami-1") =>
            architectureFaults([
                change("update", instance, {
                    old: { instanceType: from, ami: "ami-1" },
                    new: { instanceType: to, ami },
                }),
            ]);
        assert.match(
            types("t4g.small", "t3.small")[0],
            /^instanceType: got t3\.small, while the image of t4g\.small is kept; /,
        );
        assert.deepStrictEqual(types("t4g.small", "m7g.large"), []);
        assert.deepStrictEqual(types("t4g.small", "t3.small", "ami-2"), []);
        assert.deepStrictEqual(types("t3.small", "c7i.large"), []);
    });
});

describe("what a change means", () => {
    const meanings: [expected: string | undefined, change: Change][] = [
        ["the host is replaced: about 3 minutes without server, no data moves", change("replace", instance)],
        [
            "the host is stopped and started: about 3 minutes without server, no data moves",
            change("update", instance, { keys: ["instanceType"] }),
        ],
        [undefined, change("update", instance, { keys: ["tags"] })],
        ["a new, empty bucket: artifacts stay behind", change("replace", bucketType)],
        ["the access key lets nobody in any more", change("update", key, { new: { status: "Inactive" } })],
        ["the access key lets people in again", change("update", key, { new: { status: "Active" } })],
        [
            "port 22 opens for 203.0.113.0/24",
            change("create", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
                new: { fromPort: 22, cidrIpv4: "203.0.113.0/24" },
            }),
        ],
        [
            "port 5432 closes for the host's group",
            change("delete", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
                old: { fromPort: 5432, referencedSecurityGroupId: "sg-1" },
            }),
        ],
        [
            "gets AmazonS3FullAccess: every bucket",
            change("create", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", {
                new: { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
            }),
        ],
        [
            "ml-team@example.com is asked for its consent: until then no e-mail about alarms comes",
            change("replace", "aws:sns/topicSubscription:TopicSubscription", {
                new: { endpoint: "ml-team@example.com" },
            }),
        ],
        [
            "PostgreSQL from now on; while the data volume holds what people made with SQLite, the server waits for mlflow-move (docs/moving.md)",
            change("create", parameter, { name: "mlflow-dev-backend-address" }),
        ],
        [undefined, change("create", parameter, { name: "mlflow-dev-backend-passwords" })],
        [
            "the server reads the database's address when it starts: restart it",
            change("update", parameter, { name: "mlflow-dev-backend-address" }),
        ],
        [
            "the server finds the new password by itself: nothing to restart",
            change("update", parameter, { name: "mlflow-dev-backend-passwords" }),
        ],
        [
            "SQLite on the data volume from now on: what PostgreSQL holds does not come along (docs/moving.md)",
            change("delete", parameter, { name: "mlflow-dev-backend-address" }),
        ],
        [
            "RDS restarts the database, at once: no answers meanwhile, no data moves",
            change("update", database, { keys: ["instanceClass", "tags"] }),
        ],
        [undefined, change("update", database, { keys: ["allocatedStorage", "password"] })],
        ["a new, empty database: what was in it is in a last snapshot at most", change("replace", database)],
        [undefined, change("update", bucketType)],
    ];
    for (const [expected, given] of meanings) {
        it(`is ${expected ?? "nothing"} for ${given.operation} of ${given.type} ${given.keys.join()}`, () =>
            assert.strictEqual(meaningOf(given), expected));
    }

    it("is that the server may wait for a move, where a stack that had a host gets an address of PostgreSQL", () => {
        const address = change("create", parameter, { name: "mlflow-dev-backend-address" });
        const passwords = change("create", parameter, { name: "mlflow-dev-backend-passwords" });
        assert.strictEqual(waitsFor([passwords, address, change("replace", instance)]), "mlflow-move (docs/moving.md)");
        assert.strictEqual(waitsFor([passwords, address, change("create", instance)]), undefined);
        assert.strictEqual(waitsFor([passwords, change("replace", instance)]), undefined);
        assert.strictEqual(waitsFor([{ ...address, operation: "update" }]), undefined);
    });
});

describe("the summary", () => {
    const summary = {
        ...{ stack: "dev", command: "up" as const, outcome: "Refused: nothing was changed." },
        changes: [
            change("create", instance, { name: "new" }),
            change("replace", bucketType, { name: "a|b", keys: ["bucket"] }),
        ],
        findings: [{ policy: "tls-only", mandatory: true, resource: "bucket", message: "no\nTLS" }],
        faults: ["one: got <script>"],
        health: ["health: server: works"],
    };

    it("counts", () => {
        assert.strictEqual(counted(summary.changes), "1 to create, 1 to replace");
        assert.strictEqual(counted([]), "");
    });

    it("is a table for a terminal, what is lost first", () => {
        assert.deepStrictEqual(summaryText(summary).split("\n"), [
            "replace  a|b (aws:s3:Bucket)     bucket  a new, empty bucket: artifacts stay behind",
            "create   new (aws:ec2:Instance)          a new host: the server answers after about 3 minutes",
            "violation tls-only, bucket: no TLS",
            "health: server: works",
            "one: got <script>",
            "Refused: nothing was changed.",
        ]);
    });

    it("is Markdown that nothing in it can break", () => {
        assert.strictEqual(
            summaryMarkdown(summary),
            [
                "<!-- mlflow-aws dev -->",
                "### up of `dev`",
                "",
                "Refused: nothing was changed.",
                "",
                "|  | Resource | What differs | What it means |",
                "| --- | --- | --- | --- |",
                "| replace | a\\|b (aws:s3:Bucket) | bucket | a new, empty bucket: artifacts stay behind |",
                "| create | new (aws:ec2:Instance) |  | a new host: the server answers after about 3 minutes |",
                "",
                "**Policies**",
                "",
                "- violation tls-only, bucket: no TLS",
                "",
                "**Refused or failed**",
                "",
                "- one: got \\<script\\>",
                "",
                "**Health**",
                "",
                "- health: server: works",
                "",
            ].join("\n"),
        );
    });
});
