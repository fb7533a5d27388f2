import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as ipaddr from "ipaddr.js";

/** Where the host lives. */
export interface Network {
    readonly vpcId: pulumi.Output<string>;
    readonly subnetId: pulumi.Output<string>;
    /** Zone of the subnet: the data volume is made there, whatever becomes of the instance. */
    readonly availabilityZone: pulumi.Output<string>;
    /** The default VPC's subnets have no other way out than a public address. */
    readonly publicAddress: boolean;
}

/** A given VPC and subnet. */
export function givenNetwork(vpcId: string, subnetId: string): Network {
    const subnet = aws.ec2.getSubnetOutput({ id: subnetId });
    return {
        vpcId: subnet.vpcId.apply((actual) => {
            if (actual !== vpcId) {
                throw new pulumi.RunError(
                    `subnetId: got ${subnetId}, which is in ${actual}; allowed: a subnet of ${vpcId}; ` +
                        `remedy: pulumi config set vpcId ${actual}, or name a subnet of ${vpcId}`,
                );
            }
            return actual;
        }),
        subnetId: subnet.id,
        availabilityZone: subnet.availabilityZone,
        publicAddress: false,
    };
}

/**
 * The region's default VPC, and the one of its default subnets that comes first by its id in a zone that offers the
 * instance type: the same one at every evaluation.
 */
export function defaultNetwork(instanceType: string): Network {
    const vpcs = aws.ec2.getVpcsOutput({ filters: [{ name: "is-default", values: ["true"] }] });
    const vpcId = vpcs.ids.apply(([id]) => {
        if (!id) {
            throw new pulumi.RunError(
                "vpcId: got nothing; allowed: nothing only in a region with a default VPC, and this one has none; " +
                    "remedy: pulumi config set vpcId vpc-… and pulumi config set subnetId subnet-…, or make a default VPC: " +
                    "aws ec2 create-default-vpc",
            );
        }
        return id;
    });
    const offerings = aws.ec2.getInstanceTypeOfferingsOutput({
        locationType: "availability-zone",
        filters: [{ name: "instance-type", values: [instanceType] }],
    });
    const subnets = aws.ec2.getSubnetsOutput({
        filters: [
            { name: "vpc-id", values: [vpcId] },
            { name: "default-for-az", values: ["true"] },
            { name: "availability-zone", values: offerings.locations },
        ],
    });
    const subnetId = subnets.ids.apply((ids) => {
        const [first] = [...ids].sort();
        if (!first) {
            throw new pulumi.RunError(
                `instanceType: got ${instanceType}; allowed: a type that a zone of the default VPC offers; ` +
                    "remedy: pulumi config set instanceType t3.small, or name vpcId and subnetId",
            );
        }
        return first;
    });
    return {
        vpcId,
        subnetId,
        availabilityZone: aws.ec2.getSubnetOutput({ id: subnetId }).availabilityZone,
        publicAddress: true,
    };
}

/** Where an external database may be: one address if it was given as one; a name can stand for any. */
export function databaseCidrs(host: string): string[] {
    if (!ipaddr.isValid(host)) {
        return ["0.0.0.0/0"];
    }
    return [`${host}/${ipaddr.parse(host).kind() === "ipv4" ? 32 : 128}`];
}
