import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RunningHours as Hours } from "../settings/runningHours";
import type { Account } from "./account";
import { scheduleExpressions } from "./scheduleExpressions";
import { token } from "./token";

/** An RDS database of the stack. */
export interface ScheduledDatabase {
    readonly identifier: pulumi.Input<string>;
    readonly arn: pulumi.Input<string>;
}

export interface RunningHoursArgs {
    readonly account: Account;
    readonly hours: Hours;
    /** Name in the time zone database. */
    readonly timeZone: string;
    readonly instance: { readonly id: pulumi.Input<string>; readonly arn: pulumi.Input<string> };
    /** Started and stopped together with the host. RDS starts a stopped one after 7 days by itself; the next stop ends that. */
    readonly database?: ScheduledDatabase;
    /** ARN of the policy that limits the role, whatever its own policies say. */
    readonly permissionsBoundary?: string;
    readonly tags: Record<string, string>;
}

/** What is started and stopped: the calls, as EventBridge Scheduler names and fills them, and the rights to them. */
interface Target {
    readonly name: string;
    readonly service: "ec2" | "rds";
    readonly calls: { readonly start: string; readonly stop: string };
    readonly actions: readonly string[];
    readonly input: pulumi.Output<string>;
    readonly arn: pulumi.Input<string>;
}

/** A call that fails is tried again, but not for long: a stop that comes hours later would hit people at work. */
const retryPolicy = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 };

/**
 * Starts the host at the beginning of its hours and stops it at their end, each by a schedule of EventBridge Scheduler. The role that
 * the schedules act with may start and stop this one instance (and database), and only schedules of this group may assume it.
 */
export class RunningHours extends pulumi.ComponentResource {
    constructor(name: string, args: RunningHoursArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("RunningHours"), name, {}, opts);
        const { account, timeZone, tags } = args;
        const { partition, accountId } = account;
        const targets = targetsOf(args);
        const expressions = scheduleExpressions(args.hours);

        const group = new aws.scheduler.ScheduleGroup(`${name}-group`, { tags }, { parent: this });
        const role = new aws.iam.Role(
            `${name}-role`,
            {
                description: "Starts and stops the MLflow host",
                assumeRolePolicy: {
                    Version: "2012-10-17",
                    Statement: [
                        {
                            Effect: "Allow",
                            Principal: { Service: "scheduler.amazonaws.com" },
                            Action: ["sts:AssumeRole"],
                            Condition: {
                                StringEquals: { "aws:SourceAccount": accountId, "aws:SourceArn": group.arn },
                            },
                        },
                    ],
                },
                permissionsBoundary: args.permissionsBoundary,
                tags,
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-policy`,
            {
                role: role.name,
                policy: {
                    Version: "2012-10-17",
                    Statement: targets.map(({ name: target, actions, arn }) => ({
                        Sid: `StartAndStop${target[0].toUpperCase()}${target.slice(1)}`,
                        Effect: "Allow",
                        Action: [...actions],
                        Resource: [arn],
                    })),
                },
            },
            { parent: this },
        );
        for (const target of targets) {
            for (const verb of ["start", "stop"] as const) {
                new aws.scheduler.Schedule(
                    `${name}-${verb}-${target.name}`,
                    {
                        groupName: group.name,
                        scheduleExpression: expressions[verb],
                        scheduleExpressionTimezone: timeZone,
                        flexibleTimeWindow: { mode: "OFF" },
                        target: {
                            arn: `arn:${partition}:scheduler:::aws-sdk:${target.service}:${target.calls[verb]}`,
                            roleArn: role.arn,
                            input: target.input,
                            retryPolicy,
                        },
                    },
                    { parent: this, dependsOn: [policy] },
                );
            }
        }
        this.registerOutputs({});
    }
}

function targetsOf({ instance, database }: RunningHoursArgs): Target[] {
    const host: Target = {
        name: "host",
        service: "ec2",
        calls: { start: "startInstances", stop: "stopInstances" },
        actions: ["ec2:StartInstances", "ec2:StopInstances"],
        input: pulumi.jsonStringify({ InstanceIds: [instance.id] }),
        arn: instance.arn,
    };
    return database
        ? [
              host,
              {
                  name: "database",
                  service: "rds",
                  calls: { start: "startDBInstance", stop: "stopDBInstance" },
                  actions: ["rds:StartDBInstance", "rds:StopDBInstance"],
                  // The SDK's spelling, which is not that of the API.
                  input: pulumi.jsonStringify({ DbInstanceIdentifier: database.identifier }),
                  arn: database.arn,
              },
          ]
        : [host];
}
