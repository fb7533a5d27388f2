import type { Rights } from "./rights";

const tags = ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"];

/** The PostgreSQL in RDS and what belongs to it. */
export const databaseRights = {
    "random:index/randomPassword:RandomPassword": {},
    "aws:rds/subnetGroup:SubnetGroup": {
        read: {
            databaseGroups: ["rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"],
            // RDS looks where the subnets are, in the name of whoever makes the group.
            anything: ["ec2:DescribeAvailabilityZones", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
        },
        change: {
            databaseGroups: ["rds:CreateDBSubnetGroup", "rds:ModifyDBSubnetGroup", "rds:DeleteDBSubnetGroup", ...tags],
        },
    },
    "aws:rds/parameterGroup:ParameterGroup": {
        read: {
            databaseGroups: ["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"],
        },
        change: {
            databaseGroups: [
                "rds:CreateDBParameterGroup",
                "rds:ModifyDBParameterGroup",
                "rds:DeleteDBParameterGroup",
                ...tags,
            ],
        },
    },
    "aws:rds/instance:Instance": {
        read: {
            everyDatabase: ["rds:DescribeDBInstances"],
            database: ["rds:ListTagsForResource"],
            // And at these, when it makes an instance.
            anything: ["ec2:DescribeAccountAttributes", "ec2:DescribeSecurityGroups"],
        },
        change: {
            database: ["rds:CreateDBInstance", "rds:ModifyDBInstance", ...tags],
            databaseGroups: ["rds:CreateDBInstance", "rds:ModifyDBInstance"],
            databaseOptions: ["rds:CreateDBInstance", "rds:ModifyDBInstance"],
            unprotectedDatabase: ["rds:DeleteDBInstance"],
            lastSnapshot: ["rds:CreateDBSnapshot", "rds:AddTagsToResource"],
            roleOfRds: ["iam:CreateServiceLinkedRole"],
        },
    },
} as const satisfies Record<string, Rights>;
