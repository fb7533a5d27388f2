// What `no-wildcards-in-iam` lets pass, and why. Everything else names its actions and its resources.

interface Exception {
    readonly why: string;
    /** Whole names of actions; a pattern where AWS has a row of them. */
    readonly actions: readonly (string | RegExp)[];
}

/** Actions that AWS lets nobody limit to a resource: with them, `Resource: "*"` is the only way. */
const withoutResource: readonly Exception[] = [
    {
        why: "the Session Manager agent on an instance",
        actions: [
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
    },
    { why: "EC2's look-ups: they read the account's configuration, no data", actions: [/^ec2:Describe[A-Z]\w+$/] },
    {
        why: "looking for things by name",
        actions: [
            "iam:ListRoles",
            "iam:ListUsers",
            "iam:ListPolicies",
            "iam:ListOpenIDConnectProviders",
            "kms:ListAliases",
            "kms:ListKeys",
            "rds:DescribeDBEngineVersions",
            "s3:ListAllMyBuckets",
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeParameters",
        ],
    },
    { why: "who am I", actions: ["sts:GetCallerIdentity"] },
    { why: "figures of a program; a name space can be demanded by condition", actions: ["cloudwatch:PutMetricData"] },
    {
        why: "the registry's sign-in token; rights to a repository come besides",
        actions: ["ecr:GetAuthorizationToken"],
    },
];

/** Actions with a wildcard of their own. */
const rows: readonly Exception[] = [
    { why: "EC2's look-ups, all of them: they read the account's configuration, no data", actions: ["ec2:Describe*"] },
];

/** Actions compare without case, as in IAM. */
const isAmong = (exceptions: readonly Exception[], action: string) =>
    exceptions
        .flatMap(({ actions }) => actions)
        .some((known) =>
            typeof known === "string"
                ? known.toLowerCase() === action.toLowerCase()
                : new RegExp(known.source, "i").test(action),
        );

export const mayHaveWildcard = (action: string): boolean => isAmong(rows, action);
export const hasNoResource = (action: string): boolean => isAmong(withoutResource, action) || mayHaveWildcard(action);
