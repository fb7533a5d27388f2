import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { alarmTable, description, duration } from "../../components/alarmTable";
import { evaluateStack, type Stack } from "../support/stack";

// Alarms and the log group: exactly which, about what, and whom they tell. What the server role may do for them is judged in tests/access,
// what the host sends in tests/host/report.test.ts. Not proved: that CloudWatch evaluates them so, and that an e-mail arrives.

const settings = { alarmEmail: "ml-team@example.com" };
const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
const tags = { Project: "mlflow-aws", Environment: "test", ManagedBy: "Pulumi" };

/** Of each alarm: metric, when it goes off, over how many periods of how long, and what silence means. */
const expected = {
    "system-status": "AWS/EC2 StatusCheckFailed_System: Maximum >= 1, 2 of 2 times 60 s, missing",
    "instance-status": "AWS/EC2 StatusCheckFailed_Instance: Maximum >= 1, 3 of 3 times 60 s, missing",
    "volume-status": "AWS/EC2 StatusCheckFailed_AttachedEBS: Maximum >= 1, 3 of 3 times 60 s, missing",
    "no-answer": "mlflow-test Answering: Maximum < 1, 3 of 3 times 300 s, breaching",
    "data-volume": "mlflow-test DataVolumeUsed: Maximum >= 80, 3 of 3 times 300 s, missing",
    "root-volume": "mlflow-test RootVolumeUsed: Maximum >= 85, 3 of 3 times 300 s, missing",
    memory: "mlflow-test MemoryUsed: Average >= 90, 3 of 3 times 300 s, missing",
    restarts: "mlflow-test Restarts: Sum >= 1, 1 of 1 times 300 s, notBreaching",
    "server-errors": "mlflow-test ServerErrors: Average >= 0.05, 2 of 3 times 300 s, notBreaching",
    backup: "mlflow-test BackupAge: Maximum >= 26, 1 of 1 times 900 s, missing",
};
const signs: Record<string, string> = { GreaterThanOrEqualToThreshold: ">=", LessThanThreshold: "<" };

const summaries = (stack: Stack) =>
    Object.fromEntries(
        stack.all(alarm).map(({ inputs }) => {
            const { namespace, metricName, statistic, comparisonOperator, threshold, period, ...more } = inputs;
            const periods = `${String(more.datapointsToAlarm)} of ${String(more.evaluationPeriods)} times ${String(period)} s`;
            const condition = `${String(statistic)} ${signs[String(comparisonOperator)]} ${String(threshold)}`;
            return [
                String(more.name).replace("mlflow-test-alarms-", ""),
                `${String(namespace)} ${String(metricName)}: ${condition}, ${periods}, ${String(more.treatMissingData)}`,
            ];
        }),
    );

describe("Alarms", () => {
    it("are these, with nightly backups", async () => {
        assert.deepStrictEqual(summaries(await evaluateStack(settings)), expected);
    });

    it("miss no backup where none is made", async () => {
        const database = { backend: "external", databaseHost: "192.0.2.5", databasePassword: "secret" };
        const { backup, ...others } = expected;
        assert.deepStrictEqual(summaries(await evaluateStack({ ...settings, ...database })), others);
        const dumped = await evaluateStack({ ...settings, ...database, dailyDatabaseDump: true });
        assert.deepStrictEqual(summaries(dumped), { ...others, backup });
    });

    it("about EC2 are about the stack's instance, and the host's own have no dimension", async () => {
        for (const existingInstanceId of ["", "i-0123456789abcdef0"]) {
            const stack = await evaluateStack({ ...settings, existingInstanceId });
            for (const { inputs, name } of stack.all(alarm)) {
                const dimensions = /-status$/.test(name) ? { InstanceId: stack.output("instanceId") } : undefined;
                assert.deepStrictEqual(inputs.dimensions, dimensions, name);
            }
        }
    });

    it("tell one topic when they go on and off, and do nothing else", async () => {
        const stack = await evaluateStack(settings);
        const subscription = stack.inputs("aws:sns/topicSubscription:TopicSubscription");
        assert.match(
            String(subscription.topic),
            /^arn:aws:sns:us-west-1:123456789012:mlflow-test-alarms-topic-[0-9a-f]{7}$/,
        );
        assert.deepStrictEqual(subscription, {
            topic: subscription.topic,
            protocol: "email",
            endpoint: "ml-team@example.com",
        });
        assert.deepStrictEqual(stack.inputs("aws:sns/topic:Topic"), { displayName: "mlflow-test", tags });
        for (const { inputs, name } of stack.all(alarm)) {
            assert.deepStrictEqual(inputs.alarmActions, [subscription.topic], name);
            assert.deepStrictEqual(inputs.okActions, [subscription.topic], name);
            assert.ok(!("insufficientDataActions" in inputs), name);
        }
    });

    it("say what is wrong, for how long, and what to do, in what CloudWatch takes", async () => {
        for (const { inputs, name } of (await evaluateStack(settings)).all(alarm)) {
            const text = String(inputs.alarmDescription);
            assert.match(text, /^[A-Z\d].+ \(for [\w ]+\)\. .+\.$/, name);
            assert.ok(text.length <= 1024, name);
        }
        const [restarts, errors] = ["restarts", "server-errors"].map((name) =>
            alarmTable({ dailyBackup: true, sleeps: false }).find((rule) => rule.name === name)!,
        );
        assert.strictEqual(
            description(restarts),
            "The server has ended by itself, and systemd starts it again (for 5 minutes). On the host, journalctl -u mlflow says why; " +
                "if it was out of memory, a larger instanceType.",
        );
        assert.strictEqual(duration(errors), "2 of 3 times 5 minutes");
    });

    it("know a database by its storage and connections", () => {
        const database = { identifier: pulumi.output("mlflow-db"), storageGib: 20, maxConnections: 81 };
        const rules = alarmTable({ dailyBackup: false, sleeps: false, database }).filter(({ of }) => of === "database");
        const found = rules.map(({ wrong, remedy, ...rule }) => {
            assert.ok(wrong && remedy);
            return rule;
        });
        const lasting = { of: "database", periodSeconds: 300, periods: 3, missing: "missing" };
        assert.deepStrictEqual(found, [
            {
                ...{ ...lasting, name: "database-storage", metric: "FreeStorageSpace", statistic: "Minimum" },
                ...{ comparison: "Below", threshold: 3 * 2 ** 30 },
            },
            {
                ...{ ...lasting, name: "database-connections", metric: "DatabaseConnections", statistic: "Maximum" },
                ...{ comparison: "AtLeast", threshold: 64 },
            },
        ]);
    });

    it("look at metrics that the host sends, and at all of them", () => {
        const program = readFileSync(path.join(__dirname, "../../host/mlflow_host/report_metrics.py"), "utf8");
        const sent = [...program.matchAll(/metric\("(\w+)"|"MetricName": "(\w+)"/g)].map(([, a, b]) => a ?? b);
        const watched = alarmTable({ dailyBackup: true, sleeps: false }).flatMap(({ of, metric }) =>
            of === "host" ? [metric] : [],
        );
        assert.deepStrictEqual(watched.sort(), sent.sort());
    });

    it("are not there without an address, nor is their topic, and the host sends no metrics", async () => {
        const stack = await evaluateStack({ logRetentionDays: 30 });
        const found = stack.resources.filter(({ type }) => /sns|metricAlarm|Alarms/.test(type));
        assert.deepStrictEqual(found, []);
        assert.match(String(stack.inputs("aws:ec2/instance:Instance").userData), /^HOST_METRICS_NAMESPACE=""$/m);
    });

    it("have the host send metrics into the stack's own namespace", async () => {
        const stack = await evaluateStack(settings);
        assert.match(
            String(stack.inputs("aws:ec2/instance:Instance").userData),
            /^HOST_METRICS_NAMESPACE="mlflow-test"$/m,
        );
    });
});

describe("HostLog", () => {
    it("is one group that keeps its events as long as the setting says", async () => {
        const stack = await evaluateStack({ logRetentionDays: 90 });
        assert.deepStrictEqual(stack.inputs("aws:cloudwatch/logGroup:LogGroup"), {
            ...{ name: "/mlflow-test/host", retentionInDays: 90, tags },
        });
        assert.match(
            String(stack.inputs("aws:ec2/instance:Instance").userData),
            /^HOST_LOG_GROUP="\/mlflow-test\/host"$/m,
        );
    });

    it("is not there without the setting, and the log stays on the host", async () => {
        const stack = await evaluateStack(settings);
        assert.deepStrictEqual(stack.all("aws:cloudwatch/logGroup:LogGroup"), []);
        assert.match(String(stack.inputs("aws:ec2/instance:Instance").userData), /^HOST_LOG_GROUP=""$/m);
    });
});

describe("the server role's policy", () => {
    const more = async (other: Record<string, unknown>) => {
        const { policy } = (await evaluateStack(other)).inputs("aws:iam/rolePolicy:RolePolicy");
        return (policy as { Statement: { Sid: string }[] }).Statement.filter(({ Sid }) => /Log|Metrics/.test(Sid));
    };
    const log = {
        Sid: "WriteOwnLog",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "arn:aws:logs:us-west-1:123456789012:log-group:/mlflow-test/host:log-stream:*",
    };
    const metrics = {
        Sid: "PutOwnMetrics",
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData"],
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": "mlflow-test" } },
    };

    it("has exactly these statements for what is asked for, and none otherwise", async () => {
        assert.deepStrictEqual(await more({}), []);
        assert.deepStrictEqual(await more({ logRetentionDays: 1 }), [log]);
        assert.deepStrictEqual(await more(settings), [metrics]);
        assert.deepStrictEqual(await more({ ...settings, logRetentionDays: 1 }), [log, metrics]);
    });
});

describe("the alarms of a host that sleeps by its hours", () => {
    const alarmsOf = async (more: Record<string, unknown>) => {
        const stack = await evaluateStack({ ...settings, ...more });
        return Object.fromEntries(
            stack
                .all("aws:cloudwatch/metricAlarm:MetricAlarm")
                .map(({ name, inputs }) => [name.replace("mlflow-test-alarms-", ""), inputs]),
        );
    };

    it("take its silence for sleep, and give its backups a long weekend", async () => {
        const [awake, asleep] = [await alarmsOf({}), await alarmsOf({ runningHours: "Mon-Fri 07:00-19:00" })];
        assert.deepStrictEqual(
            [awake, asleep].map((alarms) => [alarms["no-answer"].treatMissingData, alarms.backup.threshold]),
            [
                ["breaching", 26],
                ["notBreaching", 122],
            ],
        );
        const others = Object.keys(awake).filter(
            (name) => JSON.stringify(awake[name]) !== JSON.stringify(asleep[name]),
        );
        assert.deepStrictEqual(others.sort(), ["backup", "no-answer"]);
    });

    it("know the database that the program makes", async () => {
        const alarms = await alarmsOf({ backend: "rds" });
        assert.strictEqual("backup" in alarms, false);
        const { dimensions, threshold } = alarms["database-storage"] as {
            dimensions: Record<string, unknown>;
            threshold: unknown;
        };
        assert.match(String(dimensions.DBInstanceIdentifier), /^mlflow-test-backend-database-[0-9a-f]{8}$/);
        // 15 % of 20 GiB, and 80 % of the connections that a db.t4g.micro takes at least.
        assert.deepStrictEqual([threshold, alarms["database-connections"].threshold], [3_221_225_472, 62]);
    });
});
