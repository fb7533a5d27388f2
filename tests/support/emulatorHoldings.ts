import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { DescribeParametersCommand } from "@aws-sdk/client-ssm";
import type { Clients } from "../../sandbox/aws/handlers";

/**
 * Everything that the account in the emulator holds of the kinds that the program makes, by name or id; not what a new account has
 * (default VPC and its group, AWS's parameters), nor instances that have ended.
 */
export async function holdings({ ec2: compute, iam: identity, s3, ssm }: Clients): Promise<Record<string, string[]>> {
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
        buckets: Buckets!.map(({ Name }) => Name),
        parameters: Parameters!.map(({ Name }) => Name).filter((name) => !name!.startsWith("/aws/service/")),
    };
    return Object.fromEntries(
        Object.entries(found)
            .map(([kind, names]) => [kind, names.map(String).sort()] as const)
            .filter(([, names]) => names.length > 0),
    );
}
