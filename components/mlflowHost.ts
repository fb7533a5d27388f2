import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import type { ArtifactBucket } from "./artifactBucket";
import type { BackendStore } from "./backendStore";
import { hostBundle } from "./hostBundle";
import { createFirewall } from "./hostFirewall";
import { hostInstaller, type HostSettings } from "./hostInstaller";
import { isBurstable } from "./instanceTypes";
import type { HostNetwork } from "./network";
import type { ServerRole } from "./serverRole";
import { token } from "./token";

/** Who may reach port 22 of the host, and with which key. */
export interface SshAccess {
    readonly allowedCidrs: readonly string[];
    readonly publicKey: string;
}

/** The instance that the host lives on, when the program makes it. */
export interface NewInstance {
    readonly network: HostNetwork;
    readonly instanceType: string;
    readonly imageId: string;
    /** Stay on the image of the first `up` when a later one is given. */
    readonly keepImage: boolean;
    readonly rootVolumeGib: number;
    readonly dataVolumeGib: number;
    /** Keep a last snapshot of the data volume when it is deleted. */
    readonly finalSnapshot: boolean;
    /** Refuse to delete the data volume. */
    readonly protect: boolean;
}

/** An instance that is there already. */
export interface ExistingInstance {
    readonly id: string;
    readonly arn: string;
    readonly address: string;
}

export interface MlflowHostArgs {
    readonly account: Account;
    readonly bucket: ArtifactBucket;
    readonly role: ServerRole;
    readonly backend: BackendStore;
    readonly instance: NewInstance | ExistingInstance;
    /** Absent: Session Manager, with no inbound rule at all. */
    readonly ssh?: SshAccess;
    readonly artifactMode: "proxied" | "direct";
    readonly workers: number;
    /** What the host does by night. */
    readonly maintenance: Pick<HostSettings, "dailyBackup" | "garbageCollectionDays" | "securityUpdates">;
    /** Where what the host has to tell goes. */
    readonly reports: { readonly logGroup?: pulumi.Input<string>; readonly metricsNamespace?: string };
    readonly tags: Record<string, string>;
}

/**
 * The MLflow server's host: an Amazon Linux 2023 instance that installs the files of `host/`, its firewall and its data
 * volume. A change of those files replaces the instance; the volume stays. Or an existing instance, left as it is: then
 * `installScript` is run there by hand.
 */
export class MlflowHost extends pulumi.ComponentResource {
    public readonly instanceId: pulumi.Output<string>;
    public readonly instanceArn: pulumi.Output<string>;
    /** Where SSH reaches the host: a fixed address, or the existing instance's own. */
    public readonly sshAddress?: pulumi.Output<string>;
    /** Installs the host's files; a new instance has it as its user data. */
    public readonly installScript: pulumi.Output<string>;

    constructor(
        private readonly name: string,
        args: MlflowHostArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(token("MlflowHost"), name, {}, opts);
        const { instance, tags } = args;
        const bundle = hostBundle(args.backend.own && args.account.region);
        const bundleObject = new aws.s3.BucketObjectv2(
            `${name}-bundle`,
            {
                bucket: args.bucket.bucketName,
                key: bundle.key,
                contentBase64: bundle.base64,
                contentType: "application/gzip",
                tags,
            },
            { parent: this },
        );

        if ("id" in instance) {
            this.installScript = this.installer(args, bundle, undefined);
            this.instanceId = pulumi.output(instance.id);
            this.instanceArn = pulumi.output(instance.arn);
            this.sshAddress = args.ssh && pulumi.output(instance.address);
        } else {
            const volume = this.createDataVolume(instance, tags);
            this.installScript = this.installer(args, bundle, volume.id);
            const server = this.createInstance(args, instance, bundleObject);
            new aws.ec2.VolumeAttachment(
                `${name}-data-attachment`,
                {
                    deviceName: "/dev/sdf",
                    instanceId: server.id,
                    volumeId: volume.id,
                    stopInstanceBeforeDetaching: true,
                },
                { parent: this, deleteBeforeReplace: true },
            );
            this.instanceId = server.id;
            this.instanceArn = server.arn;
            this.sshAddress = args.ssh && this.createFixedAddress(server, tags);
        }

        this.registerOutputs({
            instanceId: this.instanceId,
            instanceArn: this.instanceArn,
            sshAddress: this.sshAddress,
        });
    }

    private installer(
        args: MlflowHostArgs,
        bundle: { key: string; sha256: string },
        dataVolumeId: pulumi.Output<string> | undefined,
    ): pulumi.Output<string> {
        const settings = pulumi.output({
            region: args.account.region,
            accountId: args.account.accountId,
            bucketName: args.bucket.bucketName,
            artifactRoot: args.bucket.artifactRoot,
            backupRoot: args.bucket.backupRoot,
            ...args.maintenance,
            ...args.reports,
            artifactMode: args.artifactMode,
            workers: args.workers,
            dataVolumeId,
            databaseParameter: args.backend.database?.parameterPrefix,
            databasePool: args.backend.database?.pool,
            tunnelPublicKey: args.ssh?.publicKey,
            bundle,
        });
        return settings.apply(hostInstaller);
    }

    /** In the subnet's zone, never the instance's: else replacing the instance would replace the volume. */
    private createDataVolume(instance: NewInstance, tags: Record<string, string>): aws.ebs.Volume {
        return new aws.ebs.Volume(
            `${this.name}-data`,
            {
                availabilityZone: instance.network.availabilityZone,
                size: instance.dataVolumeGib,
                type: "gp3",
                encrypted: true,
                finalSnapshot: instance.finalSnapshot,
                tags: { ...tags, Name: `${this.name}-data` },
            },
            { parent: this, protect: instance.protect, ignoreChanges: ["availabilityZone", "snapshotId"] },
        );
    }

    private createInstance(
        args: MlflowHostArgs,
        instance: NewInstance,
        bundleObject: pulumi.Resource,
    ): aws.ec2.Instance {
        const { name } = this;
        const { network, instanceType } = instance;
        const tags = { ...args.tags, Name: name };
        return new aws.ec2.Instance(
            `${name}-instance`,
            {
                ami: instance.imageId,
                instanceType,
                subnetId: network.subnetId,
                associatePublicIpAddress: network.publicAddress === "subnet" ? undefined : true,
                vpcSecurityGroupIds: [
                    createFirewall(name, this, {
                        vpcId: network.vpcId,
                        sshCidrs: args.ssh?.allowedCidrs ?? [],
                        database: args.backend.database?.door,
                        tags: args.tags,
                    }),
                ],
                iamInstanceProfile: args.role.instanceProfileName,
                userData: this.installScript,
                userDataReplaceOnChange: true,
                metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
                creditSpecification: isBurstable(instanceType) ? { cpuCredits: "standard" } : undefined,
                ebsOptimized: true,
                rootBlockDevice: {
                    volumeType: "gp3",
                    volumeSize: instance.rootVolumeGib,
                    encrypted: true,
                    deleteOnTermination: true,
                    tags: { ...args.tags, Name: `${name}-root` },
                },
                tags,
            },
            {
                parent: this,
                // The data volume can be attached to one instance at a time.
                deleteBeforeReplace: true,
                dependsOn: [bundleObject],
                ignoreChanges: [
                    ...(instance.keepImage ? ["ami"] : []),
                    ...(network.publicAddress === "stopped" ? ["associatePublicIpAddress"] : []),
                ],
            },
        );
    }

    /** The SSH address outlives the instance, so that teammates' known_hosts and commands stay right. */
    private createFixedAddress(server: aws.ec2.Instance, tags: Record<string, string>): pulumi.Output<string> {
        const address = new aws.ec2.Eip(
            `${this.name}-address`,
            { domain: "vpc", tags: { ...tags, Name: this.name } },
            { parent: this },
        );
        new aws.ec2.EipAssociation(
            `${this.name}-address-association`,
            { allocationId: address.id, instanceId: server.id },
            { parent: this, deleteBeforeReplace: true },
        );
        return address.publicIp;
    }
}
