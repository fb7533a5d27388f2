import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { subnetRanges } from "./networkRanges";
import { token } from "./token";

/** Where the host lives, whoever has made it. */
export interface HostNetwork {
    readonly vpcId: pulumi.Input<string>;
    /** Subnet of the host, known only when it has its way to the internet. */
    readonly subnetId: pulumi.Input<string>;
    /** Zone of the subnet: the data volume is made there, whatever becomes of the instance. */
    readonly availabilityZone: string;
    /**
     * Where the host's public address comes from. `subnet`: from the subnet, or there is none. `host`: the host asks for one, having no
     * other way out. `stopped`: the same, but the host has none now because it is stopped, which is no change.
     */
    readonly publicAddress: "subnet" | "host" | "stopped";
    /** Subnets in two zones or more that a database may live in; none where nobody has named any. */
    readonly databaseSubnetIds: readonly pulumi.Input<string>[];
}

/** A network that the program makes. */
export interface NetworkPlan {
    readonly cidr: string;
    /** Two zones, in the order of the subnets. */
    readonly zones: readonly [string, string];
    /** The one of them that the host lives in. */
    readonly hostZone: string;
    readonly publicAddress: HostNetwork["publicAddress"];
}

export interface NetworkArgs extends NetworkPlan {
    readonly region: string;
    readonly tags: Record<string, string>;
}

/** Name tags of the public subnets: by these the zones of a network that exists are found. */
export const publicSubnetNames = (network: string) => [`${network}-public-1`, `${network}-public-2`] as const;

/**
 * A VPC of the stack's own, in two zones: public subnets, which have a way to the internet but hand out no addresses, and subnets for a
 * database, which have none. S3 is reached through a gateway endpoint, which costs nothing. Nothing here is billed by the hour: no NAT
 * gateway, no interface endpoint, no flow log.
 */
export class Network extends pulumi.ComponentResource implements HostNetwork {
    public readonly vpcId: pulumi.Output<string>;
    public readonly subnetId: pulumi.Output<string>;
    public readonly availabilityZone: string;
    public readonly publicAddress: HostNetwork["publicAddress"];
    public readonly databaseSubnetIds: readonly [pulumi.Output<string>, pulumi.Output<string>];

    constructor(
        private readonly name: string,
        args: NetworkArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("Network"), name, {}, opts);
        const { cidr, tags } = args;
        const ranges = subnetRanges(cidr);
        const vpc = new aws.ec2.Vpc(
            `${name}-vpc`,
            // A gateway endpoint needs both.
            { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: { ...tags, Name: name } },
            { parent: this },
        );
        this.vpcId = vpc.id;
        // AWS makes one in every VPC and lets its members reach each other and anything: adopted without a rule, so that nobody uses it.
        new aws.ec2.DefaultSecurityGroup(
            `${name}-default`,
            { vpcId: vpc.id, tags: { ...tags, Name: `${name}-default` } },
            { parent: this },
        );

        const publicTable = this.createRouteTable("public", tags);
        const databaseTable = this.createRouteTable("database", tags);
        const names = { public: publicSubnetNames(name), database: [`${name}-database-1`, `${name}-database-2`] };
        const publicSubnets = names.public.map((subnet, index) =>
            this.createSubnet(subnet, ranges.public[index], args.zones[index], publicTable, tags),
        );
        const [first, second] = names.database.map((subnet, index) =>
            this.createSubnet(subnet, ranges.database[index], args.zones[index], databaseTable, tags),
        );
        this.databaseSubnetIds = [first.id, second.id];

        const wayOut = [
            this.createRouteToInternet(publicTable, tags),
            this.createS3Endpoint(args.region, [publicTable, databaseTable], tags),
        ];
        const host = publicSubnets[args.zones.indexOf(args.hostZone)];
        this.subnetId = pulumi.all([host.id, host.tableId, ...wayOut.map(({ id }) => id)]).apply(([id]) => id);
        this.availabilityZone = args.hostZone;
        this.publicAddress = args.publicAddress;
        this.registerOutputs({
            vpcId: this.vpcId,
            subnetId: this.subnetId,
            databaseSubnetIds: this.databaseSubnetIds,
        });
    }

    private createRouteTable(kind: string, tags: Record<string, string>): aws.ec2.RouteTable {
        const name = `${this.name}-${kind}`;
        return new aws.ec2.RouteTable(name, { vpcId: this.vpcId, tags: { ...tags, Name: name } }, { parent: this });
    }

    /** Its id, and that of the connection to its route table. */
    private createSubnet(
        name: string,
        cidrBlock: string,
        availabilityZone: string,
        table: aws.ec2.RouteTable,
        tags: Record<string, string>,
    ) {
        const subnet = new aws.ec2.Subnet(
            name,
            {
                vpcId: this.vpcId,
                cidrBlock,
                availabilityZone,
                mapPublicIpOnLaunch: false,
                tags: { ...tags, Name: name },
            },
            { parent: this },
        );
        const association = new aws.ec2.RouteTableAssociation(
            `${name}-routes`,
            { subnetId: subnet.id, routeTableId: table.id },
            { parent: this },
        );
        return { id: subnet.id, tableId: association.id };
    }

    private createRouteToInternet(table: aws.ec2.RouteTable, tags: Record<string, string>): aws.ec2.Route {
        const gateway = new aws.ec2.InternetGateway(
            `${this.name}-gateway`,
            { vpcId: this.vpcId, tags: { ...tags, Name: `${this.name}-gateway` } },
            // The provider would move it to another VPC, which AWS refuses for as long as the old one has a host with an address.
            { parent: this, replaceOnChanges: ["vpcId"] },
        );
        return new aws.ec2.Route(
            `${this.name}-internet`,
            { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
            { parent: this },
        );
    }

    /**
     * With AWS's own policy, which lets everything through. A narrower one would have to name every bucket that packages, agents and
     * certificates come from, and those are not all documented; it would hold nobody back, because the host reaches S3 in other regions
     * through the internet gateway. What the host may do in S3 is its role's business.
     */
    private createS3Endpoint(
        region: string,
        tables: readonly aws.ec2.RouteTable[],
        tags: Record<string, string>,
    ): aws.ec2.VpcEndpoint {
        return new aws.ec2.VpcEndpoint(
            `${this.name}-s3`,
            {
                vpcId: this.vpcId,
                serviceName: `com.amazonaws.${region}.s3`,
                vpcEndpointType: "Gateway",
                routeTableIds: tables.map(({ id }) => id),
                tags: { ...tags, Name: `${this.name}-s3` },
            },
            { parent: this },
        );
    }
}
