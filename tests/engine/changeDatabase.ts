import {
    address,
    bucket,
    bundleReplaced,
    database,
    databaseParameters,
    databaseRule,
    databaseSubnets,
    databaseSuffix,
    firewallOf,
    network,
    doors,
    hostReplaced,
    password,
    passwords,
    serverPolicy,
    wholeDatabase,
} from "./changeLines";
import type { Row } from "./changeTable";

// Rows of the table of changes: databases, external and in RDS.

type Rows = readonly Omit<Row, "base">[];

export const ofDatabase: Rows = [
    {
        setting: "databaseHost",
        to: { databaseHost: "192.0.2.6" },
        changes: [databaseRule("create", "192.0.2.6"), databaseRule("delete", "192.0.2.5"), address],
    },
    {
        setting: "databasePort",
        to: { databasePort: 5433 },
        changes: [databaseRule("update", "192.0.2.5"), address],
    },
    { setting: "databaseName", to: { databaseName: "runs" }, changes: [address] },
    { setting: "databaseUser", to: { databaseUser: "runs" }, changes: [address] },
    { setting: "databasePassword", to: { databasePassword: "another, encrypted by the test" }, changes: [passwords] },
    { setting: "databaseSslMode", to: { databaseSslMode: "verify-full" }, changes: [address] },
    { setting: "dailyDatabaseDump", to: { dailyDatabaseDump: true }, changes: hostReplaced },
    {
        setting: "backend",
        to: { backend: undefined, databaseHost: undefined, databasePassword: undefined },
        changes: [
            ...[address, passwords].map((line) => line.replace("update", "delete")),
            databaseRule("delete", "192.0.2.5"),
            ...[...hostReplaced, serverPolicy],
        ],
    },
];

export const ofRds: Rows = [
    {
        setting: "databaseInstanceClass",
        to: { databaseInstanceClass: "db.t4g.medium" },
        changes: [database("update"), ...hostReplaced],
    },
    {
        setting: "databaseVersion",
        to: { databaseVersion: "18" },
        changes: [database("update"), databaseParameters("replace")],
    },
    { setting: "databaseMultiAz", to: { databaseMultiAz: true }, changes: [database("update")] },
    { setting: "databaseStorageGib", to: { databaseStorageGib: 50 }, changes: [database("update")] },
    { setting: "databaseMostStorageGib", to: { databaseMostStorageGib: 200 }, changes: [database("update")] },
    { setting: "databaseBackupDays", to: { databaseBackupDays: 35 }, changes: [database("update")] },
    {
        setting: "databasePasswordGeneration",
        to: { databasePasswordGeneration: 2 },
        changes: [password("create", 2), passwords, database("update")],
    },
    { setting: "workers", to: { workers: 3 }, changes: hostReplaced },
    {
        setting: "networkCidr",
        to: { networkCidr: "10.20.0.0/20" },
        // The same instance moves into the network.
        changes: [
            ...network("create"),
            ...[databaseSubnets("create", "10-20-0-0-20"), databaseSubnets("delete", "default")],
            "replace aws:ec2:SecurityGroup mlflow-dev-backend-database-firewall",
            ...[database("update"), ...doors("replace"), ...firewallOf("replace"), ...hostReplaced],
        ],
    },
    { setting: "protect", to: { protect: true }, changes: [database("update")] },
    { setting: "databasePort", to: { databasePort: 5433 }, changes: [database("update"), address, ...doors("update")] },
    {
        setting: "databaseName",
        to: { databaseName: "runs" },
        // Another database, and an empty one: the old one leaves its last snapshot.
        changes: [databaseSuffix("replace"), database("replace"), address],
    },
    {
        setting: "databaseUser",
        to: { databaseUser: "team" },
        changes: [databaseSuffix("replace"), database("replace"), address],
    },
    {
        setting: "forceDestroy",
        to: { forceDestroy: true },
        changes: ["update aws:ebs:Volume mlflow-dev-host-data", bucket("update"), database("update")],
    },
    {
        setting: "backend",
        to: { backend: undefined },
        changes: [...wholeDatabase("delete"), bundleReplaced, serverPolicy, ...hostReplaced],
    },
];
