import type { Rights } from "./rights";

/** Alarms, the topic that they tell, and the log group. */
export const monitoringRights = {
    "aws:sns/topic:Topic": {
        read: { alarmTopic: ["sns:GetTopicAttributes", "sns:ListTagsForResource"] },
        change: {
            alarmTopic: [
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:SetTopicAttributes",
                "sns:TagResource",
                "sns:UntagResource",
            ],
        },
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        // AWS can't limit what is asked of a subscription. It needs its ARN, which ends in an id that nobody can guess, and no right here
        // lists those of other topics.
        read: { alarmTopic: ["sns:ListSubscriptionsByTopic"], anything: ["sns:GetSubscriptionAttributes"] },
        change: { alarmTopic: ["sns:Subscribe"], anything: ["sns:Unsubscribe"] },
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        read: { alarms: ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"] },
        change: {
            alarmsThatTell: ["cloudwatch:PutMetricAlarm"],
            alarms: ["cloudwatch:DeleteAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource"],
        },
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        read: { logGroups: ["logs:DescribeLogGroups"], log: ["logs:ListTagsForResource"] },
        change: {
            log: ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"],
            unprotectedLog: ["logs:DeleteLogGroup"],
        },
    },
} as const satisfies Record<string, Rights>;
