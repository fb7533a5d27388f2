import type { Finding, Resource, Rule } from "../rule";
import { isOff, isOn, unknown, type Values } from "../values";

const instance = "aws:rds/instance:Instance";
const member = "aws:rds/clusterInstance:ClusterInstance";
const cluster = "aws:rds/cluster:Cluster";

const leastDays = 7;

/** It is encrypted as its source is, and has its source's backups. */
const isReplica = ({ replicateSourceDb, replicationSourceIdentifier }: Values) =>
    Boolean(replicateSourceDb ?? replicationSourceIdentifier);

const storage = ({ values }: Resource): Finding[] =>
    isOff(values.storageEncrypted) && !isReplica(values)
        ? [{ property: "storageEncrypted", got: values.storageEncrypted }]
        : [];

function backups({ values }: Resource): Finding[] {
    const { backupRetentionPeriod: days } = values;
    const enough = days === unknown || Number(days ?? 0) >= leastDays;
    return enough || isReplica(values) ? [] : [{ property: "backupRetentionPeriod", got: days }];
}

function lastCopy({ values }: Resource): Finding[] {
    const { skipFinalSnapshot, finalSnapshotIdentifier, deletionProtection } = values;
    const copied = !isOn(skipFinalSnapshot) && finalSnapshotIdentifier !== undefined;
    return copied || !isOff(deletionProtection) || isReplica(values)
        ? []
        : [{ property: "deletionProtection", got: deletionProtection }];
}

export const databaseRules: readonly Rule[] = [
    {
        name: "database-is-private",
        enforcement: "mandatory",
        why: "a public database has a name and an address in the whole internet",
        refuses: "An RDS instance, alone or in a cluster, with `publiclyAccessible`",
        controls: ["RDS.2", "CIS 2.3.3"],
        allowed: "`false`",
        remedy: "set `publiclyAccessible: false`, and reach it from within the VPC",
        types: [instance, member],
        judge: ({ values: { publiclyAccessible: got } }) =>
            isOn(got) ? [{ property: "publiclyAccessible", got }] : [],
    },
    {
        name: "database-is-encrypted",
        enforcement: "mandatory",
        why: "a database without encryption has to be copied to get it",
        refuses: "An RDS instance or cluster without `storageEncrypted`",
        controls: ["RDS.3", "RDS.27", "CIS 2.3.1"],
        allowed: "`true`",
        remedy: "set `storageEncrypted: true`",
        types: [instance, cluster],
        judge: storage,
    },
    {
        name: "database-has-backups",
        enforcement: "mandatory",
        why: "what is lost without a backup is lost for good",
        refuses: `An RDS instance or cluster whose automatic backups are off, or kept for less than ${leastDays} days`,
        controls: ["RDS.11"],
        allowed: `${leastDays} days or more`,
        remedy: `set \`backupRetentionPeriod: ${leastDays}\``,
        types: [instance, cluster],
        judge: backups,
    },
    {
        name: "database-outlives-a-mistake",
        enforcement: "advisory",
        why: "a stack for a day may mean to leave nothing behind",
        refuses: "An RDS instance or cluster that a deletion takes away with no last snapshot",
        controls: ["RDS.7", "RDS.8"],
        allowed: "`true`, or a final snapshot",
        remedy: "set `deletionProtection: true`, or `skipFinalSnapshot: false` with a `finalSnapshotIdentifier`",
        types: [instance, cluster],
        judge: lastCopy,
    },
];
