import type * as pulumi from "@pulumi/pulumi";
import type { HostMetric } from "./hostMetrics";

/** The database beside the host, as its alarms know it. */
export interface AlarmedDatabase {
    readonly identifier: pulumi.Input<string>;
    readonly storageGib: number;
    /** Connections that it takes at most. */
    readonly maxConnections: number;
}

/** When an alarm goes off, and what its e-mail says. */
export interface AlarmRule {
    /** Last part of the alarm's name. */
    readonly name: string;
    /** Where the metric comes from: EC2, by the instance; the host itself; RDS, by the database. */
    readonly of: "instance" | "host" | "database";
    readonly metric: string;
    readonly statistic: "Average" | "Maximum" | "Minimum" | "Sum";
    readonly comparison: "AtLeast" | "Below";
    readonly threshold: number;
    readonly periodSeconds: number;
    /** How many periods in a row; with `outOf` not all of those need to be bad. */
    readonly periods: number;
    readonly outOf?: number;
    /** What it means when there is no value. */
    readonly missing: "breaching" | "notBreaching" | "missing";
    /** What is wrong. */
    readonly wrong: string;
    /** What to do. */
    readonly remedy: string;
}

/** Of a volume; a backup of SQLite needs room for two copies of the database. */
const dataVolumePercent = 80;
const rootVolumePercent = 85;
/** Of all memory; the server itself is ended by systemd at 85 %. */
const memoryPercent = 90;
const errorPercent = 5;
/** One that was missed, and the two hours that the next may take. */
const backupHours = 26;
const freeStoragePercent = 15;
const connectionPercent = 80;

const onHost = (rule: Omit<AlarmRule, "of" | "metric"> & { readonly metric: HostMetric }): AlarmRule => ({
    of: "host",
    ...rule,
});
/** For a quarter of an hour. */
const lasting = { periodSeconds: 300, periods: 3 } as const;
const whole = {
    statistic: "Maximum",
    comparison: "AtLeast",
    threshold: 1,
    periodSeconds: 60,
    missing: "missing",
} as const;

/** What decides which alarms a stack has. */
export interface AlarmedParts {
    /** The host backs the database up every night. */
    readonly dailyBackup: boolean;
    /** The host is stopped at times, as `runningHours` says. */
    readonly sleeps: boolean;
    /** A database on RDS; absent: SQLite, or a server of somebody else. */
    readonly database?: AlarmedDatabase;
}

/** A weekend and a holiday; a host makes up for a missed backup when it starts. */
const longestPauseHours = 96;

/** Every alarm of a stack with these parts. */
export function alarmTable({ dailyBackup, sleeps, database }: AlarmedParts): AlarmRule[] {
    return [
        ...instanceAlarms,
        // One that is stopped by its hours sends nothing.
        ...hostAlarms.map((rule) =>
            sleeps && rule.missing === "breaching" ? { ...rule, missing: "notBreaching" as const } : rule,
        ),
        ...(dailyBackup ? [backupAlarm(backupHours + (sleeps ? longestPauseHours : 0))] : []),
        ...(database ? databaseAlarms(database) : []),
    ];
}

const instanceAlarms: readonly AlarmRule[] = [
    {
        ...{ ...whole, name: "system-status", of: "instance", metric: "StatusCheckFailed_System", periods: 2 },
        wrong: "The hardware or network below the instance fails",
        remedy: "AWS moves the instance to other hardware by itself. If the alarm is still on after half an hour, stop the instance and start it again: the data volume stays",
    },
    {
        ...{ ...whole, name: "instance-status", of: "instance", metric: "StatusCheckFailed_Instance", periods: 3 },
        wrong: "The instance does not answer: its system hangs, is out of memory or does not boot",
        remedy: "Reboot it: aws ec2 reboot-instances --instance-ids with the output instanceId. If that does not help, aws ec2 get-console-output says how far it boots",
    },
    {
        ...{ ...whole, name: "volume-status", of: "instance", metric: "StatusCheckFailed_AttachedEBS", periods: 3 },
        wrong: "A volume of the instance can't be read or written",
        remedy: "Mostly AWS repairs it. If not, stop the instance and start it again; the data is also in the backups",
    },
];

const hostAlarms: readonly AlarmRule[] = [
    onHost({
        ...{
            ...lasting,
            name: "no-answer",
            metric: "Answering",
            statistic: "Maximum",
            comparison: "Below",
            threshold: 1,
        },
        missing: "breaching",
        wrong: "The server does not answer from its database, or the host sends nothing: it is stopped, hangs or has no way out to AWS",
        remedy: "npm run doctor says what does not work; on the host, sudo /opt/mlflow/host/bin/mlflow-health and journalctl -u mlflow -u mlflow-report",
    }),
    onHost({
        ...{ ...lasting, name: "data-volume", metric: "DataVolumeUsed", statistic: "Maximum", comparison: "AtLeast" },
        ...{ threshold: dataVolumePercent, missing: "missing" },
        wrong: `The data volume is ${dataVolumePercent} % full; when it is full nothing can be logged, and before that no backup made`,
        remedy: "Raise dataVolumeGib, then on the host sudo systemctl restart mlflow-data, which restarts the server. garbageCollectionDays deletes what was deleted in MLflow",
    }),
    onHost({
        ...{ ...lasting, name: "root-volume", metric: "RootVolumeUsed", statistic: "Maximum", comparison: "AtLeast" },
        ...{ threshold: rootVolumePercent, missing: "missing" },
        wrong: `The root volume is ${rootVolumePercent} % full`,
        remedy: "On the host, sudo du -xh --max-depth=2 / | sort -h | tail says by what; or raise rootVolumeGib and reboot",
    }),
    onHost({
        ...{ ...lasting, name: "memory", metric: "MemoryUsed", statistic: "Average", comparison: "AtLeast" },
        ...{ threshold: memoryPercent, missing: "missing" },
        wrong: `${memoryPercent} % of the memory is in use; soon the server is slow, or ended`,
        remedy: "Fewer workers, or a larger instanceType",
    }),
    onHost({
        ...{ name: "restarts", metric: "Restarts", statistic: "Sum", comparison: "AtLeast", threshold: 1 },
        ...{ periodSeconds: 300, periods: 1, missing: "notBreaching" },
        wrong: "The server has ended by itself, and systemd starts it again",
        remedy: "On the host, journalctl -u mlflow says why; if it was out of memory, a larger instanceType",
    }),
    onHost({
        ...{ name: "server-errors", metric: "ServerErrors", statistic: "Average", comparison: "AtLeast" },
        ...{ threshold: errorPercent / 100, periodSeconds: 300, periods: 2, outOf: 3, missing: "notBreaching" },
        wrong: `The server answers ${errorPercent} % of all requests or more with an error of its own (HTTP 5xx)`,
        remedy: "sudo /opt/mlflow/host/bin/mlflow-health on the host says which part fails, journalctl -u mlflow why: mostly the database, the bucket or a full disk",
    }),
];

const backupAlarm = (hours: number): AlarmRule =>
    onHost({
        ...{ name: "backup", metric: "BackupAge", statistic: "Maximum", comparison: "AtLeast", threshold: hours },
        ...{ periodSeconds: 900, periods: 1, missing: "missing" },
        wrong: `The newest backup of the database is ${hours} hours old or older: the last one was missed`,
        remedy: "On the host, journalctl -u mlflow-backup says why; sudo systemctl start mlflow-backup makes one now",
    });

function databaseAlarms({ storageGib, maxConnections }: AlarmedDatabase): AlarmRule[] {
    const share = (of: number, percent: number, unit = 1) => Math.floor((of * unit * percent) / 100);
    return [
        {
            ...{
                ...lasting,
                name: "database-storage",
                of: "database",
                metric: "FreeStorageSpace",
                statistic: "Minimum",
            },
            ...{ comparison: "Below", threshold: share(storageGib, freeStoragePercent, 2 ** 30), missing: "missing" },
            wrong: `Less than ${freeStoragePercent} % of the database's storage is free; when it is full the database stops`,
            remedy: "Raise databaseStorageGib, or databaseMostStorageGib, up to which it grows by itself; it cannot shrink again",
        },
        {
            ...{ ...lasting, name: "database-connections", of: "database", metric: "DatabaseConnections" },
            ...{ statistic: "Maximum", comparison: "AtLeast", threshold: share(maxConnections, connectionPercent) },
            missing: "missing",
            wrong: `${connectionPercent} % of the connections that the database takes are in use; beyond, requests fail`,
            remedy: "Fewer workers or a larger databaseInstanceClass; or find out who else is connected to it",
        },
    ];
}

/** How long it must be so, for people: `15 minutes`, `2 of 3 times 5 minutes`. */
export function duration({ periodSeconds, periods, outOf }: AlarmRule): string {
    const minutes = (count: number) => (count === 1 ? "1 minute" : `${count} minutes`);
    return outOf
        ? `${periods} of ${outOf} times ${minutes(periodSeconds / 60)}`
        : minutes((periods * periodSeconds) / 60);
}

/** What the e-mail says; CloudWatch takes 1,024 characters. */
export const description = (rule: AlarmRule): string => `${rule.wrong} (for ${duration(rule)}). ${rule.remedy}.`;
