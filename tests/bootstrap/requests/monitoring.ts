import { account, type Asks, each, region, text } from "./request";

const topic = `arn:aws:sns:${region}:${account}:mlflow-dev-alarms-topic-0a1b2c3`;
const actions = { "cloudwatch:AlarmActions": topic };

/** Alarms, the topic that they tell, and the log group. */
export const monitoring: Readonly<Record<string, Asks>> = {
    "aws:sns/topic:Topic": () => ({
        create: each(["sns:CreateTopic", "sns:TagResource", "sns:SetTopicAttributes"], topic),
        read: each(["sns:GetTopicAttributes", "sns:ListTagsForResource"], topic),
        update: each(["sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"], topic),
        delete: [["sns:DeleteTopic", topic]],
    }),
    // Another address is another subscription.
    "aws:sns/topicSubscription:TopicSubscription": () => ({
        create: [["sns:Subscribe", topic]],
        read: [
            ["sns:ListSubscriptionsByTopic", topic],
            ["sns:GetSubscriptionAttributes", "*"],
        ],
        update: [],
        delete: [["sns:Unsubscribe", "*"]],
    }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ({ inputs }) => {
        const alarm = `arn:aws:cloudwatch:${region}:${account}:alarm:${text(inputs.name)}`;
        return {
            create: [
                ["cloudwatch:PutMetricAlarm", alarm, actions],
                ["cloudwatch:TagResource", alarm],
            ],
            read: each(["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"], alarm),
            update: [
                ["cloudwatch:PutMetricAlarm", alarm, actions],
                ...each(["cloudwatch:TagResource", "cloudwatch:UntagResource"], alarm),
            ],
            delete: [["cloudwatch:DeleteAlarms", alarm]],
        };
    },
    "aws:cloudwatch/logGroup:LogGroup": ({ inputs }) => {
        const group = `arn:aws:logs:${region}:${account}:log-group:${text(inputs.name)}`;
        return {
            create: [
                ...each(["logs:CreateLogGroup", "logs:PutRetentionPolicy"], `${group}:*`),
                ["logs:TagResource", group],
            ],
            read: [
                ["logs:DescribeLogGroups", `arn:aws:logs:${region}:${account}:log-group::log-stream:`],
                ["logs:ListTagsForResource", group],
            ],
            update: [
                ["logs:PutRetentionPolicy", `${group}:*`],
                ...each(["logs:TagResource", "logs:UntagResource"], group),
            ],
            delete: [["logs:DeleteLogGroup", `${group}:*`]],
        };
    },
};
