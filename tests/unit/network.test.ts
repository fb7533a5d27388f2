import assert from "node:assert";
import { describe as inWords } from "../../plan/words";
import { evaluateStack, refusal, type Stack } from "../support/stack";

// A network of the stack's own: what is declared for it, and where the host lives in it. How its range is divided is in
// networkRanges.test.ts, what a change of it replaces in tests/engine. Not proved: that AWS routes as the tables say.

const settings = { networkCidr: "10.20.0.0/20" };
const type = (kind: string) => `aws:ec2/${kind[0].toLowerCase()}${kind.slice(1)}:${kind}`;
const tags = (name: string) => ({
    Project: "mlflow-aws",
    Environment: "test",
    ManagedBy: "Pulumi",
    Name: `mlflow-test-network${name}`,
});

/** Inputs by the name of the resource, without the stack's prefix. */
const byName = (stack: Stack, kind: string): Record<string, Record<string, unknown>> =>
    Object.fromEntries(
        stack.all(type(kind)).map(({ name, inputs }) => [name.replace("mlflow-test-network-", ""), inputs]),
    );

/** The id that the imaginary account gives to a resource of the network; it is in the inputs of whatever refers to it. */
const idOf = (stack: Stack, kind: string, name: string): unknown => {
    const references: Record<string, [string, string, string]> = {
        Vpc: ["Subnet", "public-1", "vpcId"],
        InternetGateway: ["Route", "internet", "gatewayId"],
    };
    if (kind === "RouteTable") {
        return byName(stack, "RouteTableAssociation")[`${name}-1-routes`].routeTableId;
    }
    if (kind === "Subnet") {
        return byName(stack, "RouteTableAssociation")[`${name}-routes`].subnetId;
    }
    const [holder, holderName, property] = references[kind];
    return byName(stack, holder)[holderName][property];
};

describe("a network of the stack's own", () => {
    let stack: Stack;
    before(async () => void (stack = await evaluateStack(settings)));

    it("is a VPC with this range, and names of AWS's hosts in it", () => {
        assert.deepStrictEqual(stack.inputs(type("Vpc")), {
            cidrBlock: "10.20.0.0/20",
            enableDnsSupport: true,
            enableDnsHostnames: true,
            tags: tags(""),
        });
    });

    it("has two subnets for the host and two for a database, each pair in two zones; none hands out public addresses", () => {
        const subnet = (name: string, cidrBlock: string, zone: string) => ({
            vpcId: idOf(stack, "Vpc", "vpc"),
            cidrBlock,
            availabilityZone: `us-west-1${zone}`,
            mapPublicIpOnLaunch: false,
            tags: tags(`-${name}`),
        });
        assert.deepStrictEqual(byName(stack, "Subnet"), {
            "public-1": subnet("public-1", "10.20.0.0/23", "a"),
            "public-2": subnet("public-2", "10.20.2.0/23", "c"),
            "database-1": subnet("database-1", "10.20.4.0/23", "a"),
            "database-2": subnet("database-2", "10.20.6.0/23", "c"),
        });
    });

    it("has a route table for each pair, and one route: from the public ones to the internet", () => {
        const vpcId = idOf(stack, "Vpc", "vpc");
        // No routes of their own: what stands inline would take away every other.
        assert.deepStrictEqual(byName(stack, "RouteTable"), {
            public: { vpcId, tags: tags("-public") },
            database: { vpcId, tags: tags("-database") },
        });
        const [publicTable, databaseTable] = ["public", "database"].map((name) => idOf(stack, "RouteTable", name));
        assert.notStrictEqual(publicTable, databaseTable);
        assert.deepStrictEqual(
            Object.entries(byName(stack, "RouteTableAssociation")).map(([name, { subnetId, routeTableId }]) => [
                name,
                subnetId === idOf(stack, "Subnet", name.replace("-routes", "")),
                routeTableId,
            ]),
            [
                ["public-1-routes", true, publicTable],
                ["public-2-routes", true, publicTable],
                ["database-1-routes", true, databaseTable],
                ["database-2-routes", true, databaseTable],
            ],
        );
        assert.deepStrictEqual(byName(stack, "InternetGateway"), { gateway: { vpcId, tags: tags("-gateway") } });
        assert.deepStrictEqual(byName(stack, "Route"), {
            internet: {
                routeTableId: publicTable,
                destinationCidrBlock: "0.0.0.0/0",
                gatewayId: idOf(stack, "InternetGateway", "gateway"),
            },
        });
    });

    it("reaches S3 through a gateway endpoint, from every subnet, with AWS's own policy", () => {
        assert.deepStrictEqual(byName(stack, "VpcEndpoint"), {
            s3: {
                vpcId: idOf(stack, "Vpc", "vpc"),
                serviceName: "com.amazonaws.us-west-1.s3",
                vpcEndpointType: "Gateway",
                routeTableIds: [idOf(stack, "RouteTable", "public"), idOf(stack, "RouteTable", "database")],
                tags: tags("-s3"),
            },
        });
    });

    it("has no rule in the group that AWS makes with it", () => {
        assert.deepStrictEqual(byName(stack, "DefaultSecurityGroup"), {
            default: { vpcId: idOf(stack, "Vpc", "vpc"), tags: tags("-default") },
        });
    });

    it("has nothing that costs by the hour, and nothing else", () => {
        const below = stack.resources.filter(({ parent }) => parent?.includes("::mlflow-aws:index:Network::"));
        const kinds = below.map((resource) => resource.type.split(":")[2]);
        const counted = Object.fromEntries(
            [...new Set(kinds)].map((kind) => [kind, kinds.filter((k) => k === kind).length]),
        );
        assert.deepStrictEqual(counted, {
            Vpc: 1,
            DefaultSecurityGroup: 1,
            RouteTable: 2,
            InternetGateway: 1,
            Subnet: 4,
            VpcEndpoint: 1,
            Route: 1,
            RouteTableAssociation: 4,
        });
        assert.deepStrictEqual(
            below.filter(({ protect, ignoreChanges }) => protect || ignoreChanges.length > 0),
            [],
        );
    });

    it("has the host in a public subnet, with an address that it asks for, its volume in the same zone, its firewall in the VPC", () => {
        const { subnetId, associatePublicIpAddress } = stack.inputs("aws:ec2/instance:Instance");
        assert.strictEqual(subnetId, idOf(stack, "Subnet", "public-1"));
        assert.strictEqual(associatePublicIpAddress, true);
        assert.strictEqual(stack.inputs("aws:ebs/volume:Volume").availabilityZone, "us-west-1a");
        assert.strictEqual(stack.inputs("aws:ec2/securityGroup:SecurityGroup").vpcId, idOf(stack, "Vpc", "vpc"));
    });

    it("lets the host wait for its way to the internet and to S3", () => {
        const names = new Map(stack.resources.map(({ urn, name }) => [urn, name.replace("mlflow-test-network-", "")]));
        const waited = stack.one("aws:ec2/instance:Instance").dependencies.map((urn) => names.get(urn));
        for (const name of ["internet", "s3", "public-1", "public-1-routes"]) {
            assert.ok(waited.includes(name), `${name} is not among ${waited.join()}`);
        }
    });

    it("is described in words by the plan, and only where there is one", async () => {
        assert.deepStrictEqual(inWords(stack.resources).Network, [
            "10.20.0.0/20: a VPC of the stack's own",
            "10.20.0.0/23 in us-west-1a: mlflow-test-network-public-1, with a way to the internet",
            "10.20.2.0/23 in us-west-1c: mlflow-test-network-public-2, with a way to the internet",
            "10.20.4.0/23 in us-west-1a: mlflow-test-network-database-1, with no way to the internet",
            "10.20.6.0/23 in us-west-1c: mlflow-test-network-database-2, with no way to the internet",
        ]);
        assert.strictEqual("Network" in inWords((await evaluateStack()).resources), false);
    });

    describe("that exists, or takes in a stack that does", () => {
        type Answers = NonNullable<Parameters<typeof evaluateStack>[1]>["lookups"];
        const found = (
            volumeZones: string[],
            subnetZones: string[] = [],
            hosts: [id: string, address?: string][] = [],
        ): Answers => ({
            "aws:ebs/getEbsVolumes:getEbsVolumes": () => ({ ids: volumeZones.map((zone) => `vol-${zone}`) }),
            "aws:ebs/getVolume:getVolume": ({ filters }) => {
                const [{ values }] = filters as { values: string[] }[];
                return { id: values[0], availabilityZone: `us-east-1${values[0].slice(4)}` };
            },
            "aws:ec2/getSubnets:getSubnets": () => ({ ids: subnetZones.map((zone) => `subnet-${zone}`) }),
            "aws:ec2/getSubnet:getSubnet": ({ id }) => ({ id, availabilityZone: `us-east-1${String(id).slice(7)}` }),
            "aws:ec2/getInstances:getInstances": () => ({
                ids: hosts.map(([id]) => id),
                publicIps: hosts.flatMap(([, address]) => address ?? []),
            }),
            "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => ({
                locations: ["us-east-1-bos-1a", "us-east-1d", "us-east-1a", "us-east-1c", "us-east-1-wl1-atl-wlz-1"],
            }),
        });
        const place = async (lookups: Answers) => {
            const made = await evaluateStack({ ...settings, "aws:region": "us-east-1" }, { lookups });
            const { subnetId } = made.inputs("aws:ec2/instance:Instance");
            const subnets = byName(made, "Subnet");
            return {
                zones: Object.values(subnets).map(({ availabilityZone }) => String(availabilityZone).slice(9)),
                host: ["public-1", "public-2"].find((name) => idOf(made, "Subnet", name) === subnetId),
                volume: String(made.inputs("aws:ebs/volume:Volume").availabilityZone).slice(9),
                ignored: made.one("aws:ec2/instance:Instance").ignoreChanges,
            };
        };

        it("is in the first two zones that offer the instance type, Local Zones left out", async () => {
            const expected = { zones: ["a", "c", "a", "c"], host: "public-1", volume: "a", ignored: ["ami"] };
            assert.deepStrictEqual(await place(found([])), expected);
        });

        it("is in the zone of the data volume, and has the host there", async () => {
            const expected = { zones: ["a", "d", "a", "d"], host: "public-2", volume: "d", ignored: ["ami"] };
            assert.deepStrictEqual(await place(found(["d"])), expected);
        });

        it("stays in its zones when others come first", async () => {
            const expected = { zones: ["c", "d", "c", "d"], host: "public-1", volume: "c", ignored: ["ami"] };
            assert.deepStrictEqual(await place(found(["c"], ["d", "c"], [["i-1", "198.51.100.7"]])), expected);
        });

        it("does not take it for a change that a stopped host has no address", async () => {
            const { ignored } = await place(found(["c"], ["d", "c"], [["i-1"]]));
            assert.deepStrictEqual(ignored, ["ami", "associatePublicIpAddress"]);
        });

        it("follows a data volume that was moved to its other zone", async () => {
            assert.strictEqual((await place(found(["d"], ["c", "d"]))).host, "public-2");
        });

        it("asks by the stack's own tags alone", async () => {
            const asked: Record<string, unknown> = {};
            const answers = found(["c"], ["c", "d"], [["i-1"]])!;
            const lookups = Object.fromEntries(
                Object.entries(answers).map(([token, answer]) => [
                    token,
                    (inputs: Record<string, unknown>) => {
                        asked[token.split(":")[2]] ??= inputs;
                        return answer(inputs);
                    },
                ]),
            );
            await place(lookups);
            const own = (...names: string[]) => [
                { name: "tag:Project", values: ["mlflow-aws"] },
                { name: "tag:Environment", values: ["test"] },
                { name: "tag:Name", values: names },
            ];
            assert.deepStrictEqual(asked.getEbsVolumes, {
                filters: [
                    ...own("mlflow-test-host-data"),
                    { name: "status", values: ["creating", "available", "in-use"] },
                ],
            });
            assert.deepStrictEqual(asked.getSubnets, {
                filters: own("mlflow-test-network-public-1", "mlflow-test-network-public-2"),
            });
            assert.deepStrictEqual(asked.getInstances, {
                filters: [...own("mlflow-test-host"), { name: "subnet-id", values: ["subnet-c", "subnet-d"] }],
                instanceStateNames: ["pending", "running", "stopping", "stopped"],
            });
        });

        const refusals: Record<string, [Answers, fault: string]> = {
            "a type that the zone of the data volume does not offer": [
                found(["b"]),
                "instanceType: got t4g.small, which us-east-1 offers in us-east-1a, us-east-1c, us-east-1d; allowed: with networkCidr, a type of " +
                    "us-east-1b, where the stack's data volume is, and of another zone; remedy: pulumi config set instanceType t3.small, or " +
                    "pulumi config rm networkCidr",
            ],
            "a type that one zone alone offers": [
                {
                    ...found([]),
                    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => ({ locations: ["us-east-1f"] }),
                },
                "instanceType: got t4g.small, which us-east-1 offers in us-east-1f; allowed: with networkCidr, a type of two zones; remedy: " +
                    "pulumi config set instanceType t3.small, or pulumi config rm networkCidr",
            ],
            "a data volume in neither of its zones": [
                found(["a"], ["c", "d"]),
                "data volume: got one in us-east-1a; allowed: one in us-east-1c or us-east-1d, the zones of the stack's network; remedy: " +
                    "docs/operating.md, Moving the host, says how to move",
            ],
            "two data volumes in different zones": [
                found(["a", "c"]),
                "data volume: got vol-a in us-east-1a, vol-c in us-east-1c; allowed: one zone for what has the tags of the stack's data volume; " +
                    "remedy: delete the tag Name of the one that the stack does not use",
            ],
        };
        for (const [what, [lookups, fault]] of Object.entries(refusals)) {
            it(`refuses ${what}`, async () => {
                const message = await refusal({ ...settings, "aws:region": "us-east-1" }, { lookups });
                assert.strictEqual(message, `The settings of stack test cannot be used (1 fault):\n  ${fault}`);
            });
        }
    });
});
