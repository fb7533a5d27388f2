import { DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as rds from "@aws-sdk/client-rds";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListScheduleGroupsCommand, ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { DescribeParametersCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Clients } from "../../sandbox/aws/handlers";

/**
 * Everything that the account in the emulator holds of the kinds that the program makes, by name or id; not what a new account has
 * (default VPC and its group, a group of schedules, AWS's parameters), nor instances that have ended.
 */
export async function holdings(clients: Clients): Promise<Record<string, string[]>> {
    const { ec2: compute, iam: identity, rds: databases, s3, ssm, scheduler, budgets, sts } = clients;
    const { Reservations } = await compute.send(new ec2.DescribeInstancesCommand({}));
    const { Volumes } = await compute.send(new ec2.DescribeVolumesCommand({}));
    const { Snapshots } = await compute.send(new ec2.DescribeSnapshotsCommand({ OwnerIds: ["self"] }));
    const { SecurityGroups } = await compute.send(new ec2.DescribeSecurityGroupsCommand({}));
    const { Addresses } = await compute.send(new ec2.DescribeAddressesCommand({}));
    const { Vpcs } = await compute.send(new ec2.DescribeVpcsCommand({}));
    const { Subnets } = await compute.send(new ec2.DescribeSubnetsCommand({}));
    const { InternetGateways } = await compute.send(new ec2.DescribeInternetGatewaysCommand({}));
    const { RouteTables } = await compute.send(new ec2.DescribeRouteTablesCommand({}));
    const { VpcEndpoints } = await compute.send(new ec2.DescribeVpcEndpointsCommand({}));
    const { Users } = await identity.send(new iam.ListUsersCommand({}));
    const { Groups } = await identity.send(new iam.ListGroupsCommand({}));
    const { Roles } = await identity.send(new iam.ListRolesCommand({}));
    const { InstanceProfiles } = await identity.send(new iam.ListInstanceProfilesCommand({}));
    const { Policies } = await identity.send(new iam.ListPoliciesCommand({ Scope: "Local" }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const { Parameters } = await ssm.send(new DescribeParametersCommand({}));
    const { DBInstances } = await databases.send(new rds.DescribeDBInstancesCommand({}));
    const { DBSnapshots } = await databases.send(new rds.DescribeDBSnapshotsCommand({}));
    const { DBSubnetGroups } = await databases.send(new rds.DescribeDBSubnetGroupsCommand({}));
    const { DBParameterGroups } = await databases.send(new rds.DescribeDBParameterGroupsCommand({}));
    const { ScheduleGroups } = await scheduler.send(new ListScheduleGroupsCommand({}));
    const { Schedules } = await scheduler.send(new ListSchedulesCommand({}));
    const { Account: AccountId } = await sts.send(new GetCallerIdentityCommand({}));
    const { Budgets } = await budgets.send(new DescribeBudgetsCommand({ AccountId }));
    const found = {
        instances: Reservations!.flatMap(({ Instances }) =>
            Instances!.filter(({ State }) => State!.Name !== "terminated").map(({ InstanceId }) => InstanceId),
        ),
        volumes: Volumes!.map(({ VolumeId }) => VolumeId),
        // The emulator has images of its own, each with a snapshot.
        snapshots: Snapshots!
            .filter(({ Description }) => !/Auto-created snapshot for AMI/.test(Description ?? ""))
            .map(({ SnapshotId }) => SnapshotId),
        groupsOfPorts: SecurityGroups!.map(({ GroupName }) => GroupName).filter((name) => name !== "default"),
        addresses: Addresses!.map(({ AllocationId }) => AllocationId),
        networks: Vpcs!.filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId),
        subnets: Subnets!.filter(({ DefaultForAz }) => !DefaultForAz).map(({ SubnetId }) => SubnetId),
        gateways: InternetGateways!.map(({ InternetGatewayId }) => InternetGatewayId),
        // Every VPC comes with a main one.
        routeTables: RouteTables!
            .filter(({ Associations }) => !Associations!.some(({ Main }) => Main))
            .map(({ RouteTableId }) => RouteTableId),
        endpoints: VpcEndpoints!
            .filter(({ State }) => !/^deleted$/i.test(State!))
            .map(({ VpcEndpointId }) => VpcEndpointId),
        users: Users!.map(({ UserName }) => UserName),
        groups: Groups!.map(({ GroupName }) => GroupName),
        roles: Roles!.map(({ RoleName }) => RoleName),
        instanceProfiles: InstanceProfiles!.map(({ InstanceProfileName }) => InstanceProfileName),
        policies: Policies!.map(({ PolicyName }) => PolicyName),
        databases: DBInstances!.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier),
        databaseSnapshots: DBSnapshots!.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier),
        subnetGroups: DBSubnetGroups!.map(({ DBSubnetGroupName }) => DBSubnetGroupName),
        parameterGroups: DBParameterGroups!.map(({ DBParameterGroupName }) => DBParameterGroupName),
        buckets: Buckets!.map(({ Name }) => Name),
        scheduleGroups: ScheduleGroups!.map(({ Name }) => Name).filter((name) => name !== "default"),
        schedules: Schedules!.map(({ Name }) => Name),
        budgets: (Budgets ?? []).map(({ BudgetName }) => BudgetName),
        parameters: Parameters!.map(({ Name }) => Name).filter((name) => !name!.startsWith("/aws/service/")),
    };
    return Object.fromEntries(
        Object.entries(found)
            .map(([kind, names]) => [kind, names.map(String).sort()] as const)
            .filter(([, names]) => names.length > 0),
    );
}
