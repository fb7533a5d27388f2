import assert from "node:assert";
import * as ec2 from "@aws-sdk/client-ec2";
import { UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { GetScheduleCommand, ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { shortType } from "../../plan/tree";
import { holdings } from "../support/emulatorHoldings";
import { unlessEngine } from "../support/engine";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { bases, publicKey } from "./changeBases";

// Deployed stacks whose settings change, by a real engine and the emulator: an update does what its preview said, and what is there
// afterwards is what the program says. That AWS would take the same calls is not proved.

const changed: Record<keyof typeof bases, Settings> = {
    "an empty settings file": {
        ...{ tags: { Team: "vision" }, forceDestroy: true, dataVolumeGib: 30, rootVolumeGib: 20 },
        ...{ instanceType: "t4g.medium", noncurrentVersionDays: 60, restrictBucket: true, workers: 3 },
        ...{ clientUserName: "team", accessKeyB: "active", clientS3Rights: "full", serverS3Rights: "full" },
    },
    "SSH access": {
        ...{ accessMode: "ssh", sshPublicKey: publicKey("fFIBX"), sshAllowedCidrs: ["198.51.100.0/24"] },
        ...{ forceDestroy: true, tags: { Team: "speech" } },
    },
    "an external database": {
        ...{ backend: "external", databaseHost: "192.0.2.5", databasePort: 5433, databaseName: "runs" },
        ...{ forceDestroy: true, tags: { Team: "vision" } },
    },
    "a database in RDS": {
        ...{
            backend: "rds",
            databaseInstanceClass: "db.t4g.medium",
            databaseVersion: "18",
            databaseMultiAz: true,
            workers: 4,
        },
        ...{ databaseStorageGib: 50, databaseBackupDays: 21, databasePasswordGeneration: 2, databasePort: 6432 },
        ...{ forceDestroy: true, tags: { Team: "vision" } },
    },
    "running hours and a budget": {
        ...{ runningHours: "Sat 10:00-14:00", runningHoursTimeZone: "Europe/Berlin", tags: { Team: "vision" } },
        ...{ alarmEmail: "ops@example.com", monthlyBudgetUsd: 40, workers: 3, forceDestroy: true },
    },
    "alarms and a log": {
        ...{ alarmEmail: "others@example.com", logRetentionDays: 90, workers: 3 },
        ...{ tags: { Team: "vision" } },
    },
    "a network of its own": { forceDestroy: true, tags: { Team: "vision" } },
    "roles instead of a user": { forceDestroy: true, tags: { Team: "vision" } },
};

for (const base of [
    "an empty settings file",
    "SSH access",
    "an external database",
    "a database in RDS",
    "running hours and a budget",
    "alarms and a log",
] as const) {
    describe(`an update of a stack with ${base}${unlessEngine}`, function () {
        this.timeout(300_000);
        let scene: EngineScene;
        let project: StackProject;
        let extra: Settings = {};

        withEngineScene(async (given) => {
            scene = given;
            project = await scene.project({ dev: {} });
            if (base === "an external database") {
                extra = { databasePassword: await project.encrypted("dev", "databasePassword", "a-password-of-tests") };
            }
            project.set("dev", { ...bases[base], ...extra });
            const { status, output } = await project.up("dev");
            assert.strictEqual(status, 0, output);
        });

        it("does what its preview says", async () => {
            project.set("dev", { ...changed[base], ...extra });
            const announced = await project.preview("dev");
            const before = scene.provider.deeds.length;
            const { status, output } = await project.up("dev");
            assert.strictEqual(status, 0, output);
            const done = scene.provider.deeds.slice(before).filter(({ operation }) => operation !== "read");
            assert.deepStrictEqual(linesOf(done), announced);
            assert.ok(done.length > 5, "few changes prove little");
        });

        if (base === "a database in RDS") {
            it("gives the host a new password before the database has it", () => {
                const place = (name: string) => scene.provider.deeds.findLastIndex((deed) => deed.name === name);
                const [host, database] = ["passwords", "database-instance"].map((name) =>
                    place(`mlflow-dev-backend-${name}`),
                );
                assert.ok(host >= 0 && host < database, `${host} and ${database}`);
            });
        }

        it("leaves what the settings say", async () => {
            assert.deepStrictEqual(await project.preview("dev", "--refresh"), []);
            const { status, output } = await project.pulumi("refresh", "dev", "--yes", "--expect-no-changes");
            assert.strictEqual(status, 0, output);
        });

        if (base === "running hours and a budget") {
            it("finds nothing amiss with a host that its hours have stopped", async () => {
                const InstanceIds = [(await project.outputs("dev")).instanceId];
                await scene.provider.clients.ec2.send(new ec2.StopInstancesCommand({ InstanceIds }));
                assert.deepStrictEqual(await project.preview("dev", "--refresh"), []);
            });

            it("leaves the emulator's schedules for the host that is there", async () => {
                const { scheduler } = scene.provider.clients;
                const { instanceId } = await project.outputs("dev");
                const { Schedules } = await scheduler.send(new ListSchedulesCommand({}));
                const found = await Promise.all(
                    Schedules!.map(({ GroupName, Name }) =>
                        scheduler.send(new GetScheduleCommand({ GroupName, Name })),
                    ),
                );
                assert.deepStrictEqual(
                    found
                        .map(({ ScheduleExpression, ScheduleExpressionTimezone, Target }) => [
                            Target!.Arn,
                            ScheduleExpression,
                            ScheduleExpressionTimezone,
                            Target!.Input,
                        ])
                        .sort(),
                    [
                        ["startInstances", "cron(0 10 ? * SAT *)"],
                        ["stopInstances", "cron(0 14 ? * SAT *)"],
                    ].map(([call, expression]) => [
                        `arn:aws:scheduler:::aws-sdk:ec2:${call}`,
                        expression,
                        "Europe/Berlin",
                        JSON.stringify({ InstanceIds: [instanceId] }),
                    ]),
                );
            });

            it("leaves nothing when the stack is destroyed", async () => {
                const { status, output } = await project.destroy("dev");
                assert.strictEqual(status, 0, output);
                assert.deepStrictEqual(await holdings(scene.provider.clients), {});
            });
        }

        if (base === "an empty settings file") {
            it("undoes what somebody changed by hand", async () => {
                const { clients } = scene.provider;
                const outputs = await project.outputs("dev");
                await clients.iam.send(
                    new UpdateAccessKeyCommand({
                        UserName: outputs.clientUserName,
                        AccessKeyId: outputs.clientAccessKeyId,
                        Status: "Inactive",
                    }),
                );
                await clients.ec2.send(
                    new ec2.CreateTagsCommand({
                        Resources: [outputs.instanceId],
                        Tags: [{ Key: "Team", Value: "nobody" }],
                    }),
                );
                await clients.s3.send(
                    new PutBucketVersioningCommand({
                        Bucket: outputs.bucketName,
                        VersioningConfiguration: { Status: "Suspended" },
                    }),
                );
                const drifted = [
                    "update aws:ec2:Instance mlflow-dev-host-instance",
                    "update aws:iam:AccessKey mlflow-dev-client-access-key-a",
                    "update aws:s3:BucketVersioning mlflow-dev-artifacts-versioning",
                ];
                assert.deepStrictEqual(await project.preview("dev", "--refresh"), drifted);
                const { status, output } = await project.up("dev", "--refresh");
                assert.strictEqual(status, 0, output);
                assert.deepStrictEqual(await project.preview("dev", "--refresh"), []);
            });

            it("makes anew what somebody deleted", async () => {
                const { clients } = scene.provider;
                const { SecurityGroupRules } = await clients.ec2.send(new ec2.DescribeSecurityGroupRulesCommand({}));
                const https = SecurityGroupRules!.find(({ IsEgress, FromPort }) => IsEgress && FromPort === 443)!;
                await clients.ec2.send(
                    new ec2.RevokeSecurityGroupEgressCommand({
                        GroupId: https.GroupId,
                        SecurityGroupRuleIds: [https.SecurityGroupRuleId!],
                    }),
                );
                const created = ["create aws:vpc:SecurityGroupEgressRule mlflow-dev-host-https"];
                assert.deepStrictEqual(await project.preview("dev", "--refresh"), created);
                const { status, output } = await project.up("dev", "--refresh");
                assert.strictEqual(status, 0, output);
                assert.deepStrictEqual(await project.preview("dev", "--refresh"), []);
            });
        }
    });
}

/** What was done, as a preview announces it: what was deleted and made is replaced. */
function linesOf(deeds: readonly { operation: string; type: string; name: string }[]): string[] {
    const all = deeds.map(({ operation, type, name }) => ({
        operation,
        resource: `${shortType(type)} ${name}`,
    }));
    const of = (operation: string) => all.filter((one) => one.operation === operation).map(({ resource }) => resource);
    const replaced = of("create").filter((resource) => of("delete").includes(resource));
    return [
        ...replaced.map((resource) => `replace ${resource}`),
        ...all
            .filter(({ resource }) => !replaced.includes(resource))
            .map(({ operation, resource }) => `${operation} ${resource}`),
    ].sort();
}
