import { type bases, publicKey, sshSettings, databaseSettings, made } from "./changeBases";
import { ofDatabase, ofRds } from "./changeDatabase";
import { ofHours } from "./changeHours";
import {
    address,
    alarmsMade,
    addressMoved,
    attached,
    budgetOf,
    bundleReplaced,
    clientPolicy,
    bucket,
    databaseRule,
    firewallOf,
    hostReplaced,
    hoursOf,
    keyA,
    keyB,
    lifecycle,
    network,
    newHost,
    passwords,
    partsOfBucket,
    serverPolicy,
    ssh,
    suffixGone,
    user,
    wholeDatabase,
    taggedByDefault,
} from "./changeLines";
import { ofReports, reportsBegun } from "./changeReports";

/** What a stack is before a setting changes. */
export type Base = keyof typeof bases;

/** A setting that changes, with what must change with it, and exactly what that does. */
export interface Row {
    readonly base: Base;
    readonly setting: string;
    /** The settings that are other than those of the base; `undefined` takes one away. */
    readonly to: Readonly<Record<string, unknown>>;
    /** As a preview announces it, in its order. */
    readonly changes: readonly string[];
}

const ofDefault: Omit<Row, "base">[] = [
    { setting: "localPort", to: { localPort: 5009 }, changes: [] },
    { setting: "profileName", to: { profileName: "team" }, changes: [] },
    { setting: "presignedTransfers", to: { presignedTransfers: false }, changes: [] },
    { setting: "protect", to: { protect: true }, changes: [] },
    { setting: "ami", to: { ami: "latest" }, changes: [] },
    { setting: "ami", to: { ami: "ami-0123456789abcdef0" }, changes: hostReplaced },
    {
        setting: "accessMode",
        to: sshSettings,
        changes: [
            "create aws:ec2:Eip mlflow-dev-host-address",
            "create aws:ec2:EipAssociation mlflow-dev-host-address-association",
            ssh("create", "203.0.113.0/24"),
            ...hostReplaced,
        ],
    },
    {
        setting: "bucketName",
        to: { bucketName: "named-bucket" },
        changes: [
            ...[bucket("replace"), ...partsOfBucket("replace"), lifecycle, suffixGone],
            ...[bundleReplaced, serverPolicy, ...hostReplaced],
        ],
    },
    { setting: "artifactPrefix", to: { artifactPrefix: "models" }, changes: [...hostReplaced, serverPolicy] },
    { setting: "noncurrentVersionDays", to: { noncurrentVersionDays: 60 }, changes: [lifecycle] },
    { setting: "backupRetentionDays", to: { backupRetentionDays: 7 }, changes: [lifecycle] },
    {
        setting: "forceDestroy",
        to: { forceDestroy: true },
        changes: ["update aws:ebs:Volume mlflow-dev-host-data", bucket("update")],
    },
    {
        setting: "restrictBucket",
        to: { restrictBucket: true },
        changes: ["update aws:s3:BucketPolicy mlflow-dev-artifacts-policy"],
    },
    {
        setting: "clientUserName",
        to: { clientUserName: "team" },
        changes: [
            keyA("replace"),
            "replace aws:iam:UserGroupMembership mlflow-dev-client-membership",
            "replace aws:iam:User mlflow-dev-client-user",
        ],
    },
    { setting: "clientS3Rights", to: { clientS3Rights: "readOnly" }, changes: [clientPolicy] },
    { setting: "clientS3Rights", to: { clientS3Rights: "none" }, changes: [clientPolicy] },
    {
        setting: "clientS3Rights",
        to: { clientS3Rights: "full" },
        changes: ["create aws:iam:GroupPolicyAttachment mlflow-dev-client-s3-full-access", clientPolicy],
    },
    ...reportsBegun,
    {
        setting: "permissionsBoundaryArn",
        to: { permissionsBoundaryArn: "arn:aws:iam::aws:policy/PowerUserAccess" },
        changes: ["update aws:iam:Role mlflow-dev-server-role", "update aws:iam:User mlflow-dev-client-user"],
    },
    { setting: "accessKeyB", to: { accessKeyB: "active" }, changes: [keyB("create")] },
    {
        setting: "accessKeyA",
        to: { accessKeyA: "inactive", accessKeyB: "active" },
        changes: [keyB("create"), keyA("update")],
    },
    {
        setting: "accessKeyA",
        to: { accessKeyA: "absent", accessKeyB: "active" },
        changes: [keyB("create"), keyA("delete")],
    },
    {
        setting: "clientRoleNames",
        to: { clientRoleNames: [made.roles[0]] },
        changes: [
            "create aws:iam:Policy mlflow-dev-client-policy",
            attached("create", made.roles[0]),
            "create mlflow-aws:index:ClientRoles mlflow-dev-client",
            ...user("delete"),
        ],
    },
    {
        setting: "instanceType",
        to: { instanceType: "t4g.medium" },
        changes: ["update aws:ec2:Instance mlflow-dev-host-instance"],
    },
    {
        setting: "rootVolumeGib",
        to: { rootVolumeGib: 20 },
        changes: ["update aws:ec2:Instance mlflow-dev-host-instance"],
    },
    {
        setting: "dataVolumeGib",
        to: { dataVolumeGib: 30 },
        changes: ["update aws:ebs:Volume mlflow-dev-host-data"],
    },
    { setting: "workers", to: { workers: 3 }, changes: hostReplaced },
    { setting: "artifactMode", to: { artifactMode: "direct" }, changes: hostReplaced },
    {
        setting: "serverS3Rights",
        to: { serverS3Rights: "full" },
        changes: ["create aws:iam:RolePolicyAttachment mlflow-dev-server-s3-full-access", serverPolicy],
    },
    { setting: "garbageCollectionDays", to: { garbageCollectionDays: 30 }, changes: hostReplaced },
    { setting: "securityUpdates", to: { securityUpdates: "Sun 03:00" }, changes: hostReplaced },
    {
        setting: "runningHours",
        to: { runningHours: "Mon-Fri 07:00-19:00" },
        changes: hoursOf("create"),
    },
    {
        setting: "monthlyBudgetUsd",
        to: { alarmEmail: "team@example.com", monthlyBudgetUsd: 25 },
        changes: [...budgetOf("create"), ...alarmsMade, ...hostReplaced, serverPolicy],
    },
    {
        setting: "tags",
        to: { tags: { Team: "vision" } },
        changes: taggedByDefault,
    },
    {
        setting: "backend",
        to: databaseSettings,
        changes: [
            ...[address, passwords].map((line) => line.replace("update", "create")),
            databaseRule("create", "192.0.2.5"),
            ...[...hostReplaced, serverPolicy],
        ],
    },
    {
        setting: "backend",
        to: { backend: "rds" },
        changes: [...wholeDatabase("create"), bundleReplaced, serverPolicy, ...hostReplaced],
    },
    {
        setting: "vpcId",
        to: { vpcId: made.vpcId, subnetId: made.subnetId },
        changes: [...firewallOf("replace"), ...hostReplaced],
    },
    { setting: "subnetId", to: { vpcId: made.defaultVpcId, subnetId: made.neighbourSubnetId }, changes: hostReplaced },
    {
        // Where the program makes no database, nothing is done with them.
        setting: "databaseSubnetIds",
        to: {
            vpcId: made.vpcId,
            subnetId: made.subnetId,
            databaseSubnetIds: [made.subnetId, made.farSubnetId],
        },
        changes: [...firewallOf("replace"), ...hostReplaced],
    },
    {
        setting: "networkCidr",
        to: { networkCidr: "10.20.0.0/20" },
        changes: [...network("create"), ...firewallOf("replace"), ...hostReplaced],
    },
    {
        setting: "existingBucketName",
        to: { existingBucketName: made.bucket },
        changes: [
            ...[bucket("delete"), ...partsOfBucket("delete"), lifecycle.replace("update", "delete"), suffixGone],
            ...[bundleReplaced, serverPolicy, ...hostReplaced],
        ],
    },
    {
        setting: "existingInstanceId",
        to: { existingInstanceId: made.instanceId },
        changes: [
            "delete aws:ebs:Volume mlflow-dev-host-data",
            ...[...newHost, ...firewallOf("delete")].map((line) => line.replace("replace", "delete")),
            clientPolicy,
        ],
    },
];

const ofSsh: Omit<Row, "base">[] = [
    { setting: "sshPublicKey", to: { sshPublicKey: publicKey("fFIBX") }, changes: [...newHost, addressMoved] },
    {
        setting: "sshKeyPairName",
        to: { sshPublicKey: undefined, sshKeyPairName: made.keyPair },
        changes: [...newHost, addressMoved],
    },
    {
        setting: "sshAllowedCidrs",
        to: { sshAllowedCidrs: ["203.0.113.0/24", "198.51.100.0/24"] },
        changes: [ssh("create", "198.51.100.0/24")],
    },
    {
        setting: "sshAllowedCidrs",
        to: { sshAllowedCidrs: ["198.51.100.0/24"] },
        changes: [ssh("create", "198.51.100.0/24"), ssh("delete", "203.0.113.0/24")],
    },
    {
        setting: "accessMode",
        to: { accessMode: undefined, sshPublicKey: undefined, sshAllowedCidrs: undefined },
        changes: [
            "delete aws:ec2:Eip mlflow-dev-host-address",
            addressMoved.replace("replace", "delete"),
            ssh("delete", "203.0.113.0/24"),
            ...hostReplaced,
        ],
    },
];

const ofNetwork: Omit<Row, "base">[] = [
    {
        setting: "networkCidr",
        to: { networkCidr: "10.21.0.0/20" },
        changes: [...network("replace"), ...firewallOf("replace"), ...hostReplaced],
    },
    {
        setting: "networkCidr",
        to: { networkCidr: undefined },
        changes: [...network("delete"), ...firewallOf("replace"), ...hostReplaced],
    },
];

const ofRoles: Omit<Row, "base">[] = [
    { setting: "clientRoleNames", to: { clientRoleNames: made.roles }, changes: [attached("create", made.roles[1])] },
    {
        setting: "clientRoleNames",
        to: { clientRoleNames: undefined },
        changes: [
            "delete aws:iam:Policy mlflow-dev-client-policy",
            attached("delete", made.roles[0]),
            "delete mlflow-aws:index:ClientRoles mlflow-dev-client",
            ...user("create"),
        ],
    },
];

export const table: readonly Row[] = [
    ...ofDefault.map((row) => ({ base: "an empty settings file" as const, ...row })),
    ...ofSsh.map((row) => ({ base: "SSH access" as const, ...row })),
    ...ofDatabase.map((row) => ({ base: "an external database" as const, ...row })),
    ...ofRds.map((row) => ({ base: "a database in RDS" as const, ...row })),
    ...ofHours.map((row) => ({ base: "running hours and a budget" as const, ...row })),
    ...ofReports.map((row) => ({ base: "alarms and a log" as const, ...row })),
    ...ofNetwork.map((row) => ({ base: "a network of its own" as const, ...row })),
    ...ofRoles.map((row) => ({ base: "roles instead of a user" as const, ...row })),
];
