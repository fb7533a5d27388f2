import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { leastConnections, memoryGib } from "./databaseSizes";

/** The PostgreSQL that the program makes in RDS. */
export interface DatabaseArgs {
    readonly vpcId: pulumi.Input<string>;
    /** Tells this network from others that the stack may have had, in letters, digits and hyphens. */
    readonly networkName: string;
    /** In two zones at least. */
    readonly subnetIds: readonly pulumi.Input<string>[];
    readonly instanceClass: string;
    /** Major version, such as `17`. Minor ones are RDS's to choose. */
    readonly version: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    /** Its password; changed in place. */
    readonly password: pulumi.Output<string>;
    readonly storageGib: number;
    /** The storage grows by itself up to so much; the same as storageGib: not at all. */
    readonly mostStorageGib: number;
    /** A second instance in another zone takes over when the first fails. */
    readonly multiAz: boolean;
    /** Days that any second of can be restored. */
    readonly backupDays: number;
    /** Keep a last snapshot when it is deleted. */
    readonly finalSnapshot: boolean;
    /** Refuse to delete it, here and in AWS. */
    readonly protect: boolean;
    readonly tags: Record<string, string>;
}

export interface Database {
    readonly host: pulumi.Output<string>;
    readonly identifier: pulumi.Output<string>;
    readonly arn: pulumi.Output<string>;
    readonly storageGib: number;
    /** Connections that it takes at least. */
    readonly maxConnections: number;
    readonly securityGroupId: pulumi.Output<string>;
}

/**
 * PostgreSQL in RDS: encrypted, without a public address, TLS only, with backups to any second. Its firewall lets nobody in: whoever
 * may come adds the rule. Changes are made at once, not in the maintenance window: who says `up` waits for it.
 */
export function createDatabase(
    name: string,
    args: DatabaseArgs,
    parent: pulumi.Resource,
    dependsOn: pulumi.Resource[],
): Database {
    const { tags } = args;
    const firewall = new aws.ec2.SecurityGroup(
        `${name}-firewall`,
        { description: "MLflow database", vpcId: args.vpcId, tags: { ...tags, Name: name } },
        { parent },
    );
    // A group can't leave its VPC, but an instance can: for another one RDS wants another group.
    const subnets = new aws.rds.SubnetGroup(
        `${name}-subnets-in-${args.networkName}`,
        { description: "MLflow database", subnetIds: [...args.subnetIds], tags },
        { parent },
    );
    const parameters = new aws.rds.ParameterGroup(
        `${name}-parameters`,
        {
            description: "MLflow database",
            family: `postgres${args.version}`,
            // The default from PostgreSQL 15 on; here it is meant.
            parameters: [{ name: "rds.force_ssl", value: "1" }],
            tags,
        },
        { parent },
    );
    // The name of the last snapshot must be free when the database goes. Whatever replaces it changes the name.
    const suffix = new random.RandomId(
        `${name}-suffix`,
        { byteLength: 4, keepers: { database: args.database, user: args.user } },
        { parent },
    );
    const identifier = pulumi.interpolate`${name}-${suffix.hex}`;
    const instance = new aws.rds.Instance(
        `${name}-instance`,
        {
            identifier,
            engine: "postgres",
            engineVersion: args.version,
            autoMinorVersionUpgrade: true,
            allowMajorVersionUpgrade: true,
            // Otherwise AWS charges for a version that has reached its end, instead of replacing it.
            engineLifecycleSupport: "open-source-rds-extended-support-disabled",
            instanceClass: args.instanceClass,
            storageType: "gp3",
            allocatedStorage: args.storageGib,
            maxAllocatedStorage: args.mostStorageGib > args.storageGib ? args.mostStorageGib : undefined,
            storageEncrypted: true,
            dbName: args.database,
            username: args.user,
            password: args.password,
            port: args.port,
            dbSubnetGroupName: subnets.name,
            vpcSecurityGroupIds: [firewall.id],
            publiclyAccessible: false,
            multiAz: args.multiAz,
            parameterGroupName: parameters.name,
            caCertIdentifier: "rds-ca-rsa2048-g1",
            backupRetentionPeriod: args.backupDays,
            copyTagsToSnapshot: true,
            deletionProtection: args.protect,
            skipFinalSnapshot: !args.finalSnapshot,
            finalSnapshotIdentifier: args.finalSnapshot ? pulumi.interpolate`${identifier}-final` : undefined,
            applyImmediately: true,
            tags: { ...tags, Name: name },
        },
        { parent, protect: args.protect, dependsOn },
    );
    const { address: host, arn } = instance;
    return {
        ...{ host, arn, identifier: instance.identifier, securityGroupId: firewall.id },
        ...{ storageGib: args.storageGib, maxConnections: leastConnections(memoryGib(args.instanceClass)!) },
    };
}
