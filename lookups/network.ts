import * as aws from "@pulumi/aws";
import { type HostNetwork, type NetworkPlan, publicSubnetNames } from "../components/network";
import { Inquiry } from "./inquiry";
import type { Key } from "../settings/rules";

type Subnet = Pick<aws.ec2.GetSubnetResult, "id" | "vpcId" | "availabilityZone" | "mapPublicIpOnLaunch">;

const moving = "docs/operating.md, Moving the host, says how to move";

/** Finds the place of the host: a network that is there, or what is needed to make one. */
export class NetworkInquiry extends Inquiry {
    async place(): Promise<HostNetwork | NetworkPlan | undefined> {
        const { subnetId, networkCidr } = this.settings;
        const volumeZone = this.zoneOfDataVolume();
        return subnetId
            ? this.givenNetwork(await volumeZone)
            : networkCidr
              ? this.ownNetwork(await volumeZone)
              : this.defaultNetwork(await volumeZone);
    }

    /**
     * Zone of the stack's data volume, by its tags; nothing before the first `up`. A volume cannot leave its zone, so the host must be
     * there: this is seen before the old host is gone.
     */
    private async zoneOfDataVolume(): Promise<string | undefined> {
        const filters = [...this.ownTags(`${this.settings.name}-host-data`), state("creating", "available", "in-use")];
        const { ids } = await aws.ebs.getEbsVolumes({ filters });
        const volumes = await Promise.all(
            [...ids].sort().map((id) => aws.ebs.getVolume({ filters: [{ name: "volume-id", values: [id] }] })),
        );
        const zones = [...new Set(volumes.map(({ availabilityZone }) => availabilityZone))];
        if (zones.length > 1) {
            this.refuse(
                [
                    "data volume",
                    volumes.map(({ id, availabilityZone }) => `${id} in ${availabilityZone}`).join(", "),
                    "one zone for what has the tags of the stack's data volume",
                ],
                "delete the tag Name of the one that the stack does not use",
            );
        }
        return zones[0];
    }

    private async givenNetwork(volumeZone: string | undefined): Promise<HostNetwork | undefined> {
        const { vpcId, subnetId, databaseSubnetIds } = this.settings;
        const [subnet, ...databaseSubnets] = await Promise.all([
            this.subnetOf("subnetId", subnetId),
            ...databaseSubnetIds.map((id) => this.subnetOf("databaseSubnetIds", id)),
        ]);
        const zones = new Set(databaseSubnets.map((found) => found?.availabilityZone));
        if (databaseSubnets.length > 0 && databaseSubnets.every(Boolean) && zones.size < 2) {
            this.refuse(
                [
                    "databaseSubnetIds",
                    `${databaseSubnetIds.join(", ")}, all in ${[...zones].join()}`,
                    "subnets in two zones at least",
                ],
                `name one in another zone of ${this.region}`,
            );
        }
        if (!subnet) {
            return undefined;
        }
        const { availabilityZone } = subnet;
        if (volumeZone && availabilityZone !== volumeZone) {
            this.refuse(
                [
                    "subnetId",
                    `${subnetId} in ${availabilityZone}`,
                    `a subnet in ${volumeZone}, where the stack's data volume is`,
                ],
                `name one there; ${moving}`,
            );
        }
        return { vpcId, subnetId, availabilityZone, publicAddress: "subnet", databaseSubnetIds };
    }

    /** A subnet that a setting names, which must be one of the given VPC. */
    private async subnetOf(key: Key, id: string): Promise<Subnet | undefined> {
        const { vpcId } = this.settings;
        const subnet = await this.named(key, id, "a subnet", aws.ec2.getSubnet({ id }));
        if (subnet && subnet.vpcId !== vpcId) {
            this.refuse(
                [key, `${id}, which is in ${subnet.vpcId}`, `a subnet of ${vpcId}`],
                `pulumi config set vpcId ${subnet.vpcId}, or name a subnet of ${vpcId}`,
            );
        }
        return subnet;
    }

    /** The zones of the stack's network where it exists; otherwise that of its data volume, and the first others by their names. */
    private async ownNetwork(volumeZone: string | undefined): Promise<NetworkPlan | undefined> {
        const { networkCidr: cidr, instanceType, name } = this.settings;
        const names = publicSubnetNames(`${name}-network`);
        const [offered, existing] = await Promise.all([this.zonesThatOffer(), this.subnets(this.ownTags(...names))]);
        const made = existing.map(({ availabilityZone }) => availabilityZone);
        const candidates = [...new Set([...made, ...(volumeZone ? [volumeZone] : []), ...offered])];
        const zones = candidates.slice(0, 2).sort();
        const hostZone = volumeZone ?? zones.find((zone) => offered.includes(zone));
        if (!hostZone || !offered.includes(hostZone) || zones.length < 2) {
            this.refuse(
                [
                    "instanceType",
                    `${instanceType}, which ${this.region} offers in ${offered.join(", ") || "no zone"}`,
                    `with networkCidr, a type of ${volumeZone ? `${volumeZone}, where the stack's data volume is, and of another zone` : "two zones"}`,
                ],
                "pulumi config set instanceType t3.small, or pulumi config rm networkCidr",
            );
            return undefined;
        }
        if (!zones.includes(hostZone)) {
            this.refuse(
                ["data volume", `one in ${hostZone}`, `one in ${zones.join(" or ")}, the zones of the stack's network`],
                moving,
            );
            return undefined;
        }
        const [first, second] = zones;
        return { cidr, zones: [first, second], hostZone, publicAddress: await this.publicAddressIn(existing) };
    }

    /** An address that the host asks for is given up with a stop. Ignored for longer, the next host would not ask for one. */
    private async publicAddressIn(subnets: readonly Subnet[]): Promise<HostNetwork["publicAddress"]> {
        if (subnets.length === 0) {
            return "host";
        }
        const { ids, publicIps } = await aws.ec2.getInstances({
            filters: [
                ...this.ownTags(`${this.settings.name}-host`),
                { name: "subnet-id", values: subnets.map(({ id }) => id) },
            ],
            instanceStateNames: ["pending", "running", "stopping", "stopped"],
        });
        return ids.length > 0 && publicIps.length === 0 ? "stopped" : "host";
    }

    /** The default subnet in the data volume's zone; at first the one that comes first by its id in a zone that offers the instance type. */
    private async defaultNetwork(volumeZone: string | undefined): Promise<HostNetwork | undefined> {
        const { instanceType } = this.settings;
        const [{ ids: vpcIds }, offered] = await Promise.all([
            aws.ec2.getVpcs({ filters: [{ name: "is-default", values: ["true"] }] }),
            this.zonesThatOffer(),
        ]);
        const [vpcId] = vpcIds;
        if (!vpcId) {
            this.refuse(
                ["vpcId", "nothing", `nothing only in a region with a default VPC, and ${this.region} has none`],
                "aws ec2 create-default-vpc, or pulumi config set vpcId and subnetId, or networkCidr",
            );
            return undefined;
        }
        const subnets = await this.subnets([
            { name: "vpc-id", values: [vpcId] },
            { name: "default-for-az", values: ["true"] },
        ]);
        const subnet = subnets.find(
            ({ availabilityZone: zone }) => offered.includes(zone) && (volumeZone ?? zone) === zone,
        );
        if (!subnet) {
            this.refuse(
                [
                    "instanceType",
                    instanceType,
                    volumeZone
                        ? `a type that ${volumeZone}, where the stack's data volume is, offers, and a default subnet there`
                        : `a type that a default subnet's zone in ${this.region} offers`,
                ],
                "pulumi config set instanceType t3.small, or pulumi config set vpcId and subnetId, or networkCidr",
            );
            return undefined;
        }
        const { id: subnetId, availabilityZone } = subnet;
        const publicAddress = subnet.mapPublicIpOnLaunch ? "subnet" : await this.publicAddressIn([subnet]);
        return { vpcId, subnetId, availabilityZone, publicAddress, databaseSubnetIds: subnets.map(({ id }) => id) };
    }

    /** By their names. Local and Wavelength Zones, which databases and many volumes can't be in, have other names. */
    private async zonesThatOffer(): Promise<string[]> {
        const { locations } = await aws.ec2.getInstanceTypeOfferings({
            locationType: "availability-zone",
            filters: [{ name: "instance-type", values: [this.settings.instanceType] }],
        });
        const isZone = new RegExp(`^${this.region}[a-z]$`);
        return locations.filter((location) => isZone.test(location)).sort();
    }

    /** By their ids. */
    private async subnets(filters: Filter[]): Promise<Subnet[]> {
        const { ids } = await aws.ec2.getSubnets({ filters });
        return Promise.all([...ids].sort().map((id) => aws.ec2.getSubnet({ id })));
    }

    /** What the stack has made with one of these names. */
    private ownTags(...names: readonly string[]): Filter[] {
        const { Project, Environment } = this.settings.tags;
        return Object.entries({ Project: [Project], Environment: [Environment], Name: names }).map(([key, values]) => ({
            name: `tag:${key}`,
            values: [...values],
        }));
    }
}

interface Filter {
    readonly name: string;
    readonly values: string[];
}

const state = (...values: string[]): Filter => ({ name: "status", values });
