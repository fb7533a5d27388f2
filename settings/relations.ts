import { isPermissionSetRole } from "./permissionSet";
import { ownDatabaseRelations } from "./databaseRelations";
import type { Key, Values } from "./rules";
import { coversUpdates, parseRunningHours } from "./runningHours";

/** A demand that involves more than one setting. */
export interface Relation {
    /** The setting that the message names first. */
    readonly key: Key;
    /** The others that must be valid by themselves before this can be judged. */
    readonly with: readonly Key[];
    readonly broken: (values: Values) => boolean;
    readonly allowed: string;
    readonly remedy: string;
}

const unset = (key: Key) => `pulumi config rm ${key}`;

/** A value that would be silently ignored is refused: whoever wrote it expects something from it. */
const onlyWith = (
    key: Key,
    given: (values: Values) => boolean,
    other: "accessMode" | "backend",
    needed: string,
): Relation => ({
    key,
    with: [other],
    broken: (values) => given(values) && String(values[other]) !== needed,
    allowed: `only with ${other} \`${needed}\`; it has no effect otherwise`,
    remedy: `pulumi config set ${other} ${needed}, or ${unset(key)}`,
});

/** What an existing bucket, instance or role keeps is not ours to set. */
const notWith = (
    key: Key,
    given: (values: Values) => boolean,
    other: "existingBucketName" | "existingInstanceId" | "clientRoleNames",
): Relation => ({
    key,
    with: [other],
    broken: (values) => given(values) && values[other].length > 0,
    allowed: `only without ${other}, which ${other === "clientRoleNames" ? "takes the place of a user" : "is left as it is"}`,
    remedy: `${unset(key)}, or ${unset(other)}`,
});

const refusedWhenProtected = (
    key: "forceDestroy" | "clientS3Rights" | "serverS3Rights",
    unsafe: string,
    instead: string,
): Relation => ({
    key,
    with: ["protect"],
    broken: (values) => values.protect && String(values[key]) === unsafe,
    allowed: `anything but \`${unsafe}\` in a protected stack`,
    remedy: `pulumi config set ${key} ${instead}`,
});

export const relations: readonly Relation[] = [
    {
        key: "sshPublicKey",
        with: ["accessMode", "sshKeyPairName"],
        broken: (values) =>
            values.accessMode === "ssh" && (values.sshPublicKey === "") === (values.sshKeyPairName === ""),
        allowed: "with accessMode `ssh`, either sshPublicKey or sshKeyPairName, and not both",
        remedy: 'pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)", or with both given pulumi config rm sshKeyPairName',
    },
    {
        key: "sshAllowedCidrs",
        with: ["accessMode", "existingInstanceId"],
        broken: (values) =>
            values.accessMode === "ssh" && values.existingInstanceId === "" && values.sshAllowedCidrs.length === 0,
        allowed: "with accessMode `ssh`, at least one address range",
        remedy: "name the office or VPN ranges: pulumi config set --path 'sshAllowedCidrs[0]' 203.0.113.7/32",
    },
    onlyWith("sshPublicKey", (values) => values.sshPublicKey !== "", "accessMode", "ssh"),
    onlyWith("sshKeyPairName", (values) => values.sshKeyPairName !== "", "accessMode", "ssh"),
    onlyWith("sshAllowedCidrs", (values) => values.sshAllowedCidrs.length > 0, "accessMode", "ssh"),
    notWith("sshAllowedCidrs", (values) => values.sshAllowedCidrs.length > 0, "existingInstanceId"),
    notWith("bucketName", (values) => values.bucketName !== "", "existingBucketName"),
    notWith("forceDestroy", (values) => values.forceDestroy, "existingBucketName"),
    notWith("restrictBucket", (values) => values.restrictBucket, "existingBucketName"),
    notWith("vpcId", (values) => values.vpcId !== "", "existingInstanceId"),
    {
        key: "subnetId",
        with: ["vpcId"],
        broken: (values) => (values.vpcId === "") !== (values.subnetId === ""),
        allowed: "vpcId and subnetId together, or neither for the default VPC",
        remedy: `pulumi config set both, or ${unset("vpcId")} and ${unset("subnetId")}`,
    },
    notWith("runningHours", (values) => values.runningHours !== "", "existingInstanceId"),
    {
        key: "runningHours",
        with: ["protect"],
        broken: (values) => values.protect && values.runningHours !== "",
        allowed: "empty in a protected stack, whose server is there for everybody at any time",
        remedy: `${unset("runningHours")}, or pulumi config set protect false`,
    },
    {
        key: "runningHoursTimeZone",
        with: ["runningHours"],
        broken: (values) => values.runningHours === "" && values.runningHoursTimeZone !== "UTC",
        allowed: "only with runningHours; it has no effect otherwise",
        remedy: `pulumi config set runningHours 'Mon-Fri 07:00-19:00', or ${unset("runningHoursTimeZone")}`,
    },
    {
        key: "securityUpdates",
        with: ["runningHours", "runningHoursTimeZone"],
        broken: ({ securityUpdates, runningHours, runningHoursTimeZone }) =>
            securityUpdates !== "" &&
            runningHours !== "" &&
            !coversUpdates(parseRunningHours(runningHours)!, runningHoursTimeZone, securityUpdates),
        allowed:
            "a time in UTC within runningHours, and an hour before their end, in winter and summer: a stopped host gets no updates",
        remedy: "pulumi config set securityUpdates 'Mon 11:00', or a wider runningHours",
    },
    {
        key: "monthlyBudgetUsd",
        with: ["alarmEmail"],
        broken: (values) => values.monthlyBudgetUsd > 0 && values.alarmEmail === "",
        allowed: "`0` without alarmEmail: nobody would get the notices",
        remedy: `pulumi config set alarmEmail team@example.com, or ${unset("monthlyBudgetUsd")}`,
    },
    {
        key: "databaseSubnetIds",
        with: ["vpcId"],
        broken: (values) => values.databaseSubnetIds.length > 0 && values.vpcId === "",
        allowed: "only with vpcId: every other network has subnets of its own for a database",
        remedy: `pulumi config set vpcId and subnetId, or ${unset("databaseSubnetIds")}`,
    },
    notWith("networkCidr", (values) => values.networkCidr !== "", "existingInstanceId"),
    {
        key: "networkCidr",
        with: ["vpcId"],
        broken: (values) => values.networkCidr !== "" && values.vpcId !== "",
        allowed: "only without vpcId: the host lives in one network",
        remedy: `${unset("networkCidr")}, or ${unset("vpcId")} and ${unset("subnetId")}`,
    },
    notWith("securityUpdates", (values) => values.securityUpdates !== "", "existingInstanceId"),
    {
        key: "backupRetentionDays",
        with: ["noncurrentVersionDays"],
        broken: (values) => values.backupRetentionDays > values.noncurrentVersionDays,
        allowed:
            "at most noncurrentVersionDays, so that the artifacts of a backup's moment can be brought back with it",
        remedy: "pulumi config set noncurrentVersionDays to as many days, or a smaller backupRetentionDays",
    },
    {
        key: "clientS3Rights",
        with: ["artifactMode"],
        broken: (values) =>
            values.artifactMode === "direct" &&
            (values.clientS3Rights === "none" || values.clientS3Rights === "readOnly"),
        allowed: "`readWrite` or `full` with artifactMode `direct`, where clients write to S3 themselves",
        remedy: "pulumi config set clientS3Rights readWrite, or pulumi config set artifactMode proxied",
    },
    {
        key: "accessKeyA",
        with: ["accessKeyB", "clientRoleNames"],
        broken: (values) =>
            values.clientRoleNames.length === 0 && values.accessKeyA !== "active" && values.accessKeyB !== "active",
        allowed: "`active` unless accessKeyB is: without an active key nobody gets in",
        remedy: "pulumi config set accessKeyB active, and hand the new key over first (npm run keys)",
    },
    notWith("accessKeyB", (values) => values.accessKeyB !== "absent", "clientRoleNames"),
    notWith("clientUserName", (values) => values.clientUserName !== "", "clientRoleNames"),
    {
        key: "ssoStartUrl",
        with: ["clientRoleNames"],
        broken: (values) =>
            values.ssoStartUrl === ""
                ? values.clientRoleNames.some(isPermissionSetRole)
                : values.clientRoleNames.length === 0 || !values.clientRoleNames.every(isPermissionSetRole),
        allowed: "given exactly when every role of clientRoleNames belongs to a permission set (`AWSReservedSSO_…`)",
        remedy: `pulumi config set ssoStartUrl https://d-0123456789.awsapps.com/start, or ${unset("ssoStartUrl")} and name other roles`,
    },
    {
        key: "ssoRegion",
        with: ["ssoStartUrl"],
        broken: (values) => (values.ssoRegion === "") !== (values.ssoStartUrl === ""),
        allowed: "ssoStartUrl and ssoRegion together, or neither",
        remedy: `pulumi config set ssoRegion us-east-1, or ${unset("ssoStartUrl")} and ${unset("ssoRegion")}`,
    },
    {
        key: "clientS3Rights",
        with: ["ssoStartUrl"],
        broken: (values) => values.clientS3Rights === "full" && values.ssoStartUrl !== "",
        allowed:
            "anything but `full` with ssoStartUrl: AWS lets nobody else attach a policy to a permission set's role",
        remedy: "pulumi config set clientS3Rights readWrite",
    },
    {
        key: "presignedTransfers",
        with: ["artifactMode"],
        broken: (values) => !values.presignedTransfers && values.artifactMode === "direct",
        allowed: "`true` with artifactMode `direct`, where clients must reach S3 anyway",
        remedy: "pulumi config set artifactMode proxied, or pulumi config set presignedTransfers true",
    },
    {
        key: "databaseHost",
        with: ["backend"],
        broken: (values) => values.backend === "external" && values.databaseHost === "",
        allowed: "not empty with backend `external`",
        remedy: "pulumi config set databaseHost db.example.internal",
    },
    {
        key: "databasePassword",
        with: ["backend"],
        broken: (values) => values.backend === "external" && values.databasePassword === "",
        allowed: "not empty with backend `external`",
        remedy: "pulumi config set --secret databasePassword",
    },
    onlyWith("databaseHost", (values) => values.databaseHost !== "", "backend", "external"),
    onlyWith("databasePassword", (values) => values.databasePassword !== "", "backend", "external"),
    onlyWith("databaseMultiAz", (values) => values.databaseMultiAz, "backend", "rds"),
    onlyWith("databasePasswordGeneration", (values) => values.databasePasswordGeneration > 1, "backend", "rds"),
    {
        key: "dailyDatabaseDump",
        with: ["backend"],
        broken: (values) => values.dailyDatabaseDump && values.backend === "sqlite",
        allowed: "only with backend `external` or `rds`; SQLite is backed up every night in any case",
        remedy: unset("dailyDatabaseDump"),
    },
    ...ownDatabaseRelations,
    refusedWhenProtected("forceDestroy", "true", "false"),
    refusedWhenProtected("clientS3Rights", "full", "readWrite"),
    refusedWhenProtected("serverS3Rights", "full", "scoped"),
];
