import { databaseRights } from "./rights/databases";
import { costRights } from "./rights/costs";
import { identityRights } from "./rights/identities";
import { machineRights } from "./rights/machines";
import { monitoringRights } from "./rights/monitoring";
import { networkRights } from "./rights/network";
import type { Grants, Rights } from "./rights/rights";
import { storageRights } from "./rights/storage";

/** What the provider asks for to read, make, change and delete each type of resource that the program makes. */
export const typeRights: Readonly<Record<string, Rights>> = {
    ...storageRights,
    ...databaseRights,
    ...identityRights,
    ...machineRights,
    ...costRights,
    ...monitoringRights,
    ...networkRights,
};

/** What each look-up of the program asks for. */
export const lookupRights: Readonly<Record<string, Grants>> = {
    "aws:index/getRegion:getRegion": {},
    "aws:index/getPartition:getPartition": {},
    // Nobody needs a right for it.
    "aws:index/getCallerIdentity:getCallerIdentity": {},
    "aws:ec2/getVpcs:getVpcs": { anything: ["ec2:DescribeVpcs"] },
    "aws:ec2/getSubnets:getSubnets": { anything: ["ec2:DescribeSubnets"] },
    "aws:ec2/getSubnet:getSubnet": { anything: ["ec2:DescribeSubnets"] },
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": { anything: ["ec2:DescribeInstanceTypeOfferings"] },
    "aws:ec2/getInstances:getInstances": { anything: ["ec2:DescribeInstances"] },
    "aws:ebs/getEbsVolumes:getEbsVolumes": { anything: ["ec2:DescribeVolumes"] },
    "aws:ebs/getVolume:getVolume": { anything: ["ec2:DescribeVolumes"] },
    "aws:ec2/getKeyPair:getKeyPair": { anything: ["ec2:DescribeKeyPairs"] },
    "aws:ec2/getInstance:getInstance": {
        anything: [
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstanceCreditSpecifications",
            "ec2:DescribeTags",
            "ec2:DescribeVolumes",
        ],
        existingInstance: ["ec2:DescribeInstanceAttribute"],
    },
    "aws:ssm/getParameter:getParameter": { imageParameter: ["ssm:GetParameter"] },
    "aws:s3/getBucket:getBucket": { anyBucket: ["s3:ListBucket", "s3:GetBucketLocation"] },
    "aws:iam/getRole:getRole": { clientRoles: ["iam:GetRole"] },
};

/** What the commands of CI ask for besides the program. */
export const commandRights: Readonly<Record<string, Rights>> = {
    "The engine: state and secrets": {
        read: {
            stateBucket: ["s3:ListBucket"],
            stateVersion: ["s3:GetObject"],
            state: ["s3:GetObject"],
            secretsKey: ["kms:Decrypt"],
        },
        change: {
            state: ["s3:PutObject", "s3:DeleteObject"],
            stateRecords: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        },
    },
    "The guards: is an access key in use?": {
        read: { clientUser: ["iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"] },
    },
    "The health check after a deployment": {
        read: { anything: ["ec2:DescribeInstances"] },
        change: {
            anything: ["ssm:DescribeInstanceInformation"],
            instance: ["ec2:GetConsoleOutput"],
            existingInstance: ["ec2:GetConsoleOutput"],
        },
    },
};
