import assert from "node:assert";
import { relations } from "../../settings/relations";
import type { Key } from "../../settings/rules";
import { checked, publicKey } from "../support/settings";

// What the settings demand of each other: for every relation settings that break it and nothing else, and their nearest
// neighbours that hold it. Not proved here: that these are all the relations that there should be.

type Texts = Readonly<Record<string, string>>;

interface Row {
    readonly key: Key;
    readonly with: readonly Key[];
    /** Second half of the line. */
    readonly allowed: string;
    readonly remedy: string;
    /** Settings, and how the message shows the one that it names. */
    readonly broken: readonly (readonly [settings: Texts, got: string])[];
    readonly held: readonly Texts[];
}

const ranges = JSON.stringify(["192.0.2.0/24"]);
const ssh = { accessMode: "ssh", sshAllowedCidrs: ranges };
const sshWithKey = { ...ssh, sshPublicKey: publicKey };
const external = { backend: "external", databaseHost: "db", databasePassword: "hunter2" };
const rds = { backend: "rds" };
const rdsName =
    "1 to 63 lower-case letters, digits and `_`, a letter first, and no name that RDS or PostgreSQL keeps, such as `postgres`";
const existingBucket = { existingBucketName: "models" };
const existingInstance = { existingInstanceId: "i-01234567" };
const roles = { clientRoleNames: JSON.stringify(["DataScientist"]) };
const permissionSets = ["AWSReservedSSO_Data_0123456789abcdef"];
const sso = {
    clientRoleNames: JSON.stringify(permissionSets),
    ssoStartUrl: "https://team.awsapps.com/start",
    ssoRegion: "us-east-1",
};
const startUrl = JSON.stringify(sso.ssoStartUrl);
const hours = { runningHours: "Mon-Fri 07:00-19:00" };
const subnet = { vpcId: "vpc-01234567", subnetId: "subnet-01234567" };
const databaseSubnets = { databaseSubnetIds: JSON.stringify(["subnet-01234567", "subnet-01234568"]) };

const rows: readonly Row[] = [
    {
        key: "sshPublicKey",
        with: ["accessMode", "sshKeyPairName"],
        allowed: "with accessMode `ssh`, either sshPublicKey or sshKeyPairName, and not both",
        remedy: 'pulumi config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)", or with both given pulumi config rm sshKeyPairName',
        broken: [
            [ssh, '""'],
            [{ ...sshWithKey, sshKeyPairName: "laptop" }, "(not shown)"],
        ],
        held: [{}, sshWithKey, { ...ssh, sshKeyPairName: "laptop" }],
    },
    {
        key: "sshAllowedCidrs",
        with: ["accessMode", "existingInstanceId"],
        allowed: "with accessMode `ssh`, at least one address range",
        remedy: "name the office or VPN ranges: pulumi config set --path 'sshAllowedCidrs[0]' 203.0.113.7/32",
        broken: [[{ ...sshWithKey, sshAllowedCidrs: "[]" }, "[]"]],
        held: [sshWithKey, { ...sshWithKey, ...existingInstance, sshAllowedCidrs: "[]" }],
    },
    {
        key: "sshPublicKey",
        with: ["accessMode"],
        allowed: "only with accessMode `ssh`; it has no effect otherwise",
        remedy: "pulumi config set accessMode ssh, or pulumi config rm sshPublicKey",
        broken: [[{ sshPublicKey: publicKey }, "(not shown)"]],
        held: [{}, sshWithKey],
    },
    {
        key: "sshKeyPairName",
        with: ["accessMode"],
        allowed: "only with accessMode `ssh`; it has no effect otherwise",
        remedy: "pulumi config set accessMode ssh, or pulumi config rm sshKeyPairName",
        broken: [[{ sshKeyPairName: "laptop" }, '"laptop"']],
        held: [{}, { ...ssh, sshKeyPairName: "laptop" }],
    },
    {
        key: "sshAllowedCidrs",
        with: ["accessMode"],
        allowed: "only with accessMode `ssh`; it has no effect otherwise",
        remedy: "pulumi config set accessMode ssh, or pulumi config rm sshAllowedCidrs",
        broken: [[{ sshAllowedCidrs: ranges }, ranges]],
        held: [{}, sshWithKey],
    },
    {
        key: "sshAllowedCidrs",
        with: ["existingInstanceId"],
        allowed: "only without existingInstanceId, which is left as it is",
        remedy: "pulumi config rm sshAllowedCidrs, or pulumi config rm existingInstanceId",
        broken: [[{ ...sshWithKey, ...existingInstance }, ranges]],
        held: [sshWithKey, existingInstance],
    },
    {
        key: "bucketName",
        with: ["existingBucketName"],
        allowed: "only without existingBucketName, which is left as it is",
        remedy: "pulumi config rm bucketName, or pulumi config rm existingBucketName",
        broken: [[{ ...existingBucket, bucketName: "artifacts" }, '"artifacts"']],
        held: [{ bucketName: "artifacts" }, existingBucket],
    },
    {
        key: "forceDestroy",
        with: ["existingBucketName"],
        allowed: "only without existingBucketName, which is left as it is",
        remedy: "pulumi config rm forceDestroy, or pulumi config rm existingBucketName",
        broken: [[{ ...existingBucket, forceDestroy: "true" }, "true"]],
        held: [{ forceDestroy: "true" }, existingBucket],
    },
    {
        key: "restrictBucket",
        with: ["existingBucketName"],
        allowed: "only without existingBucketName, which is left as it is",
        remedy: "pulumi config rm restrictBucket, or pulumi config rm existingBucketName",
        broken: [[{ ...existingBucket, restrictBucket: "true" }, "true"]],
        held: [{ restrictBucket: "true" }, existingBucket],
    },
    {
        key: "vpcId",
        with: ["existingInstanceId"],
        allowed: "only without existingInstanceId, which is left as it is",
        remedy: "pulumi config rm vpcId, or pulumi config rm existingInstanceId",
        broken: [[{ ...existingInstance, ...subnet }, '"vpc-01234567"']],
        held: [subnet, existingInstance],
    },
    {
        key: "subnetId",
        with: ["vpcId"],
        allowed: "vpcId and subnetId together, or neither for the default VPC",
        remedy: "pulumi config set both, or pulumi config rm vpcId and pulumi config rm subnetId",
        broken: [
            [{ vpcId: subnet.vpcId }, '""'],
            [{ subnetId: subnet.subnetId }, '"subnet-01234567"'],
        ],
        held: [{}, subnet],
    },
    {
        key: "runningHours",
        with: ["existingInstanceId"],
        allowed: "only without existingInstanceId, which is left as it is",
        remedy: "pulumi config rm runningHours, or pulumi config rm existingInstanceId",
        broken: [[{ ...existingInstance, ...hours }, '"Mon-Fri 07:00-19:00"']],
        held: [hours, existingInstance],
    },
    {
        key: "runningHours",
        with: ["protect"],
        allowed: "empty in a protected stack, whose server is there for everybody at any time",
        remedy: "pulumi config rm runningHours, or pulumi config set protect false",
        broken: [[{ protect: "true", ...hours }, '"Mon-Fri 07:00-19:00"']],
        held: [hours, { protect: "true" }],
    },
    {
        key: "runningHoursTimeZone",
        with: ["runningHours"],
        allowed: "only with runningHours; it has no effect otherwise",
        remedy: "pulumi config set runningHours 'Mon-Fri 07:00-19:00', or pulumi config rm runningHoursTimeZone",
        broken: [[{ runningHoursTimeZone: "Europe/Berlin" }, '"Europe/Berlin"']],
        held: [{ ...hours, runningHoursTimeZone: "Europe/Berlin" }, hours],
    },
    {
        key: "securityUpdates",
        with: ["runningHours", "runningHoursTimeZone"],
        allowed:
            "a time in UTC within runningHours, and an hour before their end, in winter and summer: a stopped host gets no updates",
        remedy: "pulumi config set securityUpdates 'Mon 11:00', or a wider runningHours",
        broken: [
            [{ ...hours, securityUpdates: "Sun 03:00" }, '"Sun 03:00"'],
            [{ ...hours, securityUpdates: "03:00" }, '"03:00"'],
            [{ ...hours, securityUpdates: "Fri 18:00" }, '"Fri 18:00"'],
            // 07:30 in Berlin's summer is 06:30 in its winter.
            [{ ...hours, runningHoursTimeZone: "Europe/Berlin", securityUpdates: "Mon 05:30" }, '"Mon 05:30"'],
        ],
        held: [
            { ...hours, securityUpdates: "Fri 17:59" },
            { ...hours, securityUpdates: "07:00" },
            { ...hours, runningHoursTimeZone: "Europe/Berlin", securityUpdates: "Mon 06:00" },
            { securityUpdates: "Sun 03:00" },
        ],
    },
    {
        key: "monthlyBudgetUsd",
        with: ["alarmEmail"],
        allowed: "`0` without alarmEmail: nobody would get the notices",
        remedy: "pulumi config set alarmEmail team@example.com, or pulumi config rm monthlyBudgetUsd",
        broken: [[{ monthlyBudgetUsd: "25" }, "25"]],
        held: [{ monthlyBudgetUsd: "25", alarmEmail: "team@example.com" }, { alarmEmail: "team@example.com" }],
    },
    {
        key: "databaseSubnetIds",
        with: ["vpcId"],
        allowed: "only with vpcId: every other network has subnets of its own for a database",
        remedy: "pulumi config set vpcId and subnetId, or pulumi config rm databaseSubnetIds",
        broken: [
            [databaseSubnets, databaseSubnets.databaseSubnetIds],
            [{ ...databaseSubnets, networkCidr: "10.20.0.0/20" }, databaseSubnets.databaseSubnetIds],
        ],
        held: [{ ...subnet, ...databaseSubnets }, subnet],
    },
    {
        key: "networkCidr",
        with: ["existingInstanceId"],
        allowed: "only without existingInstanceId, which is left as it is",
        remedy: "pulumi config rm networkCidr, or pulumi config rm existingInstanceId",
        broken: [[{ ...existingInstance, networkCidr: "10.20.0.0/20" }, '"10.20.0.0/20"']],
        held: [{ networkCidr: "10.20.0.0/20" }, existingInstance],
    },
    {
        key: "networkCidr",
        with: ["vpcId"],
        allowed: "only without vpcId: the host lives in one network",
        remedy: "pulumi config rm networkCidr, or pulumi config rm vpcId and pulumi config rm subnetId",
        broken: [[{ ...subnet, networkCidr: "10.20.0.0/20" }, '"10.20.0.0/20"']],
        held: [{ networkCidr: "10.20.0.0/20" }, subnet],
    },
    {
        key: "securityUpdates",
        with: ["existingInstanceId"],
        allowed: "only without existingInstanceId, which is left as it is",
        remedy: "pulumi config rm securityUpdates, or pulumi config rm existingInstanceId",
        broken: [[{ ...existingInstance, securityUpdates: "Sun 03:00" }, '"Sun 03:00"']],
        held: [{ securityUpdates: "Sun 03:00" }, existingInstance],
    },
    {
        key: "backupRetentionDays",
        with: ["noncurrentVersionDays"],
        allowed:
            "at most noncurrentVersionDays, so that the artifacts of a backup's moment can be brought back with it",
        remedy: "pulumi config set noncurrentVersionDays to as many days, or a smaller backupRetentionDays",
        broken: [
            [{ backupRetentionDays: "31" }, "31"],
            [{ noncurrentVersionDays: "29" }, "30"],
        ],
        held: [{}, { backupRetentionDays: "90", noncurrentVersionDays: "90" }],
    },
    {
        key: "clientS3Rights",
        with: ["artifactMode"],
        allowed: "`readWrite` or `full` with artifactMode `direct`, where clients write to S3 themselves",
        remedy: "pulumi config set clientS3Rights readWrite, or pulumi config set artifactMode proxied",
        broken: ["none", "readOnly"].map((clientS3Rights) => [
            { artifactMode: "direct", clientS3Rights },
            `"${clientS3Rights}"`,
        ]),
        held: [
            ...["readWrite", "full"].map((clientS3Rights) => ({ artifactMode: "direct", clientS3Rights })),
            ...["none", "readOnly", "readWrite", "full"].map((clientS3Rights) => ({ clientS3Rights })),
        ],
    },
    {
        key: "accessKeyA",
        with: ["accessKeyB", "clientRoleNames"],
        allowed: "`active` unless accessKeyB is: without an active key nobody gets in",
        remedy: "pulumi config set accessKeyB active, and hand the new key over first (npm run keys)",
        broken: ["inactive", "absent"].flatMap((accessKeyA) =>
            ["inactive", "absent"].map((accessKeyB) => [{ accessKeyA, accessKeyB }, `"${accessKeyA}"`] as const),
        ),
        held: [
            ...["active", "inactive", "absent"].map((accessKeyB) => ({ accessKeyB })),
            ...["active", "inactive", "absent"].map((accessKeyA) => ({ accessKeyA, accessKeyB: "active" })),
            { accessKeyA: "absent", ...roles },
        ],
    },
    {
        key: "accessKeyB",
        with: ["clientRoleNames"],
        allowed: "only without clientRoleNames, which takes the place of a user",
        remedy: "pulumi config rm accessKeyB, or pulumi config rm clientRoleNames",
        broken: [[{ ...roles, accessKeyB: "active" }, '"active"']],
        held: [roles, { accessKeyB: "active" }],
    },
    {
        key: "clientUserName",
        with: ["clientRoleNames"],
        allowed: "only without clientRoleNames, which takes the place of a user",
        remedy: "pulumi config rm clientUserName, or pulumi config rm clientRoleNames",
        broken: [[{ ...roles, clientUserName: "data" }, '"data"']],
        held: [roles, { clientUserName: "data" }],
    },
    {
        key: "ssoStartUrl",
        with: ["clientRoleNames"],
        allowed: "given exactly when every role of clientRoleNames belongs to a permission set (`AWSReservedSSO_…`)",
        remedy:
            "pulumi config set ssoStartUrl https://d-0123456789.awsapps.com/start, or pulumi config rm ssoStartUrl and name " +
            "other roles",
        broken: [
            [{ clientRoleNames: sso.clientRoleNames }, '""'],
            [{ clientRoleNames: JSON.stringify(["Data", ...permissionSets]) }, '""'],
            [{ ...sso, clientRoleNames: JSON.stringify(["Data", ...permissionSets]) }, startUrl],
            [{ ...sso, clientRoleNames: "[]" }, startUrl],
        ],
        held: [{}, roles, sso],
    },
    {
        key: "ssoRegion",
        with: ["ssoStartUrl"],
        allowed: "ssoStartUrl and ssoRegion together, or neither",
        remedy: "pulumi config set ssoRegion us-east-1, or pulumi config rm ssoStartUrl and pulumi config rm ssoRegion",
        broken: [
            [{ ...sso, ssoRegion: "" }, '""'],
            [{ ssoRegion: "us-east-1" }, '"us-east-1"'],
        ],
        held: [{}, sso],
    },
    {
        key: "clientS3Rights",
        with: ["ssoStartUrl"],
        allowed:
            "anything but `full` with ssoStartUrl: AWS lets nobody else attach a policy to a permission set's role",
        remedy: "pulumi config set clientS3Rights readWrite",
        broken: [[{ ...sso, clientS3Rights: "full" }, '"full"']],
        held: [
            { ...roles, clientS3Rights: "full" },
            { ...sso, clientS3Rights: "readOnly" },
        ],
    },
    {
        key: "presignedTransfers",
        with: ["artifactMode"],
        allowed: "`true` with artifactMode `direct`, where clients must reach S3 anyway",
        remedy: "pulumi config set artifactMode proxied, or pulumi config set presignedTransfers true",
        broken: [[{ artifactMode: "direct", presignedTransfers: "false" }, "false"]],
        held: [{ artifactMode: "direct" }, { presignedTransfers: "false" }],
    },
    {
        key: "databaseHost",
        with: ["backend"],
        allowed: "not empty with backend `external`",
        remedy: "pulumi config set databaseHost db.example.internal",
        broken: [[{ ...external, databaseHost: "" }, '""']],
        held: [{}, external],
    },
    {
        key: "databasePassword",
        with: ["backend"],
        allowed: "not empty with backend `external`",
        remedy: "pulumi config set --secret databasePassword",
        broken: [[{ ...external, databasePassword: "" }, '""']],
        held: [{}, external],
    },
    {
        key: "databaseHost",
        with: ["backend"],
        allowed: "only with backend `external`; it has no effect otherwise",
        remedy: "pulumi config set backend external, or pulumi config rm databaseHost",
        broken: [[{ databaseHost: "db" }, '"db"']],
        held: [{}, external],
    },
    {
        key: "databasePassword",
        with: ["backend"],
        allowed: "only with backend `external`; it has no effect otherwise",
        remedy: "pulumi config set backend external, or pulumi config rm databasePassword",
        broken: [[{ databasePassword: "hunter2" }, "(not shown)"]],
        held: [{}, external],
    },
    {
        key: "databaseMultiAz",
        with: ["backend"],
        allowed: "only with backend `rds`; it has no effect otherwise",
        remedy: "pulumi config set backend rds, or pulumi config rm databaseMultiAz",
        broken: [[{ databaseMultiAz: "true" }, "true"]],
        held: [{}, { ...rds, databaseMultiAz: "true" }],
    },
    {
        key: "databasePasswordGeneration",
        with: ["backend"],
        allowed: "only with backend `rds`; it has no effect otherwise",
        remedy: "pulumi config set backend rds, or pulumi config rm databasePasswordGeneration",
        broken: [[{ ...external, databasePasswordGeneration: "2" }, "2"]],
        held: [external, { ...rds, databasePasswordGeneration: "2" }],
    },
    {
        key: "dailyDatabaseDump",
        with: ["backend"],
        allowed: "only with backend `external` or `rds`; SQLite is backed up every night in any case",
        remedy: "pulumi config rm dailyDatabaseDump",
        broken: [[{ dailyDatabaseDump: "true" }, "true"]],
        held: [{}, ...[external, rds].map((backend) => ({ ...backend, dailyDatabaseDump: "true" }))],
    },
    {
        key: "backend",
        with: ["existingInstanceId"],
        allowed: "anything but `rds` with existingInstanceId, whose firewall is not ours to open",
        remedy: "pulumi config rm existingInstanceId, or make the database yourself and name it: pulumi config set backend external",
        broken: [[{ ...rds, ...existingInstance }, '"rds"']],
        held: [rds, { ...external, ...existingInstance }],
    },
    {
        key: "databaseSubnetIds",
        with: ["backend", "vpcId"],
        allowed: "with backend `rds` in the VPC of vpcId, at least two subnets in two zones",
        remedy: "pulumi config set --path 'databaseSubnetIds[0]' subnet-0123456789abcdef0, and another",
        broken: [[{ ...rds, ...subnet }, "[]"]],
        held: [
            { ...rds, ...subnet, ...databaseSubnets },
            { ...external, ...subnet },
            { ...rds, networkCidr: "10.20.0.0/20" },
        ],
    },
    {
        key: "databaseName",
        with: ["backend"],
        allowed: `with backend \`rds\`, ${rdsName}`,
        remedy: "pulumi config set databaseName mlflow",
        broken: ["Runs", "1runs", "my-runs", "pg_runs", "postgres", "template1"].map((databaseName) => [
            { ...rds, databaseName },
            JSON.stringify(databaseName),
        ]),
        held: [
            { ...external, databaseName: "Runs" },
            { ...rds, databaseName: "runs_2" },
        ],
    },
    {
        key: "databaseUser",
        with: ["backend"],
        allowed: `with backend \`rds\`, ${rdsName}`,
        remedy: "pulumi config set databaseUser mlflow",
        broken: ["admin", "postgres", "rdsadmin", "pg_team", "us@er"].map((databaseUser) => [
            { ...rds, databaseUser },
            JSON.stringify(databaseUser),
        ]),
        held: [
            { ...external, databaseUser: "postgres" },
            { ...rds, databaseUser: "team" },
        ],
    },
    {
        key: "databasePort",
        with: ["backend"],
        allowed: "with backend `rds`, an integer from 1150 to 65535",
        remedy: "pulumi config set databasePort 5432",
        broken: [[{ ...rds, databasePort: "1149" }, "1149"]],
        held: [
            { ...external, databasePort: "1149" },
            { ...rds, databasePort: "1150" },
        ],
    },
    {
        key: "databaseMostStorageGib",
        with: ["databaseStorageGib"],
        allowed: "at least databaseStorageGib; as much means that the storage does not grow by itself",
        remedy: "pulumi config set databaseMostStorageGib to as many GiB or more",
        broken: [[{ ...rds, databaseStorageGib: "101" }, "100"]],
        held: [rds, { ...rds, databaseStorageGib: "101", databaseMostStorageGib: "101" }],
    },
    {
        key: "workers",
        with: ["backend", "databaseInstanceClass"],
        allowed: "so many that the connections of databaseInstanceClass are enough for them (`db.t4g.micro`: 15)",
        remedy: "pulumi config set workers 2, or a larger databaseInstanceClass",
        broken: [[{ ...rds, workers: "16" }, "16"]],
        held: [
            { ...rds, workers: "15" },
            { ...rds, workers: "16", databaseInstanceClass: "db.t4g.small" },
            { ...external, workers: "32" },
        ],
    },
    {
        key: "forceDestroy",
        with: ["protect"],
        allowed: "anything but `true` in a protected stack",
        remedy: "pulumi config set forceDestroy false",
        broken: [[{ protect: "true", forceDestroy: "true" }, "true"]],
        held: [{ protect: "true" }, { forceDestroy: "true" }],
    },
    {
        key: "clientS3Rights",
        with: ["protect"],
        allowed: "anything but `full` in a protected stack",
        remedy: "pulumi config set clientS3Rights readWrite",
        broken: [[{ protect: "true", clientS3Rights: "full" }, '"full"']],
        held: [
            { clientS3Rights: "full" },
            ...["none", "readOnly", "readWrite"].map((clientS3Rights) => ({ protect: "true", clientS3Rights })),
        ],
    },
    {
        key: "serverS3Rights",
        with: ["protect"],
        allowed: "anything but `full` in a protected stack",
        remedy: "pulumi config set serverS3Rights scoped",
        broken: [[{ protect: "true", serverS3Rights: "full" }, '"full"']],
        held: [{ protect: "true" }, { serverS3Rights: "full" }],
    },
];

describe("the relation between settings", () => {
    it("has a row here for each, so that a new one comes with its own", () => {
        const identified = (all: readonly Pick<Row, "key" | "with" | "allowed">[]) =>
            all.map((relation) => ({ key: relation.key, with: relation.with, allowed: relation.allowed }));
        assert.deepStrictEqual(identified(rows), identified(relations));
    });

    rows.forEach(({ key, with: others, allowed, remedy, broken, held }, index) => {
        const title = `${key} - ${others.join(", ")} (${allowed})`;

        it(`${title} is broken with this line and no other`, () => {
            for (const [settings, got] of broken) {
                const { faults } = checked(settings);
                assert.deepStrictEqual(faults, [`${key}: got ${got}; allowed: ${allowed}; remedy: ${remedy}`]);
            }
            assert.ok(broken.length > 0);
        });

        it(`${title} is held by its neighbours`, () => {
            for (const settings of held) {
                const { values, faults } = checked(settings);
                assert.deepStrictEqual(faults, []);
                assert.strictEqual(relations[index].broken(values), false);
            }
            assert.ok(held.length > 1);
        });
    });

    it("is not judged while one of its settings is wrong by itself", () => {
        for (const { key, with: others, allowed, broken } of rows) {
            for (const wrong of [key, ...others]) {
                for (const [settings] of broken) {
                    // No setting takes this text.
                    const { faults } = checked({ ...settings, [wrong]: "\0" });
                    assert.ok(faults.some((line) => line.startsWith(`${wrong}: got `)));
                    assert.deepStrictEqual(
                        faults.filter(
                            (line) => line.startsWith(`${key}: got `) && line.includes(`; allowed: ${allowed}; `),
                        ),
                        [],
                    );
                }
            }
        }
    });
});
