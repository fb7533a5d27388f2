import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactBucket } from "./components/artifactBucket";
import { BackendStore } from "./components/backendStore";
import { ClientUser, tunnelDocument } from "./components/clientUser";
import { lockedMlflowVersion } from "./components/hostBundle";
import { MlflowHost } from "./components/mlflowHost";
import { databaseCidrs, defaultNetwork, givenNetwork } from "./components/network";
import { ServerRole } from "./components/serverRole";
import { readSettings } from "./config";
import * as handover from "./handover";

// The stack on one page: settings -> components -> outputs. Nobody looks back: each component gets what it needs from
// the ones before it, and only this file knows the settings.
const settings = readSettings();
const { name, tags, protect } = settings;

const bucket = new ArtifactBucket(`${name}-artifacts`, {
    namePrefix: name,
    bucketName: settings.bucketName || undefined,
    existingBucketName: settings.existingBucketName || undefined,
    artifactPrefix: settings.artifactPrefix,
    noncurrentVersionDays: settings.noncurrentVersionDays,
    forceDestroy: settings.forceDestroy,
    restricted: settings.restrictBucket,
    protect,
    tags,
});

const backend = new BackendStore(`${name}-backend`, {
    parameterName: `/${name}/database-address`,
    postgresql:
        settings.backend === "postgresql"
            ? {
                  host: settings.databaseHost,
                  port: settings.databasePort,
                  database: settings.databaseName,
                  user: settings.databaseUser,
                  password: settings.databasePassword,
                  sslMode: settings.databaseSslMode,
              }
            : undefined,
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
    bucket,
    role,
    backend,
    instance: settings.existingInstanceId
        ? { existingInstanceId: settings.existingInstanceId }
        : {
              network: settings.subnetId
                  ? givenNetwork(settings.vpcId, settings.subnetId)
                  : defaultNetwork(settings.instanceType),
              instanceType: settings.instanceType,
              ami: settings.ami,
              rootVolumeGib: settings.rootVolumeGib,
              dataVolumeGib: settings.dataVolumeGib,
              database:
                  settings.backend === "postgresql"
                      ? { port: settings.databasePort, cidrs: databaseCidrs(settings.databaseHost) }
                      : undefined,
              finalSnapshot: !settings.forceDestroy,
              protect,
          },
    ssh:
        settings.accessMode === "ssh"
            ? { allowedCidrs: settings.sshAllowedCidrs, publicKey: sshPublicKey() }
            : undefined,
    artifactMode: settings.artifactMode,
    workers: settings.workers,
    tags,
});

const client = new ClientUser(`${name}-client`, {
    userName: settings.clientUserName,
    s3: clientStatements(),
    tunnelTo: settings.accessMode === "ssm" ? { instanceArn: host.instanceArn } : undefined,
    tags,
});

if (settings.restrictBucket) {
    bucket.restrictTo([role.roleArn, client.userArn]);
}

function sshPublicKey(): pulumi.Input<string> {
    return settings.sshKeyPairName
        ? aws.ec2.getKeyPairOutput({ keyName: settings.sshKeyPairName, includePublicKey: true }).publicKey
        : settings.sshPublicKey;
}

function clientStatements(): aws.iam.PolicyStatement[] | "full" {
    switch (settings.clientS3Rights) {
        case "full":
            return "full";
        case "readWrite":
            return [...bucket.readStatements(), ...bucket.writeStatements()];
        case "readOnly":
            return bucket.readStatements();
        case "none":
            return [];
    }
}

// What teammates and other programs use: the stable interface, described in the README. Each output waits for no more
// than it is made of, so that a preview shows what changes and nothing else.
export const outputsVersion = 1;
export const region = aws.getRegionOutput().region;
export const accountId = aws.getCallerIdentityOutput().accountId;

export const bucketName = bucket.bucketName;
export const bucketArn = bucket.bucketArn;
export const artifactRoot = bucket.artifactRoot;

export const clientUserName = client.userName;
export const clientAccessKeyId = client.accessKeyId;
export const clientSecretAccessKey = client.secretAccessKey;
export const profileName = settings.profileName;
const profile = pulumi.output({
    name: profileName,
    region,
    accessKeyId: clientAccessKeyId,
    secretAccessKey: clientSecretAccessKey,
});
export const profileConfigSnippet = region.apply((region) =>
    handover.profileConfigSnippet({ name: profileName, region }),
);
export const profileCredentialsSnippet = profile.apply(handover.profileCredentialsSnippet);
export const profileSetupCommands = profile.apply(handover.profileSetupCommands);
export const profileVerifyCommands = bucketName.apply((bucketName) =>
    handover.profileVerifyCommands(
        profileName,
        settings.clientS3Rights === "none" ? undefined : { bucketName, prefix: settings.artifactPrefix },
    ),
);

export const serverRoleArn = role.roleArn;
export const instanceProfileName = role.instanceProfileName;
export const instanceId = host.instanceId;

const { localPort } = settings;
export const tunnelCommand = host.sshAddress
    ? host.sshAddress.apply((address) => handover.sshTunnel({ address, name, localPort }))
    : pulumi.all([instanceId, region]).apply(([instanceId, region]) =>
          handover.sessionManagerTunnel({
              instanceId,
              documentName: tunnelDocument,
              profile: profileName,
              region,
              localPort,
          }),
      );
export const trackingUri = handover.trackingUri(localPort);
export const clientEnvironment = pulumi
    .all([region, accountId])
    .apply(([region, accountId]) =>
        handover.clientEnvironment({ ...settings, profile: profileName, region, accountId }),
    );
export const artifactMode = settings.artifactMode;
export const mlflowVersion = lockedMlflowVersion();
export const backendKind = backend.kind;

if (settings.existingInstanceId) {
    // Outputs that exist only here: an `export` of nothing would be reported at every run.
    Object.assign(exports, {
        attachRoleCommand: pulumi
            .all([instanceId, instanceProfileName, region])
            .apply(([instanceId, profile, region]) => handover.attachRoleCommand(instanceId, profile, region)),
        installHostCommand: host.installScript.apply(handover.installHostCommand),
    });
}
