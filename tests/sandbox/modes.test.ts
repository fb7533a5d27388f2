import assert from "node:assert";
import { rmSync } from "node:fs";
import { DescribeBudgetsCommand, DescribeNotificationsForBudgetCommand } from "@aws-sdk/client-budgets";
import * as ec2 from "@aws-sdk/client-ec2";
import { ListAttachedGroupPoliciesCommand, ListAttachedRolePoliciesCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetBucketLifecycleConfigurationCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { anybodysClients } from "../../sandbox/aws/emulatedAws";
import type { Clients } from "../../sandbox/aws/handlers";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { createStack, type EmulatedStack, enforceIam } from "../../sandbox/emulatedStack";
import { install, temporaryFolder } from "../support/sandbox";

// Every mode of the program, created through the AWS API of the emulator, and looked at there. Not proved: that AWS takes it;
// the emulator checks few values and leaves out policy conditions, image, instance type and the limit of user data.

const region = "us-west-1";
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBHVvmKZYnLUYt9wRPKEv3dCHPoYRhcGyFKoE2ZKrBnz team";

describe("every mode of the program, in the emulator", function () {
    this.timeout(300_000);
    let folder: string;
    let endpoint: string;
    let emulator: Emulator;

    before(async () => {
        const python = await install();
        folder = temporaryFolder();
        emulator = await startEmulator(python, folder);
        endpoint = emulator.endpoint;
    });
    after(async () => {
        await emulator.stop();
        rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
        await enforceIam(endpoint, false);
        await fetch(`${endpoint}/moto-api/reset`, { method: "POST" });
    });

    /** For what somebody made by hand, before the stack. */
    const byHand = (): Clients => anybodysClients(endpoint, region);

    /** Ports of the host's firewall, with the ranges that they are open to. */
    async function firewall({ clients }: EmulatedStack): Promise<string[]> {
        const { SecurityGroups } = await clients.ec2.send(
            new ec2.DescribeSecurityGroupsCommand({ Filters: [{ Name: "description", Values: ["MLflow host"] }] }),
        );
        const rules = (way: string, permissions: ec2.IpPermission[] = []) =>
            permissions.flatMap(({ FromPort, IpRanges = [], Ipv6Ranges = [] }) =>
                [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)].map(
                    (range) => `${way} ${FromPort} ${range}`,
                ),
            );
        const [group] = SecurityGroups!;
        return [...rules("in", group.IpPermissions), ...rules("out", group.IpPermissionsEgress)].sort();
    }

    it("is hardened by default", async () => {
        const stack = await createStack(endpoint, {});
        assert.deepStrictEqual(await firewall(stack), ["out 443 0.0.0.0/0"]);
        const { Reservations } = await stack.clients.ec2.send(
            new ec2.DescribeInstancesCommand({ InstanceIds: [stack.output("instanceId")] }),
        );
        const [{ MetadataOptions, BlockDeviceMappings, KeyName }] = Reservations![0].Instances!;
        assert.deepStrictEqual(
            [MetadataOptions?.HttpTokens, MetadataOptions?.HttpPutResponseHopLimit, KeyName],
            ["required", 1, undefined],
        );
        assert.ok(BlockDeviceMappings!.some(({ DeviceName }) => DeviceName === "/dev/sdf"));
        const { Volumes } = await stack.clients.ec2.send(new ec2.DescribeVolumesCommand({}));
        assert.deepStrictEqual(
            Volumes!.map(({ Encrypted, VolumeType, Size }) => [Encrypted, VolumeType, Size]).sort(),
            [
                [true, "gp3", 16],
                [true, "gp3", 20],
            ],
        );
    });

    it("is open to SSH from the named ranges, for the key of a key pair, at a fixed address", async () => {
        await byHand().ec2.send(
            new ec2.ImportKeyPairCommand({ KeyName: "team", PublicKeyMaterial: Buffer.from(publicKey) }),
        );
        const stack = await createStack(endpoint, {
            accessMode: "ssh",
            sshKeyPairName: "team",
            sshAllowedCidrs: ["203.0.113.0/24", "2001:db8::/32"],
        });
        assert.deepStrictEqual(await firewall(stack), [
            "in 22 2001:db8::/32",
            "in 22 203.0.113.0/24",
            "out 443 0.0.0.0/0",
        ]);
        const { Addresses } = await stack.clients.ec2.send(new ec2.DescribeAddressesCommand({}));
        const [{ PublicIp, InstanceId }] = Addresses!;
        assert.strictEqual(InstanceId, stack.output("instanceId"));
        assert.ok(stack.output("tunnelCommand").endsWith(` mlflow-tunnel@${PublicIp}`));
    });

    it("keeps the database's password in an encrypted parameter", async () => {
        const stack = await createStack(endpoint, {
            backend: "external",
            databaseHost: "10.1.2.3",
            databasePassword: "p&ss",
        });
        await enforceIam(endpoint, false);
        const stored = async (kind: string) => {
            const request = { Name: `/mlflow-sandbox/database-${kind}`, WithDecryption: true };
            const { Parameter } = await stack.clients.ssm.send(new GetParameterCommand(request));
            return [Parameter?.Type, Parameter?.Value];
        };
        assert.deepStrictEqual(await stored("passwords"), ["SecureString", "p&ss"]);
        assert.deepStrictEqual(await stored("address"), [
            "String",
            "postgresql+psycopg2://mlflow@10.1.2.3:5432/mlflow?sslmode=require&connect_timeout=10",
        ]);
        assert.deepStrictEqual(await firewall(stack), ["out 443 0.0.0.0/0", "out 5432 10.1.2.3/32"]);
    });

    it("takes an existing bucket and an existing instance, and leaves both as they are", async () => {
        const bucket = "team-artifacts";
        const CreateBucketConfiguration = { LocationConstraint: region } as const;
        await byHand().s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
        const image = { ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 };
        const { Instances } = await byHand().ec2.send(new ec2.RunInstancesCommand(image));
        const existingInstanceId = Instances![0].InstanceId!;
        const stack = await createStack(endpoint, { existingBucketName: bucket, existingInstanceId });
        assert.strictEqual(stack.output("instanceId"), existingInstanceId);
        const { Contents } = await stack.clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        assert.match(Contents!.map(({ Key }) => Key).join(), /^host\/[0-9a-f]{64}\.tar\.gz$/);
        const lifecycle = stack.clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
        await assert.rejects(lifecycle, { name: "NoSuchLifecycleConfiguration" });
    });

    it("starts and stops the host by its hours, and has a budget", async () => {
        const stack = await createStack(endpoint, {
            ...{ runningHours: "Mon-Fri 07:00-19:00", runningHoursTimeZone: "Europe/Berlin" },
            ...{ alarmEmail: "team@example.com", monthlyBudgetUsd: 25 },
        });
        await enforceIam(endpoint, false);
        const { scheduler, budgets } = stack.clients;
        const { Schedules } = await scheduler.send(new ListSchedulesCommand({}));
        assert.deepStrictEqual(
            Schedules!.map(({ Name, State }) => [Name!.replace(/-[0-9a-f]{7}$/, ""), State]).sort(),
            [
                ["mlflow-sandbox-server-hours-start-host", "ENABLED"],
                ["mlflow-sandbox-server-hours-stop-host", "ENABLED"],
            ],
        );
        const AccountId = stack.output("accountId");
        const { Budgets } = await budgets.send(new DescribeBudgetsCommand({ AccountId }));
        assert.deepStrictEqual(
            Budgets!.map(({ BudgetLimit, TimeUnit, CostFilters }) => [BudgetLimit, TimeUnit, CostFilters]),
            [[{ Amount: "25", Unit: "USD" }, "MONTHLY", { TagKeyValue: ["user:Environment$sandbox"] }]],
        );
        const { BudgetName } = Budgets![0];
        const { Notifications } = await budgets.send(
            new DescribeNotificationsForBudgetCommand({ AccountId, BudgetName }),
        );
        assert.deepStrictEqual(
            Notifications!.map(({ NotificationType, Threshold }) => [NotificationType, Threshold]),
            [
                ["ACTUAL", 80],
                ["ACTUAL", 100],
                ["FORECASTED", 100],
            ],
        );
    });

    it("has AWS's full access to S3 where it was asked for", async () => {
        const stack = await createStack(endpoint, { clientS3Rights: "full", serverS3Rights: "full" });
        const policyArns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"];
        const named = (type: string, key: string) =>
            String(stack.evaluation.resources.find((resource) => resource.type === type)?.inputs[key]);
        const GroupName = named("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group");
        const group = await stack.clients.iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }));
        assert.deepStrictEqual(
            group.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn),
            policyArns,
        );
        const RoleName = named("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role");
        const role = await stack.clients.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        assert.deepStrictEqual(
            role.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn),
            policyArns,
        );
    });
});
