import assert from "node:assert";
import * as ec2 from "@aws-sdk/client-ec2";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { readProject } from "../../plan/stackConfig";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { unlessEngine } from "../support/engine";
import { bases, made } from "./changeBases";
import { table } from "./changeTable";

// Every setting, changed one at a time on a deployed stack: the real program and a real engine say exactly what is updated, replaced,
// made or deleted. What replaces a resource is the real provider's schema; what it decides in code, or by plan modifiers that its schema
// does not show, is not proved: `userDataReplaceOnChange` alone is imitated.

/** Kinds whose loss is somebody's data or access. */
const kept = ["aws:ebs:Volume", "aws:s3:Bucket", "aws:rds:Instance", "aws:iam:AccessKey", "aws:cloudwatch:LogGroup"];

describe(`a setting that changes${unlessEngine}`, function () {
    this.timeout(180_000);
    let scene: EngineScene;
    let project: StackProject;
    let real: Record<string, unknown>;

    withEngineScene((given) => void (scene = given));

    for (const [base, baseSettings] of Object.entries(bases)) {
        describe(`on ${base}`, () => {
            const settings = (other: Settings = {}): Settings => {
                const all = Object.entries({ ...baseSettings, ...other }).filter(([, value]) => value !== undefined);
                const named = (value: unknown) => real[String(value)] ?? value;
                return Object.fromEntries(
                    all.map(([key, value]) => [key, Array.isArray(value) ? value.map(named) : named(value)]),
                );
            };

            before(async function () {
                this.timeout(300_000);
                await scene.forget();
                real = await makeSurroundings(scene);
                project = await scene.project({ dev: {} });
                for (const row of table) {
                    const { databasePassword } = { ...bases[row.base], ...row.to } as Record<
                        string,
                        string | undefined
                    >;
                    if (databasePassword && !real[databasePassword]) {
                        real[databasePassword] = await project.encrypted("dev", "databasePassword", databasePassword);
                    }
                }
                project.set("dev", settings());
                const { status, output } = await project.up("dev");
                assert.strictEqual(status, 0, output);
                assert.deepStrictEqual(await project.preview("dev"), []);
            });

            for (const { setting, to, changes } of table.filter((row) => row.base === base)) {
                it(`${setting}: ${JSON.stringify(to[setting]) ?? "not given"}`, async () => {
                    project.set("dev", settings(to));
                    assert.deepStrictEqual(await project.preview("dev"), [...changes].sort());
                });
            }
        });
    }
});

describe("the table of changes", () => {
    it("has every setting but the region and those of a sign-in page", () => {
        const without = ["aws:region", "ssoRegion", "ssoStartUrl"];
        const declared = Object.keys(readProject().declarations).filter((key) => !without.includes(key));
        assert.deepStrictEqual([...new Set(table.map(({ setting }) => setting))].sort(), declared.sort());
    });

    it("loses a volume, a bucket, a database, a key or a log only where the setting says so", () => {
        const losing = table.filter(({ changes }) =>
            changes.some((line) => /^(replace|delete) /.test(line) && kept.includes(line.split(" ")[1])),
        );
        assert.deepStrictEqual(
            losing.map(({ setting, to }) => `${setting} ${JSON.stringify(to[setting])}`),
            [
                'bucketName "named-bucket"',
                'clientUserName "team"',
                'accessKeyA "absent"',
                'clientRoleNames ["vision"]',
                'existingBucketName "team-bucket"',
                'existingInstanceId "an instance that the test makes"',
                'databaseName "runs"',
                'databaseUser "team"',
                "backend undefined",
                "logRetentionDays 0",
            ],
        );
    });
});

/** What the table's settings name, by the words that stand for it there. */
async function makeSurroundings({ provider }: EngineScene): Promise<Record<string, unknown>> {
    const { ec2: client, iam, s3 } = provider.clients;
    const trust = { Version: "2012-10-17", Statement: [] };
    for (const RoleName of made.roles) {
        await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    }
    await s3.send(
        new CreateBucketCommand({
            Bucket: made.bucket,
            CreateBucketConfiguration: { LocationConstraint: "us-west-1" },
        }),
    );
    await client.send(
        new ec2.ImportKeyPairCommand({
            KeyName: made.keyPair,
            PublicKeyMaterial: Buffer.from(bases["SSH access"].sshPublicKey.replace("fFIBH", "fFIBY")),
        }),
    );
    const { Subnets } = await client.send(
        new ec2.DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["true"] }] }),
    );
    // The program takes the first by its id.
    const [zone, otherZone] = Subnets!.sort((one, other) => (one.SubnetId! < other.SubnetId! ? -1 : 1));
    const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
    const subnets = await Promise.all(
        [zone, otherZone].map(({ AvailabilityZone }, index) =>
            client.send(
                new ec2.CreateSubnetCommand({ VpcId: Vpc!.VpcId, CidrBlock: `10.1.${index}.0/24`, AvailabilityZone }),
            ),
        ),
    );
    const [near, far] = subnets.map(({ Subnet }) => Subnet!.SubnetId);
    const neighbour = await client.send(
        new ec2.CreateSubnetCommand({
            VpcId: zone.VpcId,
            CidrBlock: "172.31.240.0/24",
            AvailabilityZone: zone.AvailabilityZone,
        }),
    );
    const { Instances } = await client.send(
        new ec2.RunInstancesCommand({
            ImageId: "ami-0123456789abcdef0",
            InstanceType: "t3.small",
            MinCount: 1,
            MaxCount: 1,
        }),
    );
    return {
        [made.vpcId]: Vpc!.VpcId,
        [made.subnetId]: near,
        [made.defaultVpcId]: zone.VpcId,
        [made.neighbourSubnetId]: neighbour.Subnet!.SubnetId,
        [made.farSubnetId]: far,
        [made.instanceId]: Instances![0].InstanceId,
    };
}
