import * as ec2 from "@aws-sdk/client-ec2";
import { retag, tagsOf } from "./ec2Tags";
import { type Clients, type Create, type Inputs, type ResourceHandler, tagsFrom, unlessGone } from "./handlers";

// Instances and volumes.

export const instanceArn = ({ region }: Clients, owner: string, id: string) =>
    `arn:aws:ec2:${region}:${owner}:instance/${id}`;

/** AWS takes the wish for a public address with an interface, and everything of it then. */
const placeOf = ({ subnetId: SubnetId, vpcSecurityGroupIds: Groups, associatePublicIpAddress }: Inputs) =>
    associatePublicIpAddress === undefined
        ? { SubnetId, SecurityGroupIds: Groups as string[] }
        : {
              NetworkInterfaces: [
                  { DeviceIndex: 0, SubnetId, Groups, AssociatePublicIpAddress: associatePublicIpAddress },
              ],
          };

/** The emulator's instance is a record: nothing boots. The sandbox runs the host's files itself. */
const createInstance: Create = async (clients, inputs) => {
    const { metadataOptions: metadata, rootBlockDevice: root, creditSpecification: credit } = inputs;
    const { Instances, OwnerId } = await clients.ec2.send(
        new ec2.RunInstancesCommand({
            ImageId: inputs.ami,
            InstanceType: inputs.instanceType,
            ...placeOf(inputs),
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
    return {
        id: InstanceId!,
        arn: instanceArn(clients, OwnerId!, InstanceId!),
        publicIp: PublicIpAddress,
        associatePublicIpAddress: PublicIpAddress !== undefined,
    };
};

export async function describeInstance(clients: Clients, id: string) {
    const found = await unlessGone(clients.ec2.send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] })));
    const [{ Instances = [], OwnerId } = {}] = found?.Reservations ?? [];
    return Instances[0] && { instance: Instances[0], owner: OwnerId! };
}

/** AWS takes it away from a stopped instance; the emulator does not. */
export const publicAddressOf = ({ State, PublicIpAddress }: ec2.Instance): string | undefined =>
    State!.Name === "stopped" ? undefined : PublicIpAddress;

const rootVolume = (instance: ec2.Instance) =>
    instance.BlockDeviceMappings!.find(({ DeviceName }) => DeviceName === instance.RootDeviceName)?.Ebs?.VolumeId;

const instance: ResourceHandler = {
    create: createInstance,
    /** What the program changes of a running instance: its type, its tags, the size of its root volume. */
    async update(clients, id, inputs, old) {
        if (inputs.instanceType !== old.instanceType) {
            await clients.ec2.send(new ec2.StopInstancesCommand({ InstanceIds: [id] }));
            await clients.ec2.send(
                new ec2.ModifyInstanceAttributeCommand({
                    InstanceId: id,
                    InstanceType: { Value: inputs.instanceType },
                }),
            );
            await clients.ec2.send(new ec2.StartInstancesCommand({ InstanceIds: [id] }));
        }
        if (inputs.rootBlockDevice.volumeSize !== old.rootBlockDevice.volumeSize) {
            const { instance: found } = await describeInstance(clients, id);
            const Size = inputs.rootBlockDevice.volumeSize;
            await clients.ec2.send(new ec2.ModifyVolumeCommand({ VolumeId: rootVolume(found), Size }));
        }
        await retag(clients, id, inputs, old);
    },
    async read(clients, id, state) {
        const { instance: found } = (await describeInstance(clients, id)) ?? {};
        if (!found || found.State!.Name === "terminated") {
            return undefined;
        }
        return {
            ...state,
            instanceType: found.InstanceType,
            associatePublicIpAddress: publicAddressOf(found) !== undefined,
            tags: tagsFrom(found.Tags),
        };
    },
    delete: ({ ec2: client }, id) => unlessGone(client.send(new ec2.TerminateInstancesCommand({ InstanceIds: [id] }))),
};

async function describeVolume({ ec2: client }: Clients, id: string): Promise<ec2.Volume | undefined> {
    const found = await unlessGone(client.send(new ec2.DescribeVolumesCommand({ VolumeIds: [id] })));
    return found?.Volumes?.[0];
}

const volume: ResourceHandler = {
    async create(clients, { availabilityZone, size, type, encrypted, tags }) {
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
    async update(clients, id, inputs, old) {
        if (inputs.size !== old.size) {
            await clients.ec2.send(new ec2.ModifyVolumeCommand({ VolumeId: id, Size: inputs.size }));
        }
        await retag(clients, id, inputs, old);
    },
    async read(clients, id, state) {
        const found = await describeVolume(clients, id);
        return found && { ...state, size: found.Size, type: found.VolumeType, tags: tagsFrom(found.Tags) };
    },
    async delete({ ec2: client }, id, { finalSnapshot }) {
        if (finalSnapshot) {
            await client.send(new ec2.CreateSnapshotCommand({ VolumeId: id }));
        }
        await unlessGone(client.send(new ec2.DeleteVolumeCommand({ VolumeId: id })));
    },
};

const attachment = ({ deviceName, instanceId, volumeId }: Inputs) => ({
    Device: deviceName as string,
    InstanceId: instanceId as string,
    VolumeId: volumeId as string,
});

const volumeAttachment: ResourceHandler = {
    async create({ ec2: client }, inputs) {
        await client.send(new ec2.AttachVolumeCommand(attachment(inputs)));
        return { id: `vai-${inputs.volumeId}` };
    },
    async read(clients, _, state) {
        const found = await describeVolume(clients, state.volumeId);
        return found?.Attachments?.some(({ InstanceId }) => InstanceId === state.instanceId) ? state : undefined;
    },
    async delete({ ec2: client }, _, state) {
        if (state.stopInstanceBeforeDetaching) {
            await unlessGone(client.send(new ec2.StopInstancesCommand({ InstanceIds: [state.instanceId] })));
        }
        await unlessGone(client.send(new ec2.DetachVolumeCommand(attachment(state))));
    },
};

export const computeHandlers: Readonly<Record<string, ResourceHandler>> = {
    "aws:ec2/instance:Instance": instance,
    "aws:ebs/volume:Volume": volume,
    "aws:ec2/volumeAttachment:VolumeAttachment": volumeAttachment,
};
