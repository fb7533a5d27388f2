import { account, each, region, type Request, text } from "./request";

type Inputs = Readonly<Record<string, unknown>>;

/** What each look-up asks AWS for, in the account and the region of the tests. */
export const lookupRequests: Readonly<Record<string, (inputs: Inputs) => readonly Request[]>> = {
    "aws:index/getRegion:getRegion": () => [],
    "aws:index/getPartition:getPartition": () => [],
    // Nobody needs a right for it.
    "aws:index/getCallerIdentity:getCallerIdentity": () => [],
    "aws:ec2/getVpcs:getVpcs": () => [["ec2:DescribeVpcs", "*"]],
    "aws:ec2/getSubnets:getSubnets": () => [["ec2:DescribeSubnets", "*"]],
    "aws:ec2/getSubnet:getSubnet": () => [["ec2:DescribeSubnets", "*"]],
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": () => [["ec2:DescribeInstanceTypeOfferings", "*"]],
    "aws:ec2/getInstances:getInstances": () => [["ec2:DescribeInstances", "*"]],
    "aws:ebs/getEbsVolumes:getEbsVolumes": () => [["ec2:DescribeVolumes", "*"]],
    "aws:ebs/getVolume:getVolume": () => [["ec2:DescribeVolumes", "*"]],
    "aws:ec2/getKeyPair:getKeyPair": () => [["ec2:DescribeKeyPairs", "*"]],
    "aws:ec2/getInstance:getInstance": ({ instanceId }) => [
        ...each(
            [
                ...["ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeVolumes", "ec2:DescribeTags"],
                "ec2:DescribeInstanceCreditSpecifications",
            ],
            "*",
        ),
        // It has whatever tags its owner gave it.
        ["ec2:DescribeInstanceAttribute", `arn:aws:ec2:${region}:${account}:instance/${text(instanceId)}`],
    ],
    "aws:ssm/getParameter:getParameter": ({ name }) => [
        ["ssm:GetParameter", `arn:aws:ssm:${region}::parameter${text(name)}`],
    ],
    "aws:s3/getBucket:getBucket": ({ bucket }) =>
        each(["s3:ListBucket", "s3:GetBucketLocation"], `arn:aws:s3:::${text(bucket)}`),
    "aws:iam/getRole:getRole": ({ name }) => {
        const path = text(name).startsWith("AWSReservedSSO_") ? "aws-reserved/sso.amazonaws.com/us-east-1/" : "team/";
        return [["iam:GetRole", `arn:aws:iam::${account}:role/${path}${text(name)}`]];
    },
};
