import * as aws from "@pulumi/aws";
import type { Account } from "./components/account";
import { hasAuthorities } from "./components/hostBundle";
import { architectureOf } from "./components/instanceTypes";
import type { ClientRole } from "./components/clientRoles";
import type { ExistingInstance, Network } from "./components/mlflowHost";
import { refuse, type Settings } from "./config";
import { type Fault, fault } from "./settings/fault";
import { isPermissionSetRole } from "./settings/permissionSet";

/** What exists already and the stack builds on: plain values, known before the first resource. */
export interface Surroundings {
    readonly account: Account;
    /** Where a new instance lives, and what it boots. */
    readonly place?: { readonly network: Network; readonly imageId: string };
    readonly existingInstance?: ExistingInstance;
    readonly existingBucket?: { readonly name: string; readonly arn: string };
    /** Roles of the teammates, instead of a user. */
    readonly clientRoles: readonly ClientRole[];
    /** Key that may open the SSH tunnel. */
    readonly sshPublicKey: string;
}

/**
 * Looks up what the settings name, and checks it, before anything is made.
 *
 * @throws RunError that names every fault
 */
export async function lookUpSurroundings(settings: Settings): Promise<Surroundings> {
    const [{ partition }, { region }, { accountId }] = await Promise.all([
        aws.getPartition(),
        aws.getRegion(),
        aws.getCallerIdentity(),
    ]);
    const account = { partition, region, accountId };
    const faults: Fault[] = [];
    const look = new LookUps(settings, region, faults);
    const [existingInstance, existingBucket, clientRoles, sshPublicKey, network, imageId] = await Promise.all([
        settings.existingInstanceId ? look.existingInstance() : undefined,
        settings.existingBucketName ? look.existingBucket() : undefined,
        Promise.all(settings.clientRoleNames.map((name) => look.clientRole(name))),
        settings.sshKeyPairName ? look.keyPair() : settings.sshPublicKey,
        settings.existingInstanceId ? undefined : settings.subnetId ? look.givenNetwork() : look.defaultNetwork(),
        settings.existingInstanceId ? undefined : look.image(),
    ]);
    look.authorities();
    refuse(settings.environment, faults);
    return {
        account,
        place: network && imageId ? { network, imageId } : undefined,
        existingInstance,
        existingBucket,
        clientRoles: clientRoles.filter((role) => role !== undefined),
        sshPublicKey: sshPublicKey ?? "",
    };
}

/** Settings that name something that exists. */
type Named = "existingInstanceId" | "existingBucketName" | "clientRoleNames" | "sshKeyPairName" | "subnetId";

/** Each look-up gives a value, or a fault. */
class LookUps {
    constructor(
        private readonly settings: Settings,
        private readonly region: string,
        private readonly faults: Fault[],
    ) {}

    /** Without them, the host could not tell the database from an impostor. */
    authorities(): void {
        if (this.settings.backend === "rds" && !hasAuthorities(this.region)) {
            this.refuse(
                ["backend", `rds in ${this.region}`, "a region of which host/authorities has the file"],
                "npm run authorities, which fetches AWS's present list, and look at what it has changed",
            );
        }
    }

    async existingInstance() {
        const { existingInstanceId: instanceId } = this.settings;
        const found = await this.named("existingInstanceId", "an instance", aws.ec2.getInstance({ instanceId }));
        return found && { id: instanceId, arn: found.arn, address: found.publicIp || found.privateIp };
    }

    async existingBucket() {
        const { existingBucketName: bucket } = this.settings;
        const found = await this.named("existingBucketName", "a bucket", aws.s3.getBucket({ bucket }));
        if (found && found.bucketRegion !== this.region) {
            this.refuse(
                [
                    "existingBucketName",
                    `${bucket} in ${found.bucketRegion}`,
                    `a bucket in ${this.region}, the stack's region`,
                ],
                `pulumi config set aws:region ${found.bucketRegion}, or name a bucket in ${this.region}`,
            );
        }
        return found && { name: bucket, arn: found.arn };
    }

    async clientRole(name: string): Promise<ClientRole | undefined> {
        const found = await this.named("clientRoleNames", "a role", aws.iam.getRole({ name }), name);
        return found && { name, arn: found.arn, reserved: isPermissionSetRole(name) };
    }

    async keyPair() {
        const { sshKeyPairName: keyName } = this.settings;
        const query = aws.ec2.getKeyPair({ keyName, includePublicKey: true });
        return (await this.named("sshKeyPairName", "a key pair", query))?.publicKey;
    }

    async image() {
        const { ami, instanceType } = this.settings;
        if (ami.startsWith("ami-")) {
            return ami;
        }
        const name = `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architectureOf(instanceType)}`;
        return (await aws.ssm.getParameter({ name })).insecureValue;
    }

    async givenNetwork(): Promise<Network | undefined> {
        const { vpcId, subnetId } = this.settings;
        const subnet = await this.named("subnetId", "a subnet", aws.ec2.getSubnet({ id: subnetId }));
        if (subnet && subnet.vpcId !== vpcId) {
            this.refuse(
                ["subnetId", `${subnetId}, which is in ${subnet.vpcId}`, `a subnet of ${vpcId}`],
                `pulumi config set vpcId ${subnet.vpcId}, or name a subnet of ${vpcId}`,
            );
        }
        return (
            subnet && {
                ...{ vpcId, subnetId, availabilityZone: subnet.availabilityZone },
                ...{ isDefault: false, databaseSubnetIds: [] },
            }
        );
    }

    /** The default subnet that comes first by its id in a zone that offers the instance type: the same at every run. */
    async defaultNetwork(): Promise<Network | undefined> {
        const { instanceType } = this.settings;
        const [{ ids: vpcIds }, { locations }] = await Promise.all([
            aws.ec2.getVpcs({ filters: [{ name: "is-default", values: ["true"] }] }),
            aws.ec2.getInstanceTypeOfferings({
                locationType: "availability-zone",
                filters: [{ name: "instance-type", values: [instanceType] }],
            }),
        ]);
        const [vpcId] = vpcIds;
        if (!vpcId) {
            this.refuse(
                ["vpcId", "nothing", `nothing only in a region with a default VPC, and ${this.region} has none`],
                "aws ec2 create-default-vpc, or pulumi config set vpcId and subnetId",
            );
            return undefined;
        }
        const { ids } = await aws.ec2.getSubnets({
            filters: [
                { name: "vpc-id", values: [vpcId] },
                { name: "default-for-az", values: ["true"] },
            ],
        });
        const subnets = await Promise.all([...ids].sort().map((id) => aws.ec2.getSubnet({ id })));
        const subnet = subnets.find(({ availabilityZone }) => locations.includes(availabilityZone));
        if (!subnet) {
            this.refuse(
                ["instanceType", instanceType, `a type that a default subnet's zone in ${this.region} offers`],
                "pulumi config set instanceType t3.small, or pulumi config set vpcId and subnetId",
            );
        }
        return (
            subnet && {
                ...{ vpcId, subnetId: subnet.id, availabilityZone: subnet.availabilityZone },
                ...{ isDefault: true, databaseSubnetIds: subnets.map(({ id }) => id) },
            }
        );
    }

    /** Something that a setting names: it must exist, and the caller must be allowed to look at it. */
    private async named<T>(
        key: Named,
        kind: string,
        query: Promise<T>,
        got = String(this.settings[key]),
    ): Promise<T | undefined> {
        try {
            return await query;
        } catch (error) {
            const reason = String((error as Error).message)
                .replace(/\s+/g, " ")
                .trim();
            this.refuse(
                [key, got, `${kind} that exists in ${this.region} and that you may look at`],
                `correct the name, or use credentials of its account (${reason})`,
            );
            return undefined;
        }
    }

    private refuse([property, got, allowed]: [string, string, string], remedy: string): void {
        this.faults.push(fault(property, got, allowed, remedy));
    }
}
