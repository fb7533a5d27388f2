import * as ec2 from "@aws-sdk/client-ec2";
import { computeHandlers, instanceArn, publicAddressOf } from "./compute";
import type { Handlers, Inputs } from "./handlers";
import { networkHandlers } from "./network";
import { ownNetworkHandlers } from "./ownNetwork";

const filters = (inputs: Inputs): ec2.Filter[] =>
    (inputs.filters ?? []).map(({ name, values }: Inputs) => ({ Name: name, Values: values }));

export const ec2Handlers: Handlers = {
    resources: { ...computeHandlers, ...networkHandlers, ...ownNetworkHandlers },
    lookup: {
        "aws:ec2/getVpcs:getVpcs": async (clients, inputs) => {
            const { Vpcs } = await clients.ec2.send(new ec2.DescribeVpcsCommand({ Filters: filters(inputs) }));
            return { ids: Vpcs!.map(({ VpcId }) => VpcId) };
        },
        "aws:ec2/getSubnets:getSubnets": async (clients, inputs) => {
            const { Subnets } = await clients.ec2.send(new ec2.DescribeSubnetsCommand({ Filters: filters(inputs) }));
            return { ids: Subnets!.map(({ SubnetId }) => SubnetId) };
        },
        "aws:ec2/getSubnet:getSubnet": async (clients, { id }) => {
            const { Subnets } = await clients.ec2.send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }));
            const [{ VpcId, AvailabilityZone, MapPublicIpOnLaunch }] = Subnets!;
            return {
                id,
                vpcId: VpcId,
                availabilityZone: AvailabilityZone,
                mapPublicIpOnLaunch: MapPublicIpOnLaunch,
            };
        },
        "aws:ec2/getInstances:getInstances": async (clients, inputs) => {
            const states = { Name: "instance-state-name", Values: inputs.instanceStateNames };
            const { Reservations } = await clients.ec2.send(
                new ec2.DescribeInstancesCommand({ Filters: [...filters(inputs), states] }),
            );
            const found = Reservations!.flatMap(({ Instances }) => Instances!);
            return {
                ids: found.map(({ InstanceId }) => InstanceId),
                publicIps: found.map(publicAddressOf).filter((address) => address !== undefined),
            };
        },
        "aws:ebs/getEbsVolumes:getEbsVolumes": async (clients, inputs) => {
            const { Volumes } = await clients.ec2.send(new ec2.DescribeVolumesCommand({ Filters: filters(inputs) }));
            return { ids: Volumes!.map(({ VolumeId }) => VolumeId) };
        },
        "aws:ebs/getVolume:getVolume": async (clients, inputs) => {
            const { Volumes } = await clients.ec2.send(new ec2.DescribeVolumesCommand({ Filters: filters(inputs) }));
            const [{ VolumeId, AvailabilityZone }] = Volumes!;
            return { id: VolumeId, availabilityZone: AvailabilityZone };
        },
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": async (clients, inputs) => {
            const { InstanceTypeOfferings } = await clients.ec2.send(
                new ec2.DescribeInstanceTypeOfferingsCommand({
                    LocationType: inputs.locationType,
                    Filters: filters(inputs),
                }),
            );
            return { locations: InstanceTypeOfferings!.map(({ Location }) => Location) };
        },
        "aws:ec2/getKeyPair:getKeyPair": async (clients, { keyName, includePublicKey }) => {
            const { KeyPairs } = await clients.ec2.send(
                new ec2.DescribeKeyPairsCommand({ KeyNames: [keyName], IncludePublicKey: includePublicKey }),
            );
            return { keyName, publicKey: KeyPairs![0].PublicKey };
        },
        "aws:ec2/getInstance:getInstance": async (clients, { instanceId }) => {
            const { Reservations } = await clients.ec2.send(
                new ec2.DescribeInstancesCommand({ InstanceIds: [instanceId] }),
            );
            const { Instances, OwnerId } = Reservations![0];
            const { PublicIpAddress, PrivateIpAddress } = Instances![0];
            return {
                instanceId,
                arn: instanceArn(clients, OwnerId!, instanceId),
                publicIp: PublicIpAddress ?? "",
                privateIp: PrivateIpAddress,
            };
        },
    },
};
