import assert from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { RunningHours } from "../../components/runningHours";
import { evaluate } from "../../plan/evaluate";
import { imaginaryAws } from "../../plan/imaginaryAws";
import { describe as inWords } from "../../plan/words";
import { meaningOf } from "../../teammate/connect/reasons";
import type { StackOutputs } from "../../commands/outputs";
import {
    coversUpdates,
    isRunningAt,
    nextStart,
    parseRunningHours,
    parseShownHours,
    weeklyHours,
    whySleeping,
} from "../../settings/runningHours";
import { counts, evaluateStack, Stack } from "../support/stack";

// Running hours and the budget: what they mean on the clock, and exactly which resources they are. Not proved: that EventBridge
// Scheduler and AWS Budgets do what these say; texts of settings that are refused are in the tests of the settings.

const workdays = parseRunningHours("Mon-Fri 07:00-19:00")!;
const at = (moment: string) => new Date(moment);

describe("running hours", () => {
    it("are days and times, and so many hours of a week", () => {
        assert.deepStrictEqual(workdays, { days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: "07:00", to: "19:00" });
        assert.deepStrictEqual(parseRunningHours("Sat-Mon 08:00-09:30")!.days, ["Sat", "Sun", "Mon"]);
        assert.deepStrictEqual(parseRunningHours("08:00-09:30")!.days.length, 7);
        assert.strictEqual(weeklyHours(workdays), 60);
        assert.strictEqual(weeklyHours(parseRunningHours("08:00-09:30")!), 10.5);
    });

    // 2026-11-27 is a Friday, 2026-11-29 a Sunday.
    for (const [moment, timeZone, running, next] of [
        ["2026-11-27T06:59:59Z", "UTC", false, "Fri 07:00"],
        ["2026-11-27T07:00:00Z", "UTC", true, "Mon 07:00"],
        ["2026-11-27T18:59:59Z", "UTC", true, "Mon 07:00"],
        ["2026-11-27T19:00:00Z", "UTC", false, "Mon 07:00"],
        ["2026-11-29T12:00:00Z", "UTC", false, "Mon 07:00"],
        ["2026-11-26T20:00:00Z", "UTC", false, "Fri 07:00"],
        ["2026-11-27T06:30:00Z", "Europe/Berlin", true, "Mon 07:00"],
        ["2026-07-27T05:30:00Z", "Europe/Berlin", true, "Tue 07:00"],
        ["2026-11-30T05:30:00Z", "Europe/Berlin", false, "Mon 07:00"],
        ["2026-11-28T01:00:00Z", "America/Los_Angeles", true, "Mon 07:00"],
    ] as const) {
        it(`${running ? "let" : "do not let"} it run at ${moment} in ${timeZone}, and start it next on ${next}`, () => {
            assert.strictEqual(isRunningAt(workdays, timeZone, at(moment)), running);
            assert.strictEqual(nextStart(workdays, timeZone, at(moment)), next);
        });
    }

    it("cover updates only with an hour to spare, in winter and summer", () => {
        const berlin = (updates: string) => coversUpdates(workdays, "Europe/Berlin", updates);
        assert.deepStrictEqual(["Mon 06:00", "Mon 05:59", "Mon 15:59", "Mon 16:00", "Sun 10:00"].map(berlin), [
            ...[true, false, true, false, false],
        ]);
        assert.ok(coversUpdates(workdays, "UTC", "12:00"), "daily, on working days");
    });

    it("are read from the output that shows them", () => {
        assert.deepStrictEqual(parseShownHours("Mon-Fri 07:00-19:00 Europe/Berlin"), {
            hours: workdays,
            timeZone: "Europe/Berlin",
        });
        for (const other of [undefined, "", "always", "Mon-Fri 07:00-19:00", "Mon-Fri 07:00-19:00 Nowhere/City"]) {
            assert.strictEqual(parseShownHours(other), undefined);
        }
    });

    it("say why a host sleeps, and nothing while it should run", () => {
        const shown = "Mon-Fri 07:00-19:00 UTC";
        const sunday = at("2026-11-29T12:00:00Z");
        assert.strictEqual(whySleeping(shown, sunday), "it runs Mon-Fri 07:00-19:00 UTC, next from Mon 07:00");
        assert.strictEqual(whySleeping(shown, at("2026-11-27T12:00:00Z")), undefined);
        assert.strictEqual(whySleeping(undefined, sunday), undefined);
    });

    it("are what `connect` says of a tunnel that fails meanwhile, with the command that wakes the host", () => {
        const outputs = { region: "us-west-1", instanceId: "i-0123" } as StackOutputs;
        const shown = { ...outputs, runningHours: "Mon-Fri 07:00-19:00 UTC" };
        const [night, day] = [at("2026-11-29T12:00:00Z"), at("2026-11-27T12:00:00Z")];
        const refused = "An error occurred (TargetNotConnected): i-0123 is not connected.";
        const sleeps =
            " The server sleeps: it runs Mon-Fri 07:00-19:00 UTC, next from Mon 07:00. An operator wakes it: " +
            "aws ec2 start-instances --region us-west-1 --instance-ids i-0123";
        const usual = " The instance is starting, stopped, or has no way out to the internet";
        const overSsh = "ssh: connect to host 203.0.113.7 port 22: Connection timed out";
        assert.strictEqual(meaningOf(refused, shown, night), refused + sleeps);
        assert.strictEqual(meaningOf(overSsh, shown, night), overSsh + sleeps);
        assert.strictEqual(meaningOf(refused, shown, day), refused + usual);
        assert.strictEqual(meaningOf(refused, outputs, night), refused + usual);
        assert.strictEqual(meaningOf(overSsh, outputs, night), overSsh);
        assert.strictEqual(meaningOf("Connection closed", shown, night), "Connection closed");
    });
});

const settings = { runningHours: "Mon-Fri 07:00-19:00", runningHoursTimeZone: "Europe/Berlin" };
const tags = { Project: "mlflow-aws", Environment: "dev", ManagedBy: "Pulumi" };

describe("the schedules of a stack with running hours", () => {
    let stack: Stack;
    before(async () => void (stack = await evaluateStack(settings, { name: "dev" })));
    const role = () => stack.all("aws:iam/role:Role").find(({ name }) => name.endsWith("hours-role"))!;

    it("are two of a group of their own, which start and stop the host on the clock of its zone", () => {
        const { inputs: group } = stack.one("aws:scheduler/scheduleGroup:ScheduleGroup");
        assert.deepStrictEqual(group, { tags });
        const target = (call: string) => ({
            arn: `arn:aws:scheduler:::aws-sdk:ec2:${call}`,
            roleArn: "arn:aws:iam::123456789012:role/mlflow-dev-server-hours-role-" + digits(stack),
            input: JSON.stringify({ InstanceIds: [stack.output("instanceId")] }),
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        });
        const common = {
            groupName: groupName(stack),
            scheduleExpressionTimezone: "Europe/Berlin",
            flexibleTimeWindow: { mode: "OFF" },
        };
        const schedules = stack.all("aws:scheduler/schedule:Schedule");
        assert.deepStrictEqual(Object.fromEntries(schedules.map(({ name, inputs }) => [name, inputs])), {
            "mlflow-dev-server-hours-start-host": {
                ...common,
                scheduleExpression: "cron(0 7 ? * MON,TUE,WED,THU,FRI *)",
                target: target("startInstances"),
            },
            "mlflow-dev-server-hours-stop-host": {
                ...common,
                scheduleExpression: "cron(0 19 ? * MON,TUE,WED,THU,FRI *)",
                target: target("stopInstances"),
            },
        });
        // The first call must find the rights.
        const policy = stack.all("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.endsWith("hours-policy"))!;
        assert.ok(schedules.every(({ dependencies }) => dependencies.includes(policy.urn)));
    });

    it("act with a role that only schedules of this group and account may assume", () => {
        assert.deepStrictEqual(role().inputs.assumeRolePolicy, {
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "scheduler.amazonaws.com" },
                    Action: ["sts:AssumeRole"],
                    Condition: {
                        StringEquals: {
                            "aws:SourceAccount": "123456789012",
                            "aws:SourceArn": `arn:aws:scheduler:us-west-1:123456789012:schedule-group/${groupName(stack)}`,
                        },
                    },
                },
            ],
        });
        assert.deepStrictEqual(role().inputs.tags, tags);
    });

    it("act with the right to start and stop this one instance, and none besides", () => {
        const policies = stack.all("aws:iam/rolePolicy:RolePolicy").filter(({ name }) => name.includes("hours"));
        assert.deepStrictEqual(
            policies.map(({ inputs }) => inputs.policy),
            [
                {
                    Version: "2012-10-17",
                    Statement: [
                        {
                            Sid: "StartAndStopHost",
                            Effect: "Allow",
                            Action: ["ec2:StartInstances", "ec2:StopInstances"],
                            Resource: [
                                `arn:aws:ec2:us-west-1:123456789012:instance/${String(stack.output("instanceId"))}`,
                            ],
                        },
                    ],
                },
            ],
        );
        const attached = stack.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
        assert.deepStrictEqual(attached, []);
    });

    it("are in words what the scheduler may do", () => {
        const rights = inWords(stack.resources)["Who may do what"];
        assert.ok(rights.includes(`Scheduler may start, stop: instance ${String(stack.output("instanceId"))}`));
        assert.ok(rights.some((line) => line.startsWith("Server role may fetch: ")));
    });

    it("have names that AWS takes, whatever the stack is called", async () => {
        const longest = await evaluateStack(settings, { name: "s".repeat(20) });
        const named = longest.resources.filter(({ type }) => type.startsWith("aws:scheduler/"));
        // EventBridge Scheduler takes 64 characters; the provider adds a hyphen and seven.
        named.forEach(({ name }) => assert.ok(name.length + 8 <= 64, name));
        assert.strictEqual("mlflow-".length + 20 + "-server-hours-start-database".length + 8, 63);
    });

    it("cover a database of the stack, started and stopped with the host", async () => {
        const program = () => {
            new RunningHours("mlflow-dev-server-hours", {
                account: { partition: "aws-us-gov", region: "us-gov-west-1", accountId: "123456789012" },
                hours: workdays,
                timeZone: "UTC",
                instance: { id: "i-0123", arn: "arn:instance" },
                database: { identifier: pulumi.output("mlflow-dev-backend-0a1b2c3"), arn: "arn:database" },
                tags,
            });
            return Promise.resolve({});
        };
        const config = { project: "mlflow-aws", stack: "dev", values: {}, secretKeys: [] };
        const made = new Stack(await evaluate(config, imaginaryAws("us-gov-west-1"), program));
        const targets = made.all("aws:scheduler/schedule:Schedule").map(({ name, inputs }) => {
            const { arn, input } = inputs.target as { arn: string; input: string };
            return [name.replace("mlflow-dev-server-hours-", ""), arn, input];
        });
        const call = (text: string) => `arn:aws-us-gov:scheduler:::aws-sdk:${text}`;
        assert.deepStrictEqual(targets, [
            ["start-host", call("ec2:startInstances"), '{"InstanceIds":["i-0123"]}'],
            ["stop-host", call("ec2:stopInstances"), '{"InstanceIds":["i-0123"]}'],
            ["start-database", call("rds:startDBInstance"), '{"DbInstanceIdentifier":"mlflow-dev-backend-0a1b2c3"}'],
            ["stop-database", call("rds:stopDBInstance"), '{"DbInstanceIdentifier":"mlflow-dev-backend-0a1b2c3"}'],
        ]);
        assert.deepStrictEqual(
            (made.inputs("aws:iam/rolePolicy:RolePolicy").policy as { Statement: unknown }).Statement,
            [
                {
                    Sid: "StartAndStopHost",
                    Effect: "Allow",
                    Action: ["ec2:StartInstances", "ec2:StopInstances"],
                    Resource: ["arn:instance"],
                },
                {
                    Sid: "StartAndStopDatabase",
                    Effect: "Allow",
                    Action: ["rds:StartDBInstance", "rds:StopDBInstance"],
                    Resource: ["arn:database"],
                },
            ],
        );
    });
});

const groupName = (stack: Stack): string => String(stack.all("aws:scheduler/schedule:Schedule")[0].inputs.groupName);
const digits = (stack: Stack): string =>
    String(stack.all("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.includes("hours"))!.inputs.role).slice(
        -7,
    );

describe("the budget of a stack", () => {
    it("is a monthly one of the stack's tag, with notices at 80 % and 100 %, and when the forecast exceeds it", async () => {
        const stack = await evaluateStack({ alarmEmail: "team@example.com", monthlyBudgetUsd: 25 }, { name: "dev" });
        const notice = (notificationType: string, threshold: number) => ({
            notificationType,
            threshold,
            thresholdType: "PERCENTAGE",
            comparisonOperator: "GREATER_THAN",
            subscriberEmailAddresses: ["team@example.com"],
        });
        assert.deepStrictEqual(stack.inputs("aws:budgets/budget:Budget"), {
            budgetType: "COST",
            timeUnit: "MONTHLY",
            limitAmount: "25",
            limitUnit: "USD",
            costFilters: [{ name: "TagKeyValue", values: ["user:Environment$dev"] }],
            notifications: [notice("ACTUAL", 80), notice("ACTUAL", 100), notice("FORECASTED", 100)],
            tags,
        });
    });

    it("is not there with an address alone, and no schedule without hours", async () => {
        const found = counts(await evaluateStack({ alarmEmail: "team@example.com" }));
        assert.deepStrictEqual(
            Object.keys(found).filter((type) => /budget|scheduler/i.test(type)),
            [],
        );
    });
});
