import { ec2, given, keysOf, made, own, retagged } from "./machines";
import { type Asks, each, type Request } from "./request";

const vpc = ec2("vpc/vpc-0a1b2c3d4e5f60718");
const subnet = ec2("subnet/subnet-0a1b2c3d4e5f60718");
const gateway = ec2("internet-gateway/igw-0a1b2c3d4e5f60718");
const table = ec2("route-table/rtb-0a1b2c3d4e5f60718");
const endpoint = ec2("vpc-endpoint/vpce-0a1b2c3d4e5f60718");
const group = ec2("security-group/sg-0d1e2f3a4b5c6d7e8");

/** The same action on several things of the stack. */
const onAll = (action: string, ...resources: string[]): Request[] =>
    resources.map((resource) => [`ec2:${action}`, resource, own()]);

/** A network of the stack's own. */
export const network: Readonly<Record<string, Asks>> = {
    "aws:ec2/vpc:Vpc": ({ inputs: { tags } }) => ({
        create: [...made("CreateVpc", vpc, tags), ...onAll("ModifyVpcAttribute", vpc)],
        read: each(
            [
                ...["ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeNetworkAcls"],
                ...["ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups"],
            ],
            "*",
        ),
        update: [...onAll("ModifyVpcAttribute", vpc), ...retagged(vpc, own())],
        delete: onAll("DeleteVpc", vpc),
    }),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ({ inputs: { tags } }) => {
        const closed = own("mlflow-dev-network-default");
        return {
            create: [
                // AWS has made it, without tags.
                ["ec2:CreateTags", group, { ...given(tags), ...keysOf(tags) }],
                ...each(["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"], group, closed),
            ],
            read: [["ec2:DescribeSecurityGroups", "*"]],
            update: retagged(group, closed),
            delete: [],
        };
    },
    "aws:ec2/subnet:Subnet": ({ inputs: { tags } }) => ({
        create: [...made("CreateSubnet", subnet, tags), ...onAll("CreateSubnet", vpc)],
        read: [["ec2:DescribeSubnets", "*"]],
        update: [...onAll("ModifySubnetAttribute", subnet), ...retagged(subnet, own())],
        delete: [["ec2:DescribeNetworkInterfaces", "*"], ...onAll("DeleteSubnet", subnet)],
    }),
    "aws:ec2/internetGateway:InternetGateway": ({ inputs: { tags } }) => ({
        create: [...made("CreateInternetGateway", gateway, tags), ...onAll("AttachInternetGateway", gateway, vpc)],
        read: [["ec2:DescribeInternetGateways", "*"]],
        update: retagged(gateway, own()),
        delete: [...onAll("DetachInternetGateway", gateway, vpc), ...onAll("DeleteInternetGateway", gateway)],
    }),
    "aws:ec2/routeTable:RouteTable": ({ inputs: { tags } }) => ({
        create: [...made("CreateRouteTable", table, tags), ...onAll("CreateRouteTable", vpc)],
        read: [["ec2:DescribeRouteTables", "*"]],
        update: retagged(table, own()),
        delete: [...onAll("DisassociateRouteTable", table, subnet), ...onAll("DeleteRouteTable", table)],
    }),
    "aws:ec2/route:Route": () => ({
        create: onAll("CreateRoute", table),
        read: [["ec2:DescribeRouteTables", "*"]],
        update: onAll("ReplaceRoute", table),
        delete: onAll("DeleteRoute", table),
    }),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": () => ({
        create: onAll("AssociateRouteTable", table, subnet),
        read: [["ec2:DescribeRouteTables", "*"]],
        update: onAll("ReplaceRouteTableAssociation", table, subnet),
        delete: onAll("DisassociateRouteTable", table, subnet),
    }),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ({ inputs: { tags } }) => ({
        create: [...made("CreateVpcEndpoint", endpoint, tags), ...onAll("CreateVpcEndpoint", vpc, table)],
        read: each(["ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"], "*"),
        update: [...onAll("ModifyVpcEndpoint", endpoint, table), ...retagged(endpoint, own())],
        delete: onAll("DeleteVpcEndpoints", endpoint),
    }),
};
