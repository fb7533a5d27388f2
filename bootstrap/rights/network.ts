import { tagsOf } from "./machines";
import type { Rights } from "./rights";

/** A network of the stack's own. */
export const networkRights = {
    "aws:ec2/vpc:Vpc": {
        read: {
            anything: [
                "ec2:DescribeVpcs",
                "ec2:DescribeVpcAttribute",
                "ec2:DescribeNetworkAcls",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
            ],
        },
        change: {
            newNetwork: ["ec2:CreateVpc"],
            network: ["ec2:ModifyVpcAttribute", "ec2:DeleteVpc"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        read: { anything: ["ec2:DescribeSecurityGroups"] },
        change: {
            // AWS makes it with the VPC, without tags; the provider tags it first, and then takes its rules away.
            tagsOfClosedGroup: ["ec2:CreateTags"],
            closedGroup: ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
            ...tagsOf(false),
        },
    },
    "aws:ec2/subnet:Subnet": {
        read: { anything: ["ec2:DescribeSubnets"] },
        change: {
            newNetwork: ["ec2:CreateSubnet"],
            network: ["ec2:CreateSubnet", "ec2:ModifySubnetAttribute", "ec2:DeleteSubnet"],
            anything: ["ec2:DescribeNetworkInterfaces"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/internetGateway:InternetGateway": {
        read: { anything: ["ec2:DescribeInternetGateways"] },
        change: {
            newNetwork: ["ec2:CreateInternetGateway"],
            network: ["ec2:AttachInternetGateway", "ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/routeTable:RouteTable": {
        read: { anything: ["ec2:DescribeRouteTables"] },
        change: {
            newNetwork: ["ec2:CreateRouteTable"],
            network: ["ec2:CreateRouteTable", "ec2:DeleteRouteTable"],
            ...tagsOf(true),
        },
    },
    "aws:ec2/route:Route": {
        read: { anything: ["ec2:DescribeRouteTables"] },
        change: { network: ["ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"] },
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
        read: { anything: ["ec2:DescribeRouteTables"] },
        change: {
            network: ["ec2:AssociateRouteTable", "ec2:ReplaceRouteTableAssociation", "ec2:DisassociateRouteTable"],
        },
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        read: { anything: ["ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"] },
        change: {
            newNetwork: ["ec2:CreateVpcEndpoint"],
            network: ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"],
            ...tagsOf(true),
        },
    },
} as const satisfies Record<string, Rights>;
