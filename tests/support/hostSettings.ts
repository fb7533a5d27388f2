import type { HostSettings } from "../../components/hostInstaller";

/** What a host knows of a stack with default settings. */
export const hostSettings: HostSettings = {
    region: "us-west-1",
    accountId: "123456789012",
    bucketName: "team-artifacts",
    artifactRoot: "s3://team-artifacts/artifacts",
    backupRoot: "s3://team-artifacts/backups",
    dailyBackup: true,
    garbageCollectionDays: 0,
    securityUpdates: "",
    artifactMode: "proxied",
    workers: 2,
    bundle: { key: "host/abc.tar.gz", sha256: "abc" },
};
