import { unknown } from "../../policies/values";
import { judges, resource } from "./cases";

// Good and bad databases. It proves what the rules say of declarations, not what AWS makes of them.

const instance = (values: Record<string, unknown> = {}) => resource("aws:rds/instance:Instance", values);
const cluster = (values: Record<string, unknown> = {}) => resource("aws:rds/cluster:Cluster", values);
const member = (values: Record<string, unknown> = {}) => resource("aws:rds/clusterInstance:ClusterInstance", values);
const replica = instance({ replicateSourceDb: "source" });

judges("database-is-private", {
    passes: {
        "one that says so": instance({ publiclyAccessible: false }),
        "one that says nothing": [instance(), member()],
        "what a preview does not know": instance({ publiclyAccessible: unknown }),
    },
    refuses: {
        "a public instance": [instance({ publiclyAccessible: true }), "publiclyAccessible: got true"],
        "a public member of a cluster": [member({ publiclyAccessible: true }), "publiclyAccessible: got true"],
    },
});

judges("database-is-encrypted", {
    passes: {
        "encrypted storage": [instance({ storageEncrypted: true }), cluster({ storageEncrypted: true })],
        "a replica, which follows its source": replica,
        "what a preview does not know": instance({ storageEncrypted: unknown }),
    },
    refuses: {
        "an instance without": [instance({ storageEncrypted: false }), "storageEncrypted: got false"],
        "a cluster that says nothing": [cluster(), "storageEncrypted: got nothing"],
    },
});

judges("database-has-backups", {
    passes: {
        "a week": [instance({ backupRetentionPeriod: 7 }), cluster({ backupRetentionPeriod: 35 })],
        "a replica, whose source has them": replica,
        "what a preview does not know": instance({ backupRetentionPeriod: unknown }),
    },
    refuses: {
        none: [instance({ backupRetentionPeriod: 0 }), "backupRetentionPeriod: got 0"],
        "six days": [cluster({ backupRetentionPeriod: 6 }), "backupRetentionPeriod: got 6"],
        "an instance that says nothing": [instance(), "backupRetentionPeriod: got nothing"],
    },
});

judges("database-outlives-a-mistake", {
    passes: {
        "deletion protection": [instance({ deletionProtection: true }), cluster({ deletionProtection: true })],
        "a last snapshot": instance({ finalSnapshotIdentifier: "last" }),
        "a replica": replica,
        "what a preview does not know": instance({ deletionProtection: unknown }),
    },
    refuses: {
        neither: [instance({ skipFinalSnapshot: true }), "deletionProtection: got nothing"],
        "a snapshot that has a name and is skipped": [
            cluster({ skipFinalSnapshot: true, finalSnapshotIdentifier: "last", deletionProtection: false }),
            "deletionProtection: got false",
        ],
        "a snapshot without a name, which AWS refuses when it is too late": [
            instance({ skipFinalSnapshot: false }),
            "deletionProtection: got nothing",
        ],
    },
});
