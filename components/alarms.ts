import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmedParts, type AlarmRule, alarmTable, description } from "./alarmTable";
import { token } from "./token";

export interface AlarmsArgs extends AlarmedParts {
    /** Who gets the e-mails, once they have confirmed the first one. */
    readonly email: string;
    /** Whom the e-mails come from, such as `mlflow-dev`. */
    readonly sender: string;
    readonly instanceId: pulumi.Input<string>;
    /** Namespace of the metrics that the host sends. */
    readonly metricsNamespace: string;
    readonly tags: Record<string, string>;
}

const comparisons = { AtLeast: "GreaterThanOrEqualToThreshold", Below: "LessThanThreshold" } as const;

/**
 * Alarms about the host, the server, its backups and its database, each of which sends an e-mail when it goes on and when it goes off.
 *
 * They send e-mails and do nothing else. AWS moves an instance off failing hardware by itself, and whoever may make alarms that reboot
 * an instance may make such alarms for every instance of the account.
 */
export class Alarms extends pulumi.ComponentResource {
    constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
        super(token("Alarms"), name, {}, opts);
        const { tags } = args;
        // Not encrypted: CloudWatch may not use AWS's own key for topics (alias/aws/sns), a key of the stack would cost a dollar a month,
        // and an e-mail with the same text follows. No policy either: by default the account itself may publish, and so its alarms.
        const topic = new aws.sns.Topic(`${name}-topic`, { displayName: args.sender, tags }, { parent: this });
        new aws.sns.TopicSubscription(
            `${name}-email`,
            { topic: topic.arn, protocol: "email", endpoint: args.email },
            { parent: this },
        );
        for (const rule of alarmTable(args)) {
            new aws.cloudwatch.MetricAlarm(
                `${name}-${rule.name}`,
                {
                    // Readable: it is the subject of the e-mail.
                    name: `${name}-${rule.name}`,
                    alarmDescription: description(rule),
                    ...source(rule, args),
                    metricName: rule.metric,
                    statistic: rule.statistic,
                    comparisonOperator: comparisons[rule.comparison],
                    threshold: rule.threshold,
                    period: rule.periodSeconds,
                    evaluationPeriods: rule.outOf ?? rule.periods,
                    datapointsToAlarm: rule.periods,
                    treatMissingData: rule.missing,
                    alarmActions: [topic.arn],
                    okActions: [topic.arn],
                    tags,
                },
                { parent: this },
            );
        }
        this.registerOutputs({ topicArn: topic.arn });
    }
}

/** Whose metric it is. */
function source(
    { of }: AlarmRule,
    args: AlarmsArgs,
): { namespace: string; dimensions?: Record<string, pulumi.Input<string>> } {
    switch (of) {
        case "instance":
            return { namespace: "AWS/EC2", dimensions: { InstanceId: args.instanceId } };
        case "host":
            return { namespace: args.metricsNamespace };
        case "database":
            return { namespace: "AWS/RDS", dimensions: { DBInstanceIdentifier: args.database!.identifier } };
    }
}
