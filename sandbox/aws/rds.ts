import { isDeepStrictEqual } from "node:util";
import * as rds from "@aws-sdk/client-rds";
import {
    type Clients,
    type Handlers,
    type Inputs,
    type ResourceHandler,
    type State,
    tagList,
    tagsGone,
    unlessGone,
} from "./handlers";

// A PostgreSQL in RDS. The emulator's is a record: nothing can connect to it.

async function retag({ rds: client }: Clients, ResourceName: string, inputs: Inputs, old: State): Promise<void> {
    await client.send(new rds.RemoveTagsFromResourceCommand({ ResourceName, TagKeys: tagsGone(old, inputs) }));
    await client.send(new rds.AddTagsToResourceCommand({ ResourceName, Tags: tagList(inputs.tags) }));
}

/** What can be changed of an instance that runs. */
const changeable = (inputs: Inputs) => ({
    DBInstanceClass: inputs.instanceClass as string,
    EngineVersion: inputs.engineVersion as string,
    AutoMinorVersionUpgrade: inputs.autoMinorVersionUpgrade as boolean,
    AllocatedStorage: inputs.allocatedStorage as number,
    MaxAllocatedStorage: inputs.maxAllocatedStorage as number | undefined,
    MasterUserPassword: inputs.password as string,
    DBParameterGroupName: inputs.parameterGroupName as string,
    VpcSecurityGroupIds: inputs.vpcSecurityGroupIds as string[],
    MultiAZ: inputs.multiAz as boolean,
    BackupRetentionPeriod: inputs.backupRetentionPeriod as number,
    CopyTagsToSnapshot: inputs.copyTagsToSnapshot as boolean,
    DeletionProtection: inputs.deletionProtection as boolean,
});

async function describe({ rds: client }: Clients, identifier: string): Promise<rds.DBInstance | undefined> {
    const question = new rds.DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier });
    return (await unlessGone(client.send(question)))?.DBInstances?.[0];
}

const instance: ResourceHandler = {
    async create({ rds: client }, inputs) {
        const { DBInstance } = await client.send(
            new rds.CreateDBInstanceCommand({
                ...changeable(inputs),
                DBInstanceIdentifier: inputs.identifier,
                Engine: inputs.engine,
                StorageType: inputs.storageType,
                StorageEncrypted: inputs.storageEncrypted,
                DBName: inputs.dbName,
                MasterUsername: inputs.username,
                Port: inputs.port,
                DBSubnetGroupName: inputs.dbSubnetGroupName,
                PubliclyAccessible: inputs.publiclyAccessible,
                CACertificateIdentifier: inputs.caCertIdentifier,
                Tags: tagList(inputs.tags),
            }),
        );
        const { DbiResourceId, DBInstanceArn, Endpoint } = DBInstance!;
        return { id: DbiResourceId!, arn: DBInstanceArn, address: Endpoint!.Address };
    },
    async update(clients, _id, inputs, old) {
        await clients.rds.send(
            new rds.ModifyDBInstanceCommand({
                ...changeable(inputs),
                DBInstanceIdentifier: old.identifier,
                NewDBInstanceIdentifier: inputs.identifier === old.identifier ? undefined : inputs.identifier,
                DBPortNumber: inputs.port === old.port ? undefined : inputs.port,
                AllowMajorVersionUpgrade: inputs.allowMajorVersionUpgrade,
                ApplyImmediately: inputs.applyImmediately,
            }),
        );
        await retag(clients, old.arn, inputs, old);
    },
    async read(clients, _id, state) {
        const found = await describe(clients, state.identifier);
        return (
            found && {
                ...state,
                instanceClass: found.DBInstanceClass,
                allocatedStorage: found.AllocatedStorage,
                deletionProtection: found.DeletionProtection,
                publiclyAccessible: found.PubliclyAccessible,
                multiAz: found.MultiAZ,
            }
        );
    },
    delete: ({ rds: client }, _id, { identifier, skipFinalSnapshot, finalSnapshotIdentifier }) =>
        unlessGone(
            client.send(
                new rds.DeleteDBInstanceCommand({
                    DBInstanceIdentifier: identifier,
                    SkipFinalSnapshot: skipFinalSnapshot,
                    FinalDBSnapshotIdentifier: finalSnapshotIdentifier,
                }),
            ),
        ),
};

const subnetGroup: ResourceHandler = {
    async create({ rds: client }, { name, description, subnetIds, tags }, autoName) {
        const { DBSubnetGroup } = await client.send(
            new rds.CreateDBSubnetGroupCommand({
                DBSubnetGroupName: name ?? autoName,
                DBSubnetGroupDescription: description,
                SubnetIds: subnetIds,
                Tags: tagList(tags),
            }),
        );
        const { DBSubnetGroupName, DBSubnetGroupArn } = DBSubnetGroup!;
        return { id: DBSubnetGroupName!, name: DBSubnetGroupName, arn: DBSubnetGroupArn };
    },
    async update(clients, id, inputs, old) {
        // The emulator loses a group that is changed.
        if (!isDeepStrictEqual(inputs.subnetIds, old.subnetIds)) {
            await clients.rds.send(
                new rds.ModifyDBSubnetGroupCommand({ DBSubnetGroupName: id, SubnetIds: inputs.subnetIds }),
            );
        }
        await retag(clients, old.arn, inputs, old);
    },
    async read({ rds: client }, id, state) {
        const question = new rds.DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: id });
        return (await unlessGone(client.send(question))) && state;
    },
    delete: ({ rds: client }, id) =>
        unlessGone(client.send(new rds.DeleteDBSubnetGroupCommand({ DBSubnetGroupName: id }))),
};

const parameterGroup: ResourceHandler = {
    async create({ rds: client }, { name, description, family, parameters, tags }, autoName) {
        const DBParameterGroupName = name ?? autoName;
        const { DBParameterGroup } = await client.send(
            new rds.CreateDBParameterGroupCommand({
                DBParameterGroupName,
                DBParameterGroupFamily: family,
                Description: description,
                Tags: tagList(tags),
            }),
        );
        await client.send(
            new rds.ModifyDBParameterGroupCommand({
                DBParameterGroupName,
                Parameters: parameters.map(({ name: ParameterName, value: ParameterValue }: Inputs) => ({
                    ParameterName,
                    ParameterValue,
                    ApplyMethod: "immediate",
                })),
            }),
        );
        return {
            id: DBParameterGroupName,
            name: DBParameterGroupName,
            arn: DBParameterGroup!.DBParameterGroupArn,
        };
    },
    update: (clients, _id, inputs, old) => retag(clients, old.arn, inputs, old),
    async read({ rds: client }, id, state) {
        const question = new rds.DescribeDBParameterGroupsCommand({ DBParameterGroupName: id });
        return (await unlessGone(client.send(question))) && state;
    },
    delete: ({ rds: client }, id) =>
        unlessGone(client.send(new rds.DeleteDBParameterGroupCommand({ DBParameterGroupName: id }))),
};

export const rdsHandlers: Handlers = {
    resources: {
        "aws:rds/instance:Instance": instance,
        "aws:rds/subnetGroup:SubnetGroup": subnetGroup,
        "aws:rds/parameterGroup:ParameterGroup": parameterGroup,
    },
    lookup: {},
};
