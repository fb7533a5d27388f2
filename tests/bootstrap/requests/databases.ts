import { account, type Asks, each, region, type Request, text } from "./request";

const rds = (kind: string, name: unknown) => `arn:aws:rds:${region}:${account}:${kind}:${text(name)}`;
const tags = (resource: string) => each(["rds:AddTagsToResource", "rds:RemoveTagsFromResource"], resource);
/** As the engine names it. */
const group = (kind: string, name: string) => rds(kind, `${name}-0a1b2c3`);

/** The PostgreSQL in RDS and what belongs to it. */
export const databases: Readonly<Record<string, Asks>> = {
    "random:index/randomPassword:RandomPassword": () => ({ create: [], read: [], update: [], delete: [] }),
    "aws:rds/subnetGroup:SubnetGroup": ({ name }) => {
        const subnets = group("subgrp", name);
        return {
            create: each(["rds:CreateDBSubnetGroup", "rds:AddTagsToResource"], subnets),
            read: [
                ["rds:DescribeDBSubnetGroups", subnets],
                ["rds:ListTagsForResource", subnets],
                ...each(["ec2:DescribeAvailabilityZones", "ec2:DescribeSubnets", "ec2:DescribeVpcs"], "*"),
            ],
            update: [["rds:ModifyDBSubnetGroup", subnets], ...tags(subnets)],
            delete: [["rds:DeleteDBSubnetGroup", subnets]],
        };
    },
    "aws:rds/parameterGroup:ParameterGroup": ({ name }) => {
        const parameters = group("pg", name);
        return {
            create: each(
                ["rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup", "rds:AddTagsToResource"],
                parameters,
            ),
            read: [
                ...each(
                    ["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"],
                    parameters,
                ),
            ],
            update: [["rds:ModifyDBParameterGroup", parameters], ...tags(parameters)],
            delete: [["rds:DeleteDBParameterGroup", parameters]],
        };
    },
    "aws:rds/instance:Instance": ({ inputs }) => {
        const instance = rds("db", inputs.identifier);
        const beside: string[] = [
            rds("subgrp", inputs.dbSubnetGroupName),
            rds("pg", inputs.parameterGroupName),
            rds("og", "default:postgres-17"),
        ];
        const onAll = (action: string): Request[] =>
            [instance, ...beside].map((resource) => [action, resource] as Request);
        return {
            create: [
                ...onAll("rds:CreateDBInstance"),
                ["rds:AddTagsToResource", instance],
                [
                    "iam:CreateServiceLinkedRole",
                    `arn:aws:iam::${account}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS`,
                    { "iam:AWSServiceName": "rds.amazonaws.com" },
                ],
            ],
            read: [
                ["rds:DescribeDBInstances", rds("db", "*")],
                ["rds:ListTagsForResource", instance],
                ...each(["ec2:DescribeAccountAttributes", "ec2:DescribeSecurityGroups"], "*"),
            ],
            update: [...onAll("rds:ModifyDBInstance"), ...tags(instance)],
            delete: [
                ["rds:DeleteDBInstance", instance],
                ...(inputs.finalSnapshotIdentifier
                    ? [
                          ...[instance, rds("snapshot", inputs.finalSnapshotIdentifier)].map(
                              (resource) => ["rds:CreateDBSnapshot", resource] as Request,
                          ),
                          ["rds:AddTagsToResource", rds("snapshot", inputs.finalSnapshotIdentifier)] as Request,
                      ]
                    : []),
            ],
        };
    },
};
