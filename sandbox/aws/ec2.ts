import * as ec2 from "@aws-sdk/client-ec2";
import { type Clients, type Create, type Handlers, type Inputs, tagList } from "./handlers";

const tagsOf = (ResourceType: ec2.ResourceType, tags: Record<string, string>) => [
    { ResourceType, Tags: tagList(tags) },
];

const permission = (inputs: Inputs): ec2.IpPermission => ({
    IpProtocol: inputs.ipProtocol,
    FromPort: inputs.fromPort,
    ToPort: inputs.toPort,
    IpRanges: inputs.cidrIpv4 && [{ CidrIp: inputs.cidrIpv4, Description: inputs.description }],
    Ipv6Ranges: inputs.cidrIpv6 && [{ CidrIpv6: inputs.cidrIpv6, Description: inputs.description }],
});

const filters = (inputs: Inputs): ec2.Filter[] =>
    (inputs.filters ?? []).map(({ name, values }: Inputs) => ({ Name: name, Values: values }));

const instanceArn = ({ region }: Clients, owner: string, id: string) => `arn:aws:ec2:${region}:${owner}:instance/${id}`;

const createSecurityGroup: Create = async (clients, { name, description, vpcId, tags }, autoName) => {
    const { GroupId } = await clients.ec2.send(
        new ec2.CreateSecurityGroupCommand({
            GroupName: name ?? autoName,
            Description: description,
            VpcId: vpcId,
            TagSpecifications: tagsOf("security-group", tags),
        }),
    );
    // As the provider does: a new group starts with nothing, not even AWS's own rule that lets everything out.
    await clients.ec2.send(
        new ec2.RevokeSecurityGroupEgressCommand({
            GroupId,
            IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
        }),
    );
    return { id: GroupId! };
};

/** The emulator's instance is a record: nothing boots. The sandbox runs the host's files itself. */
const createInstance: Create = async (clients, inputs) => {
    const { metadataOptions: metadata, rootBlockDevice: root, creditSpecification: credit } = inputs;
    const { Instances, OwnerId } = await clients.ec2.send(
        new ec2.RunInstancesCommand({
            ImageId: inputs.ami,
            InstanceType: inputs.instanceType,
            SubnetId: inputs.subnetId,
            SecurityGroupIds: inputs.vpcSecurityGroupIds,
            IamInstanceProfile: { Name: inputs.iamInstanceProfile },
            UserData: Buffer.from(inputs.userData).toString("base64"),
            MetadataOptions: {
                HttpEndpoint: metadata.httpEndpoint,
                HttpTokens: metadata.httpTokens,
                HttpPutResponseHopLimit: metadata.httpPutResponseHopLimit,
            },
            CreditSpecification: credit && { CpuCredits: credit.cpuCredits },
            BlockDeviceMappings: [
                {
                    DeviceName: "/dev/xvda",
                    Ebs: {
                        VolumeType: root.volumeType,
                        VolumeSize: root.volumeSize,
                        Encrypted: root.encrypted,
                        DeleteOnTermination: root.deleteOnTermination,
                    },
                },
            ],
            TagSpecifications: tagsOf("instance", inputs.tags),
            MinCount: 1,
            MaxCount: 1,
        }),
    );
    const { InstanceId, PublicIpAddress } = Instances![0];
    return { id: InstanceId!, arn: instanceArn(clients, OwnerId!, InstanceId!), publicIp: PublicIpAddress };
};

export const ec2Handlers: Handlers = {
    create: {
        "aws:ec2/securityGroup:SecurityGroup": createSecurityGroup,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": async (clients, inputs) => {
            const { SecurityGroupRules } = await clients.ec2.send(
                new ec2.AuthorizeSecurityGroupIngressCommand({
                    GroupId: inputs.securityGroupId,
                    IpPermissions: [permission(inputs)],
                }),
            );
            return { id: SecurityGroupRules![0].SecurityGroupRuleId! };
        },
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": async (clients, inputs) => {
            const { SecurityGroupRules } = await clients.ec2.send(
                new ec2.AuthorizeSecurityGroupEgressCommand({
                    GroupId: inputs.securityGroupId,
                    IpPermissions: [permission(inputs)],
                }),
            );
            return { id: SecurityGroupRules![0].SecurityGroupRuleId! };
        },
        "aws:ebs/volume:Volume": async (clients, { availabilityZone, size, type, encrypted, tags }) => {
            const { VolumeId } = await clients.ec2.send(
                new ec2.CreateVolumeCommand({
                    AvailabilityZone: availabilityZone,
                    Size: size,
                    VolumeType: type,
                    Encrypted: encrypted,
                    TagSpecifications: tagsOf("volume", tags),
                }),
            );
            return { id: VolumeId! };
        },
        "aws:ec2/instance:Instance": createInstance,
        "aws:ec2/volumeAttachment:VolumeAttachment": async (clients, { deviceName, instanceId, volumeId }) => {
            await clients.ec2.send(
                new ec2.AttachVolumeCommand({ Device: deviceName, InstanceId: instanceId, VolumeId: volumeId }),
            );
            return { id: `vai-${volumeId}` };
        },
        "aws:ec2/eip:Eip": async (clients, { domain, tags }) => {
            const { AllocationId, PublicIp } = await clients.ec2.send(
                new ec2.AllocateAddressCommand({ Domain: domain, TagSpecifications: tagsOf("elastic-ip", tags) }),
            );
            return { id: AllocationId!, publicIp: PublicIp };
        },
        "aws:ec2/eipAssociation:EipAssociation": async (clients, { allocationId, instanceId }) => {
            const { AssociationId } = await clients.ec2.send(
                new ec2.AssociateAddressCommand({ AllocationId: allocationId, InstanceId: instanceId }),
            );
            return { id: AssociationId! };
        },
    },
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
            const [{ VpcId, AvailabilityZone }] = Subnets!;
            return { id, vpcId: VpcId, availabilityZone: AvailabilityZone };
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
