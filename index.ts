import type { PolicyStatement } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactBucket } from "./components/artifactBucket";
import { BackendStore, databaseCidrs } from "./components/backendStore";
import { ClientUser, tunnelDocument } from "./components/clientUser";
import { lockedMlflowVersion } from "./components/hostBundle";
import { MlflowHost } from "./components/mlflowHost";
import { ServerRole } from "./components/serverRole";
import { readSettings } from "./config";
import * as handover from "./handover";
import { lookUpSurroundings } from "./surroundings";

// The stack on one page: settings and surroundings -> components -> outputs. Nobody looks back: each component gets what it
// needs from the ones before it, and only this file knows the settings. Whatever is wrong with them is said before the first
// resource.
export = async () => {
    const settings = readSettings();
    const { account, place, existingInstance, existingBucket, sshPublicKey } = await lookUpSurroundings(settings);
    const { name, tags, protect, localPort, profileName } = settings;
    const { region, accountId } = account;

    const bucket = new ArtifactBucket(`${name}-artifacts`, {
        account,
        namePrefix: name,
        bucketName: settings.bucketName || undefined,
        existing: existingBucket,
        artifactPrefix: settings.artifactPrefix,
        noncurrentVersionDays: settings.noncurrentVersionDays,
        backupRetentionDays: settings.backupRetentionDays,
        forceDestroy: settings.forceDestroy,
        restricted: settings.restrictBucket,
        protect,
        tags,
    });

    const postgresql = settings.backend === "postgresql" ? settings : undefined;
    const backend = new BackendStore(`${name}-backend`, {
        parameterName: `/${name}/database-address`,
        postgresql: postgresql && {
            host: postgresql.databaseHost,
            port: postgresql.databasePort,
            database: postgresql.databaseName,
            user: postgresql.databaseUser,
            password: postgresql.databasePassword,
            sslMode: postgresql.databaseSslMode,
        },
        tags,
    });

    const role = new ServerRole(`${name}-server`, {
        s3:
            settings.serverS3Rights === "full"
                ? "full"
                : [...bucket.hostStatements(), ...bucket.readStatements(), ...bucket.writeStatements()],
        parameterArns: backend.addressParameter ? [backend.addressParameter.arn] : [],
        tags,
    });

    const host = new MlflowHost(`${name}-host`, {
        account,
        bucket,
        role,
        backend,
        instance: existingInstance ?? {
            ...place!,
            keepImage: settings.ami === "keep",
            instanceType: settings.instanceType,
            rootVolumeGib: settings.rootVolumeGib,
            dataVolumeGib: settings.dataVolumeGib,
            database: postgresql && {
                port: postgresql.databasePort,
                cidrs: databaseCidrs(postgresql.databaseHost),
            },
            finalSnapshot: !settings.forceDestroy,
            protect,
        },
        ssh:
            settings.accessMode === "ssh"
                ? { allowedCidrs: settings.sshAllowedCidrs, publicKey: sshPublicKey }
                : undefined,
        artifactMode: settings.artifactMode,
        workers: settings.workers,
        maintenance: {
            dailyBackup: backend.kind === "sqlite" || settings.dailyDatabaseDump,
            garbageCollectionDays: settings.garbageCollectionDays,
            securityUpdates: settings.securityUpdates,
        },
        tags,
    });

    const clientStatements: Record<typeof settings.clientS3Rights, () => PolicyStatement[] | "full"> = {
        full: () => "full",
        readWrite: () => [...bucket.readStatements(), ...bucket.writeStatements()],
        readOnly: () => bucket.readStatements(),
        none: () => [],
    };
    const client = new ClientUser(`${name}-client`, {
        account,
        userName: settings.clientUserName,
        s3: clientStatements[settings.clientS3Rights](),
        tunnelTo: settings.accessMode === "ssm" ? { instanceArn: host.instanceArn } : undefined,
        tags,
    });

    if (settings.restrictBucket) {
        bucket.restrictTo([role.roleArn, client.userArn]);
    }

    // What teammates and other programs use: the stable interface, described in the README. Each output waits for no more
    // than it is made of, so that a preview shows what changes and nothing else.
    const { bucketName } = bucket;
    const { instanceId } = host;
    const profile = pulumi.output({
        name: profileName,
        region,
        accessKeyId: client.accessKeyId,
        secretAccessKey: client.secretAccessKey,
    });
    return {
        outputsVersion: 1,
        region,
        accountId,

        bucketName,
        bucketArn: bucket.bucketArn,
        artifactRoot: bucket.artifactRoot,

        clientUserName: client.userName,
        clientAccessKeyId: client.accessKeyId,
        clientSecretAccessKey: client.secretAccessKey,
        profileName,
        profileConfigSnippet: handover.profileConfigSnippet({ name: profileName, region }),
        profileCredentialsSnippet: profile.apply(handover.profileCredentialsSnippet),
        profileSetupCommands: profile.apply(handover.profileSetupCommands),
        profileVerifyCommands: bucketName.apply((bucketName) =>
            handover.profileVerifyCommands(
                profileName,
                settings.clientS3Rights === "none" ? undefined : { bucketName, prefix: settings.artifactPrefix },
            ),
        ),

        serverRoleArn: role.roleArn,
        instanceProfileName: role.instanceProfileName,
        instanceId,
        ...(existingInstance && {
            attachRoleCommand: role.instanceProfileName.apply((profile) =>
                handover.attachRoleCommand(existingInstance.id, profile, region),
            ),
            installHostCommand: host.installScript.apply(handover.installHostCommand),
        }),

        tunnelCommand: host.sshAddress
            ? host.sshAddress.apply((address) => handover.sshTunnel({ address, name, localPort }))
            : instanceId.apply((instanceId) =>
                  handover.sessionManagerTunnel({
                      instanceId,
                      documentName: tunnelDocument,
                      profile: profileName,
                      region,
                      localPort,
                  }),
              ),
        trackingUri: handover.trackingUri(localPort),
        clientEnvironment: handover.clientEnvironment({ ...settings, profile: profileName, region, accountId }),

        artifactMode: settings.artifactMode,
        mlflowVersion: lockedMlflowVersion(),
        backendKind: backend.kind,
    };
};
