import type { PolicyStatement } from "@pulumi/aws/iam";
import { Alarms } from "./components/alarms";
import { ArtifactBucket } from "./components/artifactBucket";
import { BackendStore } from "./components/backendStore";
import { Budget } from "./components/budget";
import { ClientRoles } from "./components/clientRoles";
import { ClientUser } from "./components/clientUser";
import { HostLog } from "./components/hostLog";
import { putMetrics } from "./components/hostMetrics";
import { MlflowHost } from "./components/mlflowHost";
import { RunningHours } from "./components/runningHours";
import { Network } from "./components/network";
import { ServerRole } from "./components/serverRole";
import { readSettings } from "./config";
import { stackOutputs } from "./outputs";
import { parseRunningHours } from "./settings/runningHours";
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

    const network =
        place &&
        ("cidr" in place.network
            ? new Network(`${name}-network`, { ...place.network, region: account.region, tags })
            : place.network);

    const database = {
        port: settings.databasePort,
        database: settings.databaseName,
        user: settings.databaseUser,
    };
    const backend = new BackendStore(`${name}-backend`, {
        parameterPrefix: `/${name}/database`,
        external:
            settings.backend === "external"
                ? {
                      ...database,
                      host: settings.databaseHost,
                      password: settings.databasePassword,
                      sslMode: settings.databaseSslMode,
                  }
                : undefined,
        own:
            settings.backend === "rds"
                ? {
                      ...database,
                      region: account.region,
                      vpcId: network!.vpcId,
                      networkName: (settings.networkCidr || settings.vpcId || "default").replace(/[./]/g, "-"),
                      subnetIds: network!.databaseSubnetIds,
                      instanceClass: settings.databaseInstanceClass,
                      version: settings.databaseVersion,
                      multiAz: settings.databaseMultiAz,
                      storageGib: settings.databaseStorageGib,
                      mostStorageGib: settings.databaseMostStorageGib,
                      backupDays: settings.databaseBackupDays,
                      passwordGeneration: settings.databasePasswordGeneration,
                      finalSnapshot: !settings.forceDestroy,
                      protect,
                  }
                : undefined,
        workers: settings.workers,
        tags,
    });

    const log =
        settings.logRetentionDays > 0
            ? new HostLog(`${name}-log`, {
                  logGroupName: `/${name}/host`,
                  retentionDays: settings.logRetentionDays,
                  protect,
                  tags,
              })
            : undefined;
    const metricsNamespace = settings.alarmEmail ? name : undefined;

    const role = new ServerRole(`${name}-server`, {
        s3:
            settings.serverS3Rights === "full"
                ? "full"
                : [...bucket.hostStatements(), ...bucket.readStatements(), ...bucket.writeStatements()],
        parameterArns: backend.database?.parameterArns ?? [],
        reports: [...(log?.writeStatements() ?? []), ...(metricsNamespace ? [putMetrics(metricsNamespace)] : [])],
        permissionsBoundary,
        tags,
    });

    const dailyBackup = backend.kind === "sqlite" || settings.dailyDatabaseDump;
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
            dailyBackup,
            garbageCollectionDays: settings.garbageCollectionDays,
            securityUpdates: settings.securityUpdates,
        },
        reports: { logGroup: log?.logGroupName, metricsNamespace },
        tags,
    });

    const hours = parseRunningHours(settings.runningHours);
    if (metricsNamespace) {
        new Alarms(`${name}-alarms`, {
            email: settings.alarmEmail,
            sender: name,
            instanceId: host.instanceId,
            metricsNamespace,
            dailyBackup,
            sleeps: hours !== undefined,
            database: backend.own,
            tags,
        });
    }

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

    if (hours) {
        // Named like the server's role, which is what deployments may make.
        new RunningHours(`${name}-server-hours`, {
            account,
            hours,
            timeZone: settings.runningHoursTimeZone,
            instance: { id: host.instanceId, arn: host.instanceArn },
            database: backend.own,
            permissionsBoundary,
            tags,
        });
    }
    if (settings.monthlyBudgetUsd > 0) {
        new Budget(`${name}-budget`, {
            limit: settings.monthlyBudgetUsd,
            email: settings.alarmEmail,
            environment: settings.environment,
            tags,
        });
    }

    if (settings.restrictBucket) {
        bucket.restrictTo([role.roleArn, ...client.arns]);
    }

    return stackOutputs(settings, { account, bucket, role, host, client, existingInstance });
};
