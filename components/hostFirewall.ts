import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseDoor } from "./backendStore";

/** What the host's firewall lets through. */
export interface FirewallArgs {
    readonly vpcId: pulumi.Input<string>;
    /** Ranges that may connect to port 22. */
    readonly sshCidrs: readonly string[];
    /** The database that the host must reach. */
    readonly database?: DatabaseDoor;
    readonly tags: Record<string, string>;
}

/**
 * The host's security group, which begins with no rule at all. In: SSH, where asked for. Out: HTTPS (S3, Session Manager, packages)
 * and the database, whose own firewall, where the program has made it, then lets this group in and nobody else. Names of other hosts
 * and the time come from the VPC itself, which no rule filters.
 */
export function createFirewall(
    name: string,
    parent: pulumi.Resource,
    { vpcId, sshCidrs, database, tags }: FirewallArgs,
): pulumi.Output<string> {
    const group = new aws.ec2.SecurityGroup(
        `${name}-firewall`,
        { description: "MLflow host", vpcId, tags: { ...tags, Name: name } },
        { parent },
    );
    const tcp = (port: number, cidr: string) => ({
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        ...(cidr.includes(":") ? { cidrIpv6: cidr } : { cidrIpv4: cidr }),
        tags,
    });
    for (const cidr of sshCidrs) {
        new aws.vpc.SecurityGroupIngressRule(
            `${name}-ssh-from-${cidr}`,
            { ...tcp(22, cidr), description: "SSH tunnel" },
            { parent },
        );
    }
    new aws.vpc.SecurityGroupEgressRule(
        `${name}-https`,
        { ...tcp(443, "0.0.0.0/0"), description: "S3, Session Manager, packages" },
        { parent },
    );
    if (database && "cidrs" in database) {
        for (const cidr of database.cidrs) {
            new aws.vpc.SecurityGroupEgressRule(
                `${name}-database-at-${cidr}`,
                { ...tcp(database.port, cidr), description: "PostgreSQL" },
                { parent },
            );
        }
    } else if (database) {
        const between = (owner: pulumi.Output<string>, other: pulumi.Output<string>) => ({
            securityGroupId: owner,
            referencedSecurityGroupId: other,
            ipProtocol: "tcp",
            fromPort: database.port,
            toPort: database.port,
            description: "PostgreSQL",
            tags,
        });
        new aws.vpc.SecurityGroupEgressRule(`${name}-to-database`, between(group.id, database.securityGroupId), {
            parent,
        });
        new aws.vpc.SecurityGroupIngressRule(`${name}-into-database`, between(database.securityGroupId, group.id), {
            parent,
        });
    }
    return group.id;
}
