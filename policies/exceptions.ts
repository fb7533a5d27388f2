/** Actions that `no-wildcards-in-iam` lets pass with `Resource: "*"`. No action passes that has a wildcard itself. */
interface Exception {
    readonly why: string;
    /** `*` stands for the rest of a name, where AWS has a row of them. */
    readonly actions: readonly string[];
    /** Those of the row that do not pass. */
    readonly but?: readonly string[];
}

export const exceptions: readonly Exception[] = [
    {
        why: "the agent of Session Manager on an instance: AWS's own instructions for it have no narrower resource",
        actions: [
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
    },
    {
        why: "look-ups of EC2, nearly all of which AWS can't limit: they show how things are set up, and no data. The one that does not pass shows user data, and can be limited",
        actions: ["ec2:Describe*"],
        but: ["ec2:DescribeInstanceAttribute"],
    },
    {
        why: "lists of what there is, which AWS can't limit: they show names, and no contents",
        actions: [
            "iam:ListOpenIDConnectProviders",
            "iam:ListPolicies",
            "iam:ListRoles",
            "iam:ListUsers",
            "iam:ListVirtualMFADevices",
            "kms:ListAliases",
            "kms:ListKeys",
            "rds:DescribeDBEngineVersions",
            "s3:ListAllMyBuckets",
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeParameters",
        ],
    },
    { why: "who the caller is, which everybody may ask in any case", actions: ["sts:GetCallerIdentity"] },
    {
        why: "measurements that a program sends: they belong to no resource; a condition can name their namespace",
        actions: ["cloudwatch:PutMetricData"],
    },
    {
        why: "one subscription, which AWS can't limit: whoever asks must know the id at the end of its ARN, which nobody can guess",
        actions: ["sns:GetSubscriptionAttributes", "sns:Unsubscribe"],
    },
    {
        why: "the token to sign in to the registry: rights to each repository come besides",
        actions: ["ecr:GetAuthorizationToken"],
    },
];

/** Actions compare without case, as in IAM; one with a wildcard of its own fits none. */
const fits = (action: string, known: string): boolean =>
    new RegExp(`^${known.replace("*", "[a-z]+")}$`, "i").test(action);

export const mayHaveEveryResource = (action: string): boolean =>
    exceptions.some(
        ({ actions, but = [] }) =>
            actions.some((known) => fits(action, known)) && !but.some((known) => fits(action, known)),
    );
