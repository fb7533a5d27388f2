import assert from "node:assert";
import type { HostNetwork } from "../../components/network";
import { readSettings } from "../../config";
import { evaluate } from "../../plan/evaluate";
import { imaginaryAws } from "../../plan/imaginaryAws";
import { stackConfig } from "../../plan/stackConfig";
import { lookUpSurroundings } from "../../surroundings";
import { evaluateStack, refusal } from "../support/stack";

// What the stack builds on: looked up and checked before anything is declared. Not proved: AWS's own words for what is missing.

const instance = "aws:ec2/instance:Instance";
const getSubnet = "aws:ec2/getSubnet:getSubnet";

const refused = (fault: string) => `The settings of stack test cannot be used (1 fault):\n  ${fault}`;

/** The stack has a data volume. */
const volumeIn = (availabilityZone: string) => ({
    "aws:ebs/getEbsVolumes:getEbsVolumes": () => ({ ids: ["vol-0123456789abcdef0"] }),
    "aws:ebs/getVolume:getVolume": () => ({ id: "vol-0123456789abcdef0", availabilityZone }),
});

/** Subnets by their id: zone, and VPC where it is not the given one. */
const subnetsIn = (subnets: Record<string, [zone: string, vpcId?: string]>) => ({
    [getSubnet]: ({ id }: Record<string, unknown>) => {
        const [availabilityZone, vpcId = given.vpcId] = subnets[String(id)];
        return { id, vpcId, availabilityZone };
    },
});
const given = { vpcId: "vpc-0aaaaaaaaaaaaaaaa", subnetId: "subnet-0ffffffffffffffff" };
const forDatabase = { ...given, databaseSubnetIds: ["subnet-01111111111111111", "subnet-02222222222222222"] };

/** As the provider says it: over several lines. */
const missing = (what: string) => () => {
    const details = `1 error occurred:\n\t* ${what}.NotFound: it does not exist`;
    throw Object.assign(new Error(details), { details });
};

describe("the surroundings of a stack", () => {
    it("are the default VPC's first subnet by its id, whatever order AWS lists them in", async () => {
        for (const ids of [
            ["subnet-0bbbbbbbbbbbbbbbb", "subnet-0aaaaaaaaaaaaaaaa"],
            ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"],
        ]) {
            const stack = await evaluateStack({}, { lookups: { "aws:ec2/getSubnets:getSubnets": () => ({ ids }) } });
            const { subnetId, associatePublicIpAddress } = stack.inputs(instance);
            // The subnet gives it an address.
            assert.deepStrictEqual([subnetId, associatePublicIpAddress], ["subnet-0aaaaaaaaaaaaaaaa", undefined]);
        }
    });

    it("are a subnet in a zone that offers the instance type, with the data volume in the same zone", async () => {
        const zones: Record<string, string> = {
            "subnet-0aaaaaaaaaaaaaaaa": "us-east-1e",
            "subnet-0bbbbbbbbbbbbbbbb": "us-east-1a",
        };
        const stack = await evaluateStack(
            { "aws:region": "us-east-1" },
            {
                lookups: {
                    "aws:ec2/getSubnets:getSubnets": () => ({ ids: Object.keys(zones) }),
                    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => ({ locations: ["us-east-1a"] }),
                    [getSubnet]: ({ id }) => ({ id, vpcId: "vpc-1", availabilityZone: zones[String(id)] }),
                },
            },
        );
        assert.strictEqual(stack.inputs(instance).subnetId, "subnet-0bbbbbbbbbbbbbbbb");
        assert.strictEqual(stack.inputs("aws:ebs/volume:Volume").availabilityZone, "us-east-1a");
        // These hand out no addresses, so the host asks for one.
        assert.strictEqual(stack.inputs(instance).associatePublicIpAddress, true);
    });

    it("are the default subnet in the zone of the data volume, whatever comes first", async () => {
        const stack = await evaluateStack(
            {},
            {
                lookups: {
                    "aws:ec2/getSubnets:getSubnets": () => ({
                        ids: ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"],
                    }),
                    ...volumeIn("us-west-1c"),
                },
            },
        );
        assert.strictEqual(stack.inputs(instance).subnetId, "subnet-0bbbbbbbbbbbbbbbb");
    });

    it("are a given subnet, which decides itself about public addresses", async () => {
        const stack = await evaluateStack({ vpcId: "vpc-0d1e2f3a4b5c6d7e8", subnetId: "subnet-0ffffffffffffffff" });
        const { subnetId, associatePublicIpAddress } = stack.inputs(instance);
        assert.deepStrictEqual([subnetId, associatePublicIpAddress], ["subnet-0ffffffffffffffff", undefined]);
        assert.deepStrictEqual(stack.one(instance).ignoreChanges, ["ami"]);
    });

    const cases: Record<string, { settings?: object; lookups: Parameters<typeof evaluateStack>[1]; fault: string }> = {
        "a region without a default VPC": {
            lookups: { lookups: { "aws:ec2/getVpcs:getVpcs": () => ({ ids: [] }) } },
            fault:
                "vpcId: got nothing; allowed: nothing only in a region with a default VPC, and us-west-1 has none; " +
                "remedy: aws ec2 create-default-vpc, or pulumi config set vpcId and subnetId, or networkCidr",
        },
        "an instance type that no zone offers": {
            lookups: {
                lookups: {
                    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => ({ locations: ["us-west-1x"] }),
                },
            },
            fault:
                "instanceType: got t4g.small; allowed: a type that a default subnet's zone in us-west-1 offers; " +
                "remedy: pulumi config set instanceType t3.small, or pulumi config set vpcId and subnetId, or networkCidr",
        },
        "a subnet of another VPC": {
            settings: { vpcId: "vpc-0aaaaaaaaaaaaaaaa", subnetId: "subnet-0ffffffffffffffff" },
            lookups: {},
            fault:
                "subnetId: got subnet-0ffffffffffffffff, which is in vpc-0d1e2f3a4b5c6d7e8; allowed: a subnet of " +
                "vpc-0aaaaaaaaaaaaaaaa; remedy: pulumi config set vpcId vpc-0d1e2f3a4b5c6d7e8, or name a subnet of " +
                "vpc-0aaaaaaaaaaaaaaaa",
        },
        "a bucket of another region": {
            settings: { existingBucketName: "team-artifacts" },
            lookups: {
                lookups: { "aws:s3/getBucket:getBucket": () => ({ arn: "arn:aws:s3:::x", bucketRegion: "eu-west-1" }) },
            },
            fault:
                "existingBucketName: got team-artifacts in eu-west-1; allowed: a bucket in us-west-1, the stack's region; " +
                "remedy: pulumi config set aws:region eu-west-1, or name a bucket in us-west-1",
        },
        "a bucket that does not exist": {
            settings: { existingBucketName: "team-artifacts" },
            lookups: { lookups: { "aws:s3/getBucket:getBucket": missing("NoSuchBucket") } },
            fault:
                "existingBucketName: got team-artifacts; allowed: a bucket that exists in us-west-1 and that you may look " +
                "at; remedy: correct the name, or use credentials of its account (1 error occurred: * NoSuchBucket.NotFound: it does not exist)",
        },
        "an instance that does not exist": {
            settings: { existingInstanceId: "i-0123456789abcdef0" },
            lookups: { lookups: { "aws:ec2/getInstance:getInstance": missing("InvalidInstanceID") } },
            fault:
                "existingInstanceId: got i-0123456789abcdef0; allowed: an instance that exists in us-west-1 and that you " +
                "may look at; remedy: correct the name, or use credentials of its account (1 error occurred: * InvalidInstanceID.NotFound: it " +
                "does not exist)",
        },
        "a subnet that does not exist": {
            settings: { vpcId: "vpc-0aaaaaaaaaaaaaaaa", subnetId: "subnet-0ffffffffffffffff" },
            lookups: { lookups: { [getSubnet]: missing("InvalidSubnetID") } },
            fault:
                "subnetId: got subnet-0ffffffffffffffff; allowed: a subnet that exists in us-west-1 and that you may look " +
                "at; remedy: correct the name, or use credentials of its account (1 error occurred: * InvalidSubnetID.NotFound: it does not exist)",
        },
        "a key pair that does not exist": {
            settings: { accessMode: "ssh", sshKeyPairName: "team", sshAllowedCidrs: ["203.0.113.0/24"] },
            lookups: { lookups: { "aws:ec2/getKeyPair:getKeyPair": missing("InvalidKeyPair") } },
            fault:
                "sshKeyPairName: got team; allowed: a key pair that exists in us-west-1 and that you may look at; remedy: " +
                "correct the name, or use credentials of its account (1 error occurred: * InvalidKeyPair.NotFound: it does not exist)",
        },
    };
    Object.assign(cases, {
        "a subnet in another zone than the stack's data volume, before the old host is gone": {
            settings: given,
            lookups: { lookups: { ...subnetsIn({ [given.subnetId]: ["us-west-1c"] }), ...volumeIn("us-west-1a") } },
            fault:
                "subnetId: got subnet-0ffffffffffffffff in us-west-1c; allowed: a subnet in us-west-1a, where the stack's data volume is; " +
                "remedy: name one there; docs/operating.md, Moving the host, says how to move",
        },
        "an instance type that the data volume's zone does not offer": {
            lookups: { lookups: volumeIn("us-west-1b") },
            fault:
                "instanceType: got t4g.small; allowed: a type that us-west-1b, where the stack's data volume is, offers, and a default subnet " +
                "there; remedy: pulumi config set instanceType t3.small, or pulumi config set vpcId and subnetId, or networkCidr",
        },
        "subnets for a database that are all in one zone": {
            settings: forDatabase,
            lookups: {
                lookups: subnetsIn({
                    [given.subnetId]: ["us-west-1c"],
                    "subnet-01111111111111111": ["us-west-1a"],
                    "subnet-02222222222222222": ["us-west-1a"],
                }),
            },
            fault:
                "databaseSubnetIds: got subnet-01111111111111111, subnet-02222222222222222, all in us-west-1a; allowed: subnets in two zones " +
                "at least; remedy: name one in another zone of us-west-1",
        },
    } satisfies typeof cases);
    for (const [what, { settings, lookups, fault }] of Object.entries(cases)) {
        it(`refuse ${what}, and say what to do`, async () => {
            assert.strictEqual(await refusal({ ...settings }, lookups), refused(fault));
        });
    }

    it("report several faults together", async () => {
        const message = await refusal(
            { existingBucketName: "team-artifacts" },
            {
                lookups: {
                    "aws:s3/getBucket:getBucket": missing("NoSuchBucket"),
                    "aws:ec2/getVpcs:getVpcs": () => ({ ids: [] }),
                },
            },
        );
        assert.match(message, /^The settings of stack test cannot be used \(2 faults\):\n/);
        assert.match(message, /^ {2}existingBucketName: /m);
        assert.match(message, /^ {2}vpcId: /m);
    });

    it("report every subnet that is wrong, together", async () => {
        const lookups = {
            [getSubnet]: ({ id }: Record<string, unknown>) =>
                id === forDatabase.databaseSubnetIds[0]
                    ? missing("InvalidSubnetID")()
                    : { id, vpcId: "vpc-0bbbbbbbbbbbbbbbb", availabilityZone: "us-west-1c" },
            ...volumeIn("us-west-1a"),
        };
        const message = await refusal(forDatabase, { lookups });
        const lines = message.split("\n").map((line) => line.split("; allowed: ")[0].trim());
        assert.deepStrictEqual(lines.slice(1).sort(), [
            "databaseSubnetIds: got subnet-01111111111111111",
            "databaseSubnetIds: got subnet-02222222222222222, which is in vpc-0bbbbbbbbbbbbbbbb",
            "subnetId: got subnet-0ffffffffffffffff in us-west-1c",
            "subnetId: got subnet-0ffffffffffffffff, which is in vpc-0bbbbbbbbbbbbbbbb",
        ]);
    });

    it("have subnets for a database: those of the default VPC by their ids, the named ones, or none", async () => {
        const zones = subnetsIn({
            "subnet-0ccccccccccccccccc": ["us-west-1a"],
            "subnet-0aaaaaaaaaaaaaaaa": ["us-west-1c"],
            [given.subnetId]: ["us-west-1a"],
            "subnet-01111111111111111": ["us-west-1c"],
            "subnet-02222222222222222": ["us-west-1a"],
        });
        const getSubnets = {
            "aws:ec2/getSubnets:getSubnets": () => ({ ids: ["subnet-0ccccccccccccccccc", "subnet-0aaaaaaaaaaaaaaaa"] }),
        };
        for (const [settings, expected] of [
            [{}, ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0ccccccccccccccccc"]],
            [forDatabase, forDatabase.databaseSubnetIds],
            [given, []],
        ] as const) {
            const config = stackConfig("test", settings);
            const imaginary = imaginaryAws("us-west-1");
            const answers: Record<string, (inputs: Record<string, unknown>) => unknown> = { ...zones, ...getSubnets };
            const provider = {
                newResource: imaginary.newResource.bind(imaginary),
                call: (args: Parameters<typeof imaginary.call>[0]) =>
                    answers[args.token]?.(args.inputs as Record<string, unknown>) ?? imaginary.call(args),
            };
            const { outputs } = await evaluate(config, provider, async () => ({
                network: (await lookUpSurroundings(readSettings())).place!.network,
            }));
            assert.deepStrictEqual((outputs.network.value as HostNetwork).databaseSubnetIds, expected);
        }
    });
});
