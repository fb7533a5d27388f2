import { budgetOf, hostReplaced, hoursOf, instanceAlarms } from "./changeLines";
import type { Row } from "./changeTable";

// Rows of the table of changes: running hours and the budget.

type Rows = readonly Omit<Row, "base">[];

export const ofHours: Rows = [
    {
        setting: "runningHours",
        to: { runningHours: "07:00-19:00" },
        changes: hoursOf("update").filter((line) => line.includes(":Schedule ")),
    },
    {
        setting: "runningHoursTimeZone",
        to: { runningHoursTimeZone: "Europe/Berlin" },
        changes: hoursOf("update").filter((line) => line.includes(":Schedule ")),
    },
    {
        setting: "runningHours",
        to: { runningHours: undefined },
        // A host that never sleeps is missed when it says nothing.
        changes: [
            ...hoursOf("delete"),
            ...["no-answer", "backup"].map((name) => `update aws:cloudwatch:MetricAlarm mlflow-dev-alarms-${name}`),
        ],
    },
    {
        setting: "workers",
        to: { workers: 3 },
        // The schedules and their rights follow the new host.
        changes: [
            ...hostReplaced,
            ...hoursOf("update").filter((line) => /:(Schedule|RolePolicy) /.test(line)),
            ...instanceAlarms("update"),
        ],
    },
    {
        setting: "alarmEmail",
        to: { alarmEmail: "ops@example.com" },
        changes: [
            "update aws:budgets:Budget mlflow-dev-budget-monthly",
            "replace aws:sns:TopicSubscription mlflow-dev-alarms-email",
        ],
    },
    {
        setting: "monthlyBudgetUsd",
        to: { monthlyBudgetUsd: 40 },
        changes: ["update aws:budgets:Budget mlflow-dev-budget-monthly"],
    },
    { setting: "monthlyBudgetUsd", to: { monthlyBudgetUsd: undefined }, changes: budgetOf("delete") },
];
