import { alarmsMade, hostReplaced, instanceAlarms, logOf, serverPolicy, taggedByDefault } from "./changeLines";
import type { Row } from "./changeTable";

// Rows of the table of changes: alarms and the log.

type Rows = readonly Omit<Row, "base">[];

/** On a stack that has neither. */
export const reportsBegun: Rows = [
    {
        setting: "alarmEmail",
        to: { alarmEmail: "ml-team@example.com" },
        changes: [...alarmsMade, ...hostReplaced, serverPolicy],
    },
    {
        setting: "logRetentionDays",
        to: { logRetentionDays: 30 },
        changes: [...logOf("create"), ...hostReplaced, serverPolicy],
    },
];

/** On one that has both. */
export const ofReports: Rows = [
    {
        setting: "alarmEmail",
        to: { alarmEmail: "others@example.com" },
        changes: ["replace aws:sns:TopicSubscription mlflow-dev-alarms-email"],
    },
    {
        setting: "alarmEmail",
        to: { alarmEmail: undefined },
        changes: [...alarmsMade.map((line) => line.replace("create", "delete")), ...[...hostReplaced, serverPolicy]],
    },
    {
        setting: "logRetentionDays",
        to: { logRetentionDays: 90 },
        changes: ["update aws:cloudwatch:LogGroup mlflow-dev-log-group"],
    },
    {
        setting: "logRetentionDays",
        to: { logRetentionDays: 0 },
        // The alarms about the instance name it.
        changes: [...logOf("delete"), ...hostReplaced, ...instanceAlarms("update"), serverPolicy],
    },
    {
        setting: "tags",
        to: { tags: { Team: "vision" } },
        changes: [
            ...taggedByDefault,
            ...alarmsMade
                .filter((line) => /MetricAlarm|sns:Topic /.test(line))
                .map((line) => line.replace("create", "update")),
            "update aws:cloudwatch:LogGroup mlflow-dev-log-group",
        ],
    },
];
