import type { Environment } from "../environment";

// What EC2's resources are called, and how those of a stack are known.

export const ec2 = ({ partition, region, accountId }: Environment, ...paths: string[]) =>
    paths.map((path) => `arn:${partition}:ec2:${region}:${accountId}:${path}`);
/** They have no account in their ARNs. */
export const imagesAndSnapshots = ({ partition, region }: Environment, path: string) => [
    `arn:${partition}:ec2:${region}::${path}`,
];

/** The tags that the program gives to whatever it makes, as condition keys of the request or of the resource. */
export const tags = (
    where: "aws:RequestTag" | "aws:ResourceTag" | "ssm:resourceTag",
    { project, stack }: Environment,
) => ({
    [`${where}/Project`]: project,
    [`${where}/Environment`]: stack,
});
export const requested = (environment: Environment) => ({ StringEquals: tags("aws:RequestTag", environment) });
/** What has the stack's tags, and one of these names, where any are given. */
export const own = (environment: Environment, ...names: string[]) => ({
    StringEquals: {
        ...tags("aws:ResourceTag", environment),
        ...(names.length > 0 && { "aws:ResourceTag/Name": names.map((name) => `${environment.name}-host-${name}`) }),
    },
});
export const untagged = (...keys: string[]) => ({
    Null: Object.fromEntries(keys.map((key) => [`aws:ResourceTag/${key}`, "true"])),
});

/** What a network of the stack's own consists of; nothing where it has none. */
export const networkKinds = ({ ownNetwork }: Environment): string[] =>
    ownNetwork ? ["vpc", "subnet", "internet-gateway", "route-table", "vpc-endpoint"] : [];

/** Name of the group that AWS makes with the stack's network, which stays without a rule. */
export const closedGroupName = ({ name }: Environment) => `${name}-network-default`;
