import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as sns from "@aws-sdk/client-sns";
import { type Clients, type Handlers, type Inputs, type ResourceHandler, type State } from "./handlers";
import { tagList, tagsFrom, tagsGone, unlessGone } from "./handlers";

// Alarms, the topic that they tell, and the log group.

const topic: ResourceHandler = {
    async create({ sns: client }, { name, displayName, tags }, autoName) {
        const { TopicArn } = await client.send(
            new sns.CreateTopicCommand({
                Name: name ?? autoName,
                Attributes: { DisplayName: displayName },
                Tags: tagList(tags),
            }),
        );
        return { id: TopicArn!, arn: TopicArn };
    },
    async update({ sns: client }, id, inputs, old) {
        const { displayName } = inputs;
        await client.send(
            new sns.SetTopicAttributesCommand({
                TopicArn: id,
                AttributeName: "DisplayName",
                AttributeValue: displayName,
            }),
        );
        await client.send(new sns.UntagResourceCommand({ ResourceArn: id, TagKeys: tagsGone(old, inputs) }));
        await client.send(new sns.TagResourceCommand({ ResourceArn: id, Tags: tagList(inputs.tags) }));
    },
    async read({ sns: client }, id, state) {
        const found = await unlessGone(client.send(new sns.GetTopicAttributesCommand({ TopicArn: id })));
        if (!found) {
            return undefined;
        }
        const { Tags } = await client.send(new sns.ListTagsForResourceCommand({ ResourceArn: id }));
        return { ...state, displayName: found.Attributes!.DisplayName, tags: tagsFrom(Tags) };
    },
    delete: ({ sns: client }, id) => unlessGone(client.send(new sns.DeleteTopicCommand({ TopicArn: id }))),
};

const topicSubscription: ResourceHandler = {
    async create({ sns: client }, { topic: TopicArn, protocol: Protocol, endpoint: Endpoint }) {
        const { SubscriptionArn } = await client.send(
            new sns.SubscribeCommand({ TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: true }),
        );
        return { id: SubscriptionArn!, arn: SubscriptionArn };
    },
    async read({ sns: client }, id, state) {
        const found = await unlessGone(client.send(new sns.GetSubscriptionAttributesCommand({ SubscriptionArn: id })));
        return found && { ...state, endpoint: found.Attributes!.Endpoint };
    },
    delete: ({ sns: client }, id) => unlessGone(client.send(new sns.UnsubscribeCommand({ SubscriptionArn: id }))),
};

const putAlarm = ({ cloudwatch: client }: Clients, inputs: Inputs) =>
    client.send(
        new cloudwatch.PutMetricAlarmCommand({
            AlarmName: inputs.name,
            AlarmDescription: inputs.alarmDescription,
            Namespace: inputs.namespace,
            MetricName: inputs.metricName,
            Dimensions: Object.entries((inputs.dimensions ?? {}) as Record<string, string>).map(([Name, Value]) => ({
                Name,
                Value,
            })),
            Statistic: inputs.statistic,
            ComparisonOperator: inputs.comparisonOperator,
            Threshold: inputs.threshold,
            Period: inputs.period,
            EvaluationPeriods: inputs.evaluationPeriods,
            DatapointsToAlarm: inputs.datapointsToAlarm,
            TreatMissingData: inputs.treatMissingData,
            AlarmActions: inputs.alarmActions,
            OKActions: inputs.okActions,
            Tags: tagList(inputs.tags),
        }),
    );

async function describeAlarm({ cloudwatch: client }: Clients, name: string) {
    const { MetricAlarms } = await client.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: [name] }));
    return MetricAlarms?.[0];
}

const metricAlarm: ResourceHandler = {
    async create(clients, inputs) {
        await putAlarm(clients, inputs);
        return { id: inputs.name, arn: (await describeAlarm(clients, inputs.name))!.AlarmArn };
    },
    /** The tags of an alarm that exists are not in the request that changes it. */
    async update(clients, _, inputs, old) {
        const place = { ResourceARN: old.arn as string };
        const { cloudwatch: client } = clients;
        await putAlarm(clients, inputs);
        await client.send(new cloudwatch.UntagResourceCommand({ ...place, TagKeys: tagsGone(old, inputs) }));
        await client.send(new cloudwatch.TagResourceCommand({ ...place, Tags: tagList(inputs.tags) }));
    },
    async read(clients, id, state) {
        const found = await describeAlarm(clients, id);
        if (!found) {
            return undefined;
        }
        const place = { ResourceARN: found.AlarmArn! };
        const { Tags } = await clients.cloudwatch.send(new cloudwatch.ListTagsForResourceCommand(place));
        const dimensions = (found.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]);
        return {
            ...state,
            alarmDescription: found.AlarmDescription,
            threshold: found.Threshold,
            ...(dimensions.length > 0 && { dimensions: Object.fromEntries(dimensions) as State }),
            alarmActions: found.AlarmActions,
            tags: tagsFrom(Tags),
        };
    },
    delete: ({ cloudwatch: client }, id) => client.send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames: [id] })),
};

const logGroup: ResourceHandler = {
    async create(clients, { name, retentionInDays, tags }) {
        const { logs: client } = clients;
        await client.send(new logs.CreateLogGroupCommand({ logGroupName: name, tags }));
        await client.send(new logs.PutRetentionPolicyCommand({ logGroupName: name, retentionInDays }));
        return { id: name, arn: (await describeLogGroup(clients, name))!.logGroupArn };
    },
    async update({ logs: client }, id, inputs, old) {
        const { retentionInDays, tags } = inputs;
        const place = { resourceArn: old.arn as string };
        await client.send(new logs.PutRetentionPolicyCommand({ logGroupName: id, retentionInDays }));
        await client.send(new logs.UntagResourceCommand({ ...place, tagKeys: tagsGone(old, inputs) }));
        await client.send(new logs.TagResourceCommand({ ...place, tags }));
    },
    async read(clients, id, state) {
        const found = await describeLogGroup(clients, id);
        if (!found) {
            return undefined;
        }
        const { tags } = await clients.logs.send(
            new logs.ListTagsForResourceCommand({ resourceArn: found.logGroupArn }),
        );
        return { ...state, retentionInDays: found.retentionInDays, tags };
    },
    delete: ({ logs: client }, id) => unlessGone(client.send(new logs.DeleteLogGroupCommand({ logGroupName: id }))),
};

/** With its ARN as policies name it: without `:*` at the end, which CloudWatch's own answer may have. */
async function describeLogGroup({ logs: client }: Clients, name: string) {
    const { logGroups } = await client.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    const found = logGroups?.find(({ logGroupName }) => logGroupName === name);
    return found && { ...found, logGroupArn: (found.logGroupArn ?? found.arn)!.replace(/:\*$/, "") };
}

export const monitoringHandlers: Handlers = {
    resources: {
        "aws:sns/topic:Topic": topic,
        "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
        "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
        "aws:cloudwatch/logGroup:LogGroup": logGroup,
    },
    lookup: {},
};
