import assert from "node:assert";
import * as ec2 from "@aws-sdk/client-ec2";
import { type EngineScene, type Settings, type StackProject, withEngineScene } from "../support/engineScene";
import { holdings } from "../support/emulatorHoldings";
import { unlessEngine } from "../support/engine";
import { hostReplaced } from "./changeLines";

// A stack that moves from the default VPC into a network of its own, and into another one, on a real engine: the host goes
// where its data volume is, and nothing of an old network is taken away while the host needs it. AWS is the emulator: that a host boots
// there, and that AWS routes as the tables say, is not proved.

describe(`a network of the stack's own${unlessEngine}`, function () {
    this.timeout(300_000);
    let scene: EngineScene;
    let project: StackProject;
    let volume: string;
    let zone: string;

    withEngineScene(async (given) => {
        scene = given;
        project = await scene.project({ dev: {} });
    });

    const client = () => scene.provider.clients.ec2;
    const deeds = () =>
        scene.provider.deeds
            .filter(({ operation }) => operation !== "read")
            .map(({ operation, name }) => `${operation} ${name.replace("mlflow-dev-", "")}`);

    /** Brings the stack to these settings, and says what was done for it, in order. */
    async function up(settings: Settings): Promise<string[]> {
        project.set("dev", settings);
        scene.provider.deeds.length = 0;
        const { status, output } = await project.up("dev");
        assert.strictEqual(status, 0, output);
        return deeds();
    }

    async function host(): Promise<{ instance: ec2.Instance; range: string }> {
        const { Reservations } = await client().send(
            new ec2.DescribeInstancesCommand({ Filters: [{ Name: "instance-state-name", Values: ["running"] }] }),
        );
        assert.strictEqual(Reservations!.length, 1);
        const [instance] = Reservations![0].Instances!;
        const { Subnets } = await client().send(new ec2.DescribeSubnetsCommand({ SubnetIds: [instance.SubnetId!] }));
        return { instance, range: Subnets![0].CidrBlock! };
    }

    /** The host is in the data volume's zone, with the volume, and with a public address. */
    async function assertThereWith(range: RegExp): Promise<void> {
        const found = await host();
        assert.match(found.range, range);
        assert.strictEqual(found.instance.Placement!.AvailabilityZone, zone);
        assert.ok(found.instance.PublicIpAddress, "no public address");
        const { Volumes } = await client().send(new ec2.DescribeVolumesCommand({ VolumeIds: [volume] }));
        assert.deepStrictEqual(
            Volumes![0].Attachments!.map(({ InstanceId }) => InstanceId),
            [found.instance.InstanceId],
        );
    }

    const assertBefore = (done: readonly string[], ...order: string[]) =>
        assert.deepStrictEqual(
            done.filter((deed) => order.includes(deed)),
            order,
        );

    before("a stack in the default VPC, with its data volume in the zone that does not come first", async function () {
        const { Subnets } = await client().send(new ec2.DescribeSubnetsCommand({}));
        const away = Subnets!.find(({ AvailabilityZone }) => AvailabilityZone === "us-west-1b")!;
        await up({ vpcId: away.VpcId, subnetId: away.SubnetId });
        const { Volumes } = await client().send(
            new ec2.DescribeVolumesCommand({ Filters: [{ Name: "tag:Name", Values: ["mlflow-dev-host-data"] }] }),
        );
        volume = Volumes![0].VolumeId!;
        zone = Volumes![0].AvailabilityZone!;
        assert.strictEqual(zone, "us-west-1b");
    });

    it("is for hosts that stay in their zone: a subnet in another one is refused before anything is done", async () => {
        const { Subnets } = await client().send(new ec2.DescribeSubnetsCommand({}));
        const near = Subnets!.find(({ AvailabilityZone }) => AvailabilityZone === "us-west-1a")!;
        project.set("dev", { vpcId: near.VpcId, subnetId: near.SubnetId });
        scene.provider.deeds.length = 0;
        const { status, output } = await project.up("dev");
        assert.notStrictEqual(status, 0);
        assert.match(output, /subnetId: got subnet-\w+ in us-west-1a; allowed: a subnet in us-west-1b, where/);
        assert.deepStrictEqual(deeds(), []);
    });

    it("takes the host in, with its volume, in the volume's zone, when its way out is there", async () => {
        const done = await up({ networkCidr: "10.20.0.0/20" });
        await assertThereWith(/^10\.20\.2\.0\/23$/);
        assertBefore(done, "create network-internet", "delete host-instance", "create host-instance");
        assertBefore(done, "create network-s3", "create host-instance");
        assertBefore(done, "create network-public-2-routes", "create host-instance");
        assert.deepStrictEqual(
            done.filter((deed) => deed.endsWith("host-data")),
            [],
        );
    });

    it("has two route tables, one of them with a way to the internet, and no rule in the group that came with it", async () => {
        const { instance } = await host();
        const vpc = { Name: "vpc-id", Values: [instance.VpcId!] };
        const { RouteTables } = await client().send(new ec2.DescribeRouteTablesCommand({ Filters: [vpc] }));
        const routes = RouteTables!
            .filter(({ Associations }) => !Associations!.some(({ Main }) => Main))
            .map(({ Routes, Associations }) => [
                Associations!.length,
                ...Routes!
                    .filter(({ DestinationCidrBlock }) => DestinationCidrBlock)
                    .map((route) => [route.DestinationCidrBlock, route.GatewayId!.split("-")[0]]),
            ])
            .sort((one, other) => one.length - other.length);
        const local = ["10.20.0.0/20", "local"];
        assert.deepStrictEqual(routes, [
            [2, local],
            [2, local, ["0.0.0.0/0", "igw"]],
        ]);
        const { SecurityGroups } = await client().send(
            new ec2.DescribeSecurityGroupsCommand({ Filters: [vpc, { Name: "group-name", Values: ["default"] }] }),
        );
        const [{ IpPermissions, IpPermissionsEgress }] = SecurityGroups!;
        assert.deepStrictEqual([IpPermissions, IpPermissionsEgress], [[], []]);
    });

    it("stays as it is, and its stopped host too", async () => {
        assert.deepStrictEqual(await project.preview("dev"), []);
        const { instance } = await host();
        await client().send(new ec2.StopInstancesCommand({ InstanceIds: [instance.InstanceId!] }));
        const { status, output } = await project.pulumi("refresh", "dev", "--yes");
        assert.strictEqual(status, 0, output);
        assert.deepStrictEqual(await project.preview("dev"), []);
        // The state has no address for it now, and a host that is made from this must ask for one.
        await client().send(new ec2.StartInstancesCommand({ InstanceIds: [instance.InstanceId!] }));
        assert.deepStrictEqual(await project.preview("dev"), hostReplaced);
    });

    it("is exchanged for another: the old gateway goes after the old host", async () => {
        const done = await up({ networkCidr: "10.21.0.0/24", forceDestroy: true });
        await assertThereWith(/^10\.21\.0\.32\/27$/);
        assertBefore(
            done,
            "create network-gateway",
            "delete host-instance",
            "create host-instance",
            "delete network-gateway",
        );
        assertBefore(done, "delete host-firewall", "delete network-vpc");
    });

    it("leaves nothing when its stack is destroyed", async () => {
        const { status, output } = await project.destroy("dev");
        assert.strictEqual(status, 0, output);
        assert.deepStrictEqual(await holdings(scene.provider.clients), {});
    });
});
