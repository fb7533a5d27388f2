import type { Environment } from "../environment";
import type { Definition } from "./scope";

const topic = ({ partition, region, accountId, name }: Environment) =>
    `arn:${partition}:sns:${region}:${accountId}:${name}-alarms-topic-*`;
const alarms = ({ partition, region, accountId, name }: Environment) => [
    `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}-alarms-*`,
];
/** With and without the end that the service puts behind a group's name in some requests. */
export const logOf = ({ partition, region, accountId, name }: Environment) => {
    const arn = `arn:${partition}:logs:${region}:${accountId}:log-group:/${name}/host`;
    return [arn, `${arn}:*`];
};

/** Alarms, their topic and the log group: known by their names. */
export const monitoringScopes = {
    alarmTopic: {
        words: "topics `mlflow-<stack>-alarms-topic-…`",
        of: (environment) => ({ Resource: [topic(environment)] }),
    },
    alarms: {
        words: "alarms `mlflow-<stack>-alarms-…`",
        of: (environment) => ({ Resource: alarms(environment) }),
    },
    // An alarm can also stop, reboot or terminate any instance of the account, or run what Systems Manager can.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-alarm-actions.html
    alarmsThatTell: {
        words: "alarms `mlflow-<stack>-alarms-…` that tell these topics and do nothing else",
        of: (environment) => ({
            Resource: alarms(environment),
            Condition: { "ForAllValues:StringLike": { "cloudwatch:AlarmActions": topic(environment) } },
        }),
    },
    log: {
        words: "the log group `/mlflow-<stack>/host`",
        of: (environment) => ({ Resource: logOf(environment) }),
    },
    unprotectedLog: {
        words: "the log group `/mlflow-<stack>/host`, unless `protect` is set",
        of: (environment) => ({ Resource: environment.protect ? [] : logOf(environment) }),
    },
    logGroups: {
        words: "names of log groups",
        of: ({ partition, region, accountId }) => ({
            Resource: [`arn:${partition}:logs:${region}:${accountId}:log-group:*`],
        }),
    },
} as const satisfies Record<string, Definition>;
