import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./components/account";
import type { ArtifactBucket } from "./components/artifactBucket";
import { ClientRoles } from "./components/clientRoles";
import { type ClientUser } from "./components/clientUser";
import { lockedMlflowVersion } from "./components/hostBundle";
import type { ExistingInstance, MlflowHost } from "./components/mlflowHost";
import type { ServerRole } from "./components/serverRole";
import type { Settings } from "./config";
import * as handover from "./handover";
import { permissionSetOf } from "./settings/permissionSet";
import { shownHours } from "./settings/runningHours";

/** What the outputs are made of. */
interface Parts {
    readonly account: Account;
    readonly bucket: ArtifactBucket;
    readonly role: ServerRole;
    readonly host: MlflowHost;
    readonly client: ClientUser | ClientRoles;
    readonly existingInstance?: ExistingInstance;
}

/**
 * What teammates and other programs use: the stable interface, described in the README; `commands/outputs.ts` reads it. Each
 * output waits for no more than it is made of, so that a preview shows what changes and nothing else.
 */
export function stackOutputs(settings: Settings, parts: Parts): Record<string, unknown> {
    const { account, bucket, role, host, existingInstance } = parts;
    const { region, accountId } = account;
    const { profileName, localPort, accessMode, clientS3Rights, artifactMode, presignedTransfers } = settings;
    return {
        outputsVersion: 1,
        stack: settings.environment,
        region,
        accountId,

        bucketName: bucket.bucketName,
        bucketArn: bucket.bucketArn,
        artifactRoot: bucket.artifactRoot,

        ...identity(settings, parts),
        clientS3Rights,

        serverRoleArn: role.roleArn,
        instanceProfileName: role.instanceProfileName,
        instanceId: host.instanceId,
        ...(settings.runningHours !== "" && {
            runningHours: shownHours(settings.runningHours, settings.runningHoursTimeZone),
        }),
        ...(existingInstance && {
            attachRoleCommand: role.instanceProfileName.apply((profile) =>
                handover.attachRoleCommand(existingInstance.id, profile, region),
            ),
            installHostCommand: host.installScript.apply(handover.installHostCommand),
        }),

        accessMode,
        ...(host.sshAddress && { sshAddress: host.sshAddress }),
        tunnelCommand: host.sshAddress
            ? host.sshAddress.apply((address) => handover.sshTunnel({ address, name: settings.name, localPort }))
            : host.instanceId.apply((instanceId) =>
                  handover.sessionManagerTunnel({ instanceId, profile: profileName, region, localPort }),
              ),
        trackingUri: handover.trackingUri(localPort),
        clientEnvironment: handover.clientEnvironment({
            localPort,
            artifactMode,
            presignedTransfers,
            profile: profileName,
            region,
            accountId,
        }),

        artifactMode,
        presignedTransfers,
        mlflowVersion: lockedMlflowVersion(),
        backendKind: settings.backend,
    };
}

/** Who teammates are to AWS, and the profile that makes them so. */
function identity(settings: Settings, { account, bucket, client }: Parts): Record<string, unknown> {
    const { region, accountId } = account;
    const { profileName: name, ssoStartUrl } = settings;
    const verifyCommands = bucket.bucketName.apply((bucketName) => {
        const folder = settings.clientS3Rights === "none" ? undefined : { bucketName, prefix: settings.artifactPrefix };
        return handover.profileVerifyCommands(name, folder, ssoStartUrl !== "");
    });
    if (client instanceof ClientRoles) {
        const permissionSet = permissionSetOf(settings.clientRoleNames[0]);
        const profile = {
            name,
            region,
            roleArn: client.arns[0],
            sso: permissionSet
                ? { startUrl: ssoStartUrl, region: settings.ssoRegion, accountId, permissionSet }
                : undefined,
        };
        return {
            clientRoleArns: client.arns,
            ...(client.policyArn && { clientPolicyArn: client.policyArn }),
            profileName: name,
            profileConfigSnippet: handover.roleProfileConfigSnippet(profile),
            profileSetupCommands: handover.roleProfileSetupCommands(profile),
            profileVerifyCommands: verifyCommands,
        };
    }
    const { accessKeyId, secretAccessKey } = client;
    const profile = pulumi.output({ name, region, accessKeyId, secretAccessKey });
    return {
        clientUserName: client.userName,
        clientAccessKeyId: accessKeyId,
        clientSecretAccessKey: secretAccessKey,
        clientAccessKeys: client.keys,
        profileName: name,
        profileConfigSnippet: handover.profileConfigSnippet({ name, region }),
        profileCredentialsSnippet: profile.apply(handover.profileCredentialsSnippet),
        profileSetupCommands: profile.apply(handover.profileSetupCommands),
        profileVerifyCommands: verifyCommands,
    };
}
