import type { Environment } from "../environment";
import type { Definition } from "./scope";

const scheduler = ({ partition, region, accountId }: Environment, path: string) =>
    `arn:${partition}:scheduler:${region}:${accountId}:${path}`;

/** Running hours and the budget: known by their names, as schedules take no tags. */
export const costScopes = {
    scheduleGroup: {
        words: "schedule groups `mlflow-<stack>-server-hours-…`",
        of: (environment) => ({
            Resource: [scheduler(environment, `schedule-group/${environment.name}-server-hours-*`)],
        }),
    },
    schedules: {
        words: "schedules of groups `mlflow-<stack>-server-hours-…`",
        of: (environment) => ({ Resource: [scheduler(environment, `schedule/${environment.name}-server-hours-*`)] }),
    },
    passedHoursRole: {
        words: "roles `mlflow-<stack>-server-hours-…`, to EventBridge Scheduler alone",
        of: ({ partition, accountId, name }) => ({
            Resource: [`arn:${partition}:iam::${accountId}:role/${name}-server-hours-*`],
            Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
        }),
    },
    budget: {
        words: "budgets `mlflow-<stack>-budget-…`",
        of: ({ partition, accountId, name }) => ({
            Resource: [`arn:${partition}:budgets::${accountId}:budget/${name}-budget-*`],
        }),
    },
} as const satisfies Record<string, Definition>;
