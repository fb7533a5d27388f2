import type { PolicyStatement } from "@pulumi/aws/iam";
import { ArtifactBucket } from "./components/artifactBucket";
import { BackendStore, databaseCidrs } from "./components/backendStore";
import { ClientRoles } from "./components/clientRoles";
import { ClientUser } from "./components/clientUser";
import { MlflowHost } from "./components/mlflowHost";
import { Network } from "./components/network";
import { ServerRole } from "./components/serverRole";
import { readSettings } from "./config";
import { stackOutputs } from "./outputs";
import { lookUpSurroundings } from "./surroundings";

// The stack on one page: settings and surroundings -> components -> outputs. Nobody looks back: each component gets what it
// needs from the ones before it, and only this file knows the settings. Whatever is wrong with them is said before the first
// resource.
export = async () => {
    const settings = readSettings();
    const { account, place, existingInstance, existingBucket, clientRoles, sshPublicKey } =
        await lookUpSurroundings(settings);
    const { name, tags, protect } = settings;
    const permissionsBoundary = settings.permissionsBoundaryArn || undefined;

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
        permissionsBoundary,
        tags,
    });

    const network =
        place &&
        ("cidr" in place.network
            ? new Network(`${name}-network`, { ...place.network, region: account.region, tags })
            : place.network);

    const host = new MlflowHost(`${name}-host`, {
        account,
        bucket,
        role,
        backend,
        instance: existingInstance ?? {
            network: network!,
            imageId: place!.imageId,
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
    const rights = {
        s3: clientStatements[settings.clientS3Rights](),
        tunnelTo: settings.accessMode === "ssm" ? { instanceArn: host.instanceArn } : undefined,
    };
    const client =
        clientRoles.length > 0
            ? new ClientRoles(`${name}-client`, {
                  account,
                  roles: clientRoles,
                  policyName: `${name}-client`,
                  rights,
                  tags,
              })
            : new ClientUser(`${name}-client`, {
                  account,
                  userName: settings.clientUserName,
                  permissionsBoundary,
                  rights,
                  keys: { a: settings.accessKeyA, b: settings.accessKeyB },
                  tags,
              });

    if (settings.restrictBucket) {
        bucket.restrictTo([role.roleArn, ...client.arns]);
    }

    return stackOutputs(settings, { account, bucket, role, host, client, existingInstance });
};
