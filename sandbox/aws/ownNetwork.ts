import * as ec2 from "@aws-sdk/client-ec2";
import { retag, tagsOf } from "./ec2Tags";
import { type Clients, type ResourceHandler, type State, tagsFrom, unlessGone } from "./handlers";

// A network of a stack's own.

/** Reads what carries tags; nothing where it is gone. */
const tagged =
    (describe: (client: ec2.EC2Client, id: string) => Promise<{ Tags?: ec2.Tag[] } | undefined>) =>
    async ({ ec2: client }: Clients, id: string, state: State): Promise<State | undefined> => {
        const found = await unlessGone(describe(client, id));
        return found && { ...state, tags: tagsFrom(found.Tags) };
    };

const vpc: ResourceHandler = {
    async create(clients, { cidrBlock, enableDnsSupport, enableDnsHostnames, tags }) {
        const { Vpc } = await clients.ec2.send(
            new ec2.CreateVpcCommand({ CidrBlock: cidrBlock, TagSpecifications: tagsOf("vpc", tags) }),
        );
        const VpcId = Vpc!.VpcId!;
        // AWS takes one attribute at a time.
        for (const attribute of [
            { EnableDnsSupport: { Value: enableDnsSupport } },
            { EnableDnsHostnames: { Value: enableDnsHostnames } },
        ]) {
            await clients.ec2.send(new ec2.ModifyVpcAttributeCommand({ VpcId, ...attribute }));
        }
        return { id: VpcId };
    },
    update: retag,
    read: tagged(async (client, id) => (await client.send(new ec2.DescribeVpcsCommand({ VpcIds: [id] }))).Vpcs?.[0]),
    delete: ({ ec2: client }, VpcId) => unlessGone(client.send(new ec2.DeleteVpcCommand({ VpcId }))),
};

/** As the provider does: the group that AWS has made with the VPC, without the rules that it has come with. It goes with the VPC. */
const defaultSecurityGroup: ResourceHandler = {
    async create(clients, { vpcId, tags }) {
        const { SecurityGroups } = await clients.ec2.send(
            new ec2.DescribeSecurityGroupsCommand({
                Filters: [
                    { Name: "vpc-id", Values: [vpcId] },
                    { Name: "group-name", Values: ["default"] },
                ],
            }),
        );
        const { GroupId, IpPermissions, IpPermissionsEgress } = SecurityGroups![0];
        await retag(clients, GroupId!, { tags }, {});
        if (IpPermissions!.length > 0) {
            await clients.ec2.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
        }
        if (IpPermissionsEgress!.length > 0) {
            await clients.ec2.send(
                new ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }),
            );
        }
        return { id: GroupId! };
    },
    update: retag,
    read: tagged(
        async (client, id) =>
            (await client.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups?.[0],
    ),
    delete: async () => undefined,
};

const subnet: ResourceHandler = {
    async create(clients, { vpcId, cidrBlock, availabilityZone, mapPublicIpOnLaunch, tags }) {
        const { Subnet } = await clients.ec2.send(
            new ec2.CreateSubnetCommand({
                VpcId: vpcId,
                CidrBlock: cidrBlock,
                AvailabilityZone: availabilityZone,
                TagSpecifications: tagsOf("subnet", tags),
            }),
        );
        const SubnetId = Subnet!.SubnetId!;
        await clients.ec2.send(
            new ec2.ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: mapPublicIpOnLaunch } }),
        );
        return { id: SubnetId };
    },
    update: retag,
    read: tagged(
        async (client, id) => (await client.send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }))).Subnets?.[0],
    ),
    delete: ({ ec2: client }, SubnetId) => unlessGone(client.send(new ec2.DeleteSubnetCommand({ SubnetId }))),
};

const internetGateway: ResourceHandler = {
    async create(clients, { vpcId: VpcId, tags }) {
        const { InternetGateway } = await clients.ec2.send(
            new ec2.CreateInternetGatewayCommand({ TagSpecifications: tagsOf("internet-gateway", tags) }),
        );
        const InternetGatewayId = InternetGateway!.InternetGatewayId!;
        await clients.ec2.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
        return { id: InternetGatewayId };
    },
    update: retag,
    read: tagged(
        async (client, id) =>
            (await client.send(new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] })))
                .InternetGateways?.[0],
    ),
    async delete({ ec2: client }, InternetGatewayId, { vpcId: VpcId }) {
        await unlessGone(client.send(new ec2.DetachInternetGatewayCommand({ InternetGatewayId, VpcId })));
        await unlessGone(client.send(new ec2.DeleteInternetGatewayCommand({ InternetGatewayId })));
    },
};

async function describeRouteTable({ ec2: client }: Clients, id: string): Promise<ec2.RouteTable | undefined> {
    const found = await unlessGone(client.send(new ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] })));
    return found?.RouteTables?.[0];
}

const routeTable: ResourceHandler = {
    async create(clients, { vpcId, tags }) {
        const { RouteTable } = await clients.ec2.send(
            new ec2.CreateRouteTableCommand({ VpcId: vpcId, TagSpecifications: tagsOf("route-table", tags) }),
        );
        return { id: RouteTable!.RouteTableId! };
    },
    update: retag,
    async read(clients, id, state) {
        const found = await describeRouteTable(clients, id);
        return found && { ...state, tags: tagsFrom(found.Tags) };
    },
    delete: ({ ec2: client }, RouteTableId) =>
        unlessGone(client.send(new ec2.DeleteRouteTableCommand({ RouteTableId }))),
};

const route: ResourceHandler = {
    async create({ ec2: client }, { routeTableId, destinationCidrBlock, gatewayId }) {
        await client.send(
            new ec2.CreateRouteCommand({
                RouteTableId: routeTableId,
                DestinationCidrBlock: destinationCidrBlock,
                GatewayId: gatewayId,
            }),
        );
        return { id: `r-${routeTableId}` };
    },
    async read(clients, _, state) {
        const found = await describeRouteTable(clients, state.routeTableId);
        const isIt = ({ DestinationCidrBlock, GatewayId }: ec2.Route) =>
            DestinationCidrBlock === state.destinationCidrBlock && GatewayId === state.gatewayId;
        return found?.Routes?.some(isIt) ? state : undefined;
    },
    delete: ({ ec2: client }, _, { routeTableId: RouteTableId, destinationCidrBlock: DestinationCidrBlock }) =>
        unlessGone(client.send(new ec2.DeleteRouteCommand({ RouteTableId, DestinationCidrBlock }))),
};

const routeTableAssociation: ResourceHandler = {
    async create({ ec2: client }, { routeTableId: RouteTableId, subnetId: SubnetId }) {
        const { AssociationId } = await client.send(new ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId }));
        return { id: AssociationId! };
    },
    async read(clients, id, state) {
        const found = await describeRouteTable(clients, state.routeTableId);
        const isIt = ({ RouteTableAssociationId }: ec2.RouteTableAssociation) => RouteTableAssociationId === id;
        return found?.Associations?.some(isIt) ? state : undefined;
    },
    delete: ({ ec2: client }, AssociationId) =>
        unlessGone(client.send(new ec2.DisassociateRouteTableCommand({ AssociationId }))),
};

const vpcEndpoint: ResourceHandler = {
    async create(clients, inputs) {
        const { VpcEndpoint } = await clients.ec2.send(
            new ec2.CreateVpcEndpointCommand({
                VpcId: inputs.vpcId,
                ServiceName: inputs.serviceName,
                VpcEndpointType: inputs.vpcEndpointType,
                RouteTableIds: inputs.routeTableIds,
                TagSpecifications: tagsOf("vpc-endpoint", inputs.tags),
            }),
        );
        return { id: VpcEndpoint!.VpcEndpointId! };
    },
    update: retag,
    read: tagged(async (client, id) => {
        const { VpcEndpoints } = await client.send(new ec2.DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }));
        return VpcEndpoints!.find(({ State }) => !/^deleted$/i.test(State!));
    }),
    delete: ({ ec2: client }, id) =>
        unlessGone(client.send(new ec2.DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))),
};

export const ownNetworkHandlers: Readonly<Record<string, ResourceHandler>> = {
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/internetGateway:InternetGateway": internetGateway,
    "aws:ec2/routeTable:RouteTable": routeTable,
    "aws:ec2/route:Route": route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
};
