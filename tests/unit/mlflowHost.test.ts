import assert from "node:assert";
import { architectureOf, isBurstable } from "../../components/instanceTypes";
import { publicKey } from "../support/settings";
import { evaluateStack } from "../support/stack";

// The host's resources. What runs on it is tested in tests/host. Not proved: that the instance boots.

const ssh = { accessMode: "ssh", sshPublicKey: publicKey, sshAllowedCidrs: ["203.0.113.0/24", "2001:db8::/32"] };

const instance = "aws:ec2/instance:Instance";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egress = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

describe("MlflowHost", () => {
    it("makes a hardened Amazon Linux 2023 instance", async () => {
        const stack = await evaluateStack();
        const { userData, tags, ami, iamInstanceProfile, vpcSecurityGroupIds, ...inputs } = stack.inputs(instance);
        assert.match(String(ami), /^ami-[0-9a-f]{17}$/);
        assert.strictEqual(iamInstanceProfile, stack.output("instanceProfileName"));
        assert.match(String(vpcSecurityGroupIds), /^sg-[0-9a-f]{17}$/);
        assert.ok(String(userData).startsWith("#!/bin/bash\n"));
        assert.strictEqual((tags as Record<string, string>).Name, "mlflow-test-host");
        assert.deepStrictEqual(inputs, {
            instanceType: "t4g.small",
            subnetId: "subnet-0a1b2c3d4e5f6a7b8", // the first by its id, not as AWS happened to list them
            userDataReplaceOnChange: true,
            metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
            creditSpecification: { cpuCredits: "standard" },
            ebsOptimized: true,
            rootBlockDevice: {
                volumeType: "gp3",
                volumeSize: 16,
                encrypted: true,
                deleteOnTermination: true,
                tags: {
                    Project: "mlflow-aws",
                    Environment: "test",
                    ManagedBy: "Pulumi",
                    Name: "mlflow-test-host-root",
                },
            },
        });
    });

    it("keeps its data on an encrypted volume of its own, in the subnet's zone", async () => {
        const stack = await evaluateStack({ dataVolumeGib: 33 });
        const { tags, ...inputs } = stack.inputs("aws:ebs/volume:Volume");
        assert.ok(tags);
        assert.deepStrictEqual(inputs, {
            availabilityZone: "us-west-1a",
            size: 33,
            type: "gp3",
            encrypted: true,
            finalSnapshot: true,
        });
        assert.deepStrictEqual(stack.one("aws:ebs/volume:Volume").ignoreChanges, ["availabilityZone", "snapshotId"]);
        const { instanceId, ...attachment } = stack.inputs("aws:ec2/volumeAttachment:VolumeAttachment");
        assert.strictEqual(instanceId, stack.output("instanceId"));
        assert.strictEqual(attachment.deviceName, "/dev/sdf");
        assert.strictEqual(attachment.stopInstanceBeforeDetaching, true);
        assert.strictEqual(
            (await evaluateStack({ forceDestroy: true })).inputs("aws:ebs/volume:Volume").finalSnapshot,
            false,
        );
    });

    it("has no way in with Session Manager, and HTTPS as the only way out", async () => {
        const stack = await evaluateStack();
        assert.deepStrictEqual(stack.all(ingress), []);
        const { securityGroupId, tags, ...rule } = stack.inputs(egress);
        assert.ok(securityGroupId && tags);
        assert.deepStrictEqual(rule, {
            ipProtocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrIpv4: "0.0.0.0/0",
            description: "S3, Session Manager, packages",
        });
        const group = stack.inputs("aws:ec2/securityGroup:SecurityGroup");
        assert.deepStrictEqual([group.ingress, group.egress], [undefined, undefined]);
    });

    it("lets SSH in from the named ranges, at an address that stays", async () => {
        const stack = await evaluateStack(ssh);
        assert.deepStrictEqual(
            stack
                .all(ingress)
                .map(({ inputs }) => [inputs.fromPort, inputs.toPort, inputs.cidrIpv4 ?? inputs.cidrIpv6]),
            [
                [22, 22, "203.0.113.0/24"],
                [22, 22, "2001:db8::/32"],
            ],
        );
        assert.strictEqual(stack.inputs("aws:ec2/eip:Eip").domain, "vpc");
        const association = stack.inputs("aws:ec2/eipAssociation:EipAssociation");
        assert.strictEqual(association.instanceId, stack.output("instanceId"));
    });

    it("gives nobody the login of an administrator: no key pair on the instance", async () => {
        for (const access of [ssh, { ...ssh, sshPublicKey: "", sshKeyPairName: "team" }]) {
            const { keyName, userData } = (await evaluateStack(access)).inputs(instance);
            assert.strictEqual(keyName, undefined);
            assert.match(String(userData), /^HOST_TUNNEL_PUBLIC_KEY="ssh-ed25519 AAAA[A-Za-z0-9+/=]+"$/m);
        }
    });

    it("reaches an external database at its port: at its address, or anywhere behind a name", async () => {
        for (const [databaseHost, cidr] of [
            ["10.1.2.3", "10.1.2.3/32"],
            ["fd00::1", "fd00::1/128"],
            ["db.example.internal", "0.0.0.0/0"],
        ]) {
            const stack = await evaluateStack({
                backend: "external",
                databaseHost,
                databasePort: 6432,
                databasePassword: "x",
            });
            const rules = stack.all(egress).map(({ inputs }) => inputs);
            const database = rules.filter(({ fromPort }) => fromPort !== 443);
            assert.deepStrictEqual(
                database.map(({ fromPort, toPort, cidrIpv4, cidrIpv6 }) => [fromPort, toPort, cidrIpv4 ?? cidrIpv6]),
                [[6432, 6432, cidr]],
            );
        }
    });

    it("stays on its image, follows new ones or takes a given one, as told", async () => {
        const kept = await evaluateStack();
        assert.deepStrictEqual(kept.one(instance).ignoreChanges, ["ami"]);
        const latest = await evaluateStack({ ami: "latest" });
        assert.deepStrictEqual(latest.one(instance).ignoreChanges, []);
        assert.strictEqual(latest.inputs(instance).ami, kept.inputs(instance).ami);
        const given = await evaluateStack({ ami: "ami-0123456789abcdef0" });
        assert.strictEqual(given.inputs(instance).ami, "ami-0123456789abcdef0");
        assert.deepStrictEqual(given.one(instance).ignoreChanges, []);
    });

    it("takes the image of the instance type's architecture", async () => {
        const asked: unknown[] = [];
        const lookups = {
            "aws:ssm/getParameter:getParameter": ({ name }: Record<string, unknown>) => {
                asked.push(name);
                return { name, insecureValue: "ami-0123456789abcdef0" };
            },
        };
        await evaluateStack({ instanceType: "t4g.small" }, { lookups });
        await evaluateStack({ instanceType: "t3.small" }, { lookups });
        await evaluateStack({ ami: "ami-0123456789abcdef0" }, { lookups });
        assert.deepStrictEqual(asked, [
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        ]);
    });

    it("asks for standard CPU credits only where there are any", async () => {
        const { creditSpecification } = (await evaluateStack({ instanceType: "m7g.large" })).inputs(instance);
        assert.strictEqual(creditSpecification, undefined);
    });

    it("leaves an existing instance as it is", async () => {
        const stack = await evaluateStack({ existingInstanceId: "i-0123456789abcdef0" });
        assert.strictEqual(stack.output("instanceId"), "i-0123456789abcdef0");
        assert.strictEqual(stack.all("aws:s3/bucketObjectv2:BucketObjectv2").length, 1);
    });
});

describe("instance types", () => {
    it("have the architecture that their name says", () => {
        const arm = [
            "t4g.small",
            "m7g.large",
            "c7gn.xlarge",
            "r8gd.2xlarge",
            "im4gn.large",
            "x2gd.medium",
            "g5g.xlarge",
            "a1.large",
        ];
        const intel = [
            "t3.small",
            "t3a.medium",
            "m7i.large",
            "m7i-flex.large",
            "g4dn.xlarge",
            "g5.xlarge",
            "c6a.large",
            "p4d.24xlarge",
        ];
        assert.deepStrictEqual([...new Set(arm.map(architectureOf))], ["arm64"]);
        assert.deepStrictEqual([...new Set(intel.map(architectureOf))], ["x86_64"]);
    });

    it("are burstable when they are T types", () => {
        assert.deepStrictEqual(["t4g.small", "t3a.medium", "m7g.large", "trn1.2xlarge"].map(isBurstable), [
            true,
            true,
            false,
            false,
        ]);
    });
});
