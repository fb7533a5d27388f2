import * as aws from "@pulumi/aws";
import type { Account } from "./components/account";
import { hasAuthorities } from "./components/hostBundle";
import { architectureOf } from "./components/instanceTypes";
import type { ClientRole } from "./components/clientRoles";
import type { ExistingInstance } from "./components/mlflowHost";
import type { HostNetwork, NetworkPlan } from "./components/network";
import { refuse, type Settings } from "./config";
import { Inquiry } from "./lookups/inquiry";
import { NetworkInquiry } from "./lookups/network";
import type { Fault } from "./settings/fault";
import { isPermissionSetRole } from "./settings/permissionSet";

/** What exists already and the stack builds on: plain values, known before the first resource. */
export interface Surroundings {
    readonly account: Account;
    /** Where a new instance lives, and what it boots. */
    readonly place?: { readonly network: HostNetwork | NetworkPlan; readonly imageId: string };
    readonly existingInstance?: ExistingInstance;
    readonly existingBucket?: { readonly name: string; readonly arn: string };
    /** Roles of the teammates, instead of a user. */
    readonly clientRoles: readonly ClientRole[];
    /** Key that may open the SSH tunnel. */
    readonly sshPublicKey: string;
}

/**
 * Looks up what the settings name, and checks it, before anything is made.
 *
 * @throws RunError that names every fault
 */
export async function lookUpSurroundings(settings: Settings): Promise<Surroundings> {
    const [{ partition }, { region }, { accountId }] = await Promise.all([
        aws.getPartition(),
        aws.getRegion(),
        aws.getCallerIdentity(),
    ]);
    const account = { partition, region, accountId };
    const faults: Fault[] = [];
    const look = new LookUps(settings, region, faults);
    const [existingInstance, existingBucket, clientRoles, sshPublicKey, network, imageId] = await Promise.all([
        settings.existingInstanceId ? look.existingInstance() : undefined,
        settings.existingBucketName ? look.existingBucket() : undefined,
        Promise.all(settings.clientRoleNames.map((name) => look.clientRole(name))),
        settings.sshKeyPairName ? look.keyPair() : settings.sshPublicKey,
        settings.existingInstanceId ? undefined : new NetworkInquiry(settings, region, faults).place(),
        settings.existingInstanceId ? undefined : look.image(),
    ]);
    look.authorities();
    refuse(settings.environment, faults);
    return {
        account,
        place: network && imageId ? { network, imageId } : undefined,
        existingInstance,
        existingBucket,
        clientRoles: clientRoles.filter((role) => role !== undefined),
        sshPublicKey: sshPublicKey ?? "",
    };
}

/** Each look-up gives a value, or a fault. */
class LookUps extends Inquiry {
    /** Without them, the host could not tell the database from an impostor. */
    authorities(): void {
        if (this.settings.backend === "rds" && !hasAuthorities(this.region)) {
            this.refuse(
                ["backend", `rds in ${this.region}`, "a region of which host/authorities has the file"],
                "npm run authorities, which fetches AWS's present list, and look at what it has changed",
            );
        }
    }

    async existingInstance() {
        const { existingInstanceId: instanceId } = this.settings;
        const found = await this.named(
            "existingInstanceId",
            instanceId,
            "an instance",
            aws.ec2.getInstance({ instanceId }),
        );
        return found && { id: instanceId, arn: found.arn, address: found.publicIp || found.privateIp };
    }

    async existingBucket() {
        const { existingBucketName: bucket } = this.settings;
        const found = await this.named("existingBucketName", bucket, "a bucket", aws.s3.getBucket({ bucket }));
        if (found && found.bucketRegion !== this.region) {
            this.refuse(
                [
                    "existingBucketName",
                    `${bucket} in ${found.bucketRegion}`,
                    `a bucket in ${this.region}, the stack's region`,
                ],
                `pulumi config set aws:region ${found.bucketRegion}, or name a bucket in ${this.region}`,
            );
        }
        return found && { name: bucket, arn: found.arn };
    }

    async clientRole(name: string): Promise<ClientRole | undefined> {
        const found = await this.named("clientRoleNames", name, "a role", aws.iam.getRole({ name }));
        return found && { name, arn: found.arn, reserved: isPermissionSetRole(name) };
    }

    async keyPair() {
        const { sshKeyPairName: keyName } = this.settings;
        const query = aws.ec2.getKeyPair({ keyName, includePublicKey: true });
        return (await this.named("sshKeyPairName", keyName, "a key pair", query))?.publicKey;
    }

    async image() {
        const { ami, instanceType } = this.settings;
        if (ami.startsWith("ami-")) {
            return ami;
        }
        const name = `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architectureOf(instanceType)}`;
        return (await aws.ssm.getParameter({ name })).insecureValue;
    }
}
