/** What the host must know of its stack. No secret is among it. */
export interface HostSettings {
    readonly region: string;
    readonly accountId: string;
    readonly bucketName: string;
    readonly artifactRoot: string;
    /** `s3://<bucket>/backups` */
    readonly backupRoot: string;
    /** Back the database up every night. */
    readonly dailyBackup: boolean;
    /** Days after which deleted runs are collected; 0: never. */
    readonly garbageCollectionDays: number;
    /** When the system may install security updates and restart, as systemd's calendar has it; empty: never. */
    readonly securityUpdates: string;
    /** Log group that gets what the host's services write; absent: it stays on the host. */
    readonly logGroup?: string;
    /** Namespace of the metrics that the host sends; absent: it sends none. */
    readonly metricsNamespace?: string;
    readonly artifactMode: "proxied" | "direct";
    readonly workers: number;
    /** Volume that holds `/var/lib/mlflow`; absent on an existing instance. */
    readonly dataVolumeId?: string;
    /** Begins the names of the parameters of a PostgreSQL; absent with SQLite. */
    readonly databaseParameter?: string;
    /** Connections of each store of each worker; absent: MLflow's own pools. */
    readonly databasePool?: { readonly size: number; readonly overflow: number };
    /** Public key that may open the SSH tunnel; absent with Session Manager. */
    readonly tunnelPublicKey?: string;
    readonly bundle: { readonly key: string; readonly sha256: string };
}

/** EC2 takes 16 KB of user data, before its encoding. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const mostUserDataBytes = 16 * 1024;

/**
 * Variables of `/etc/mlflow/stack.env`. Names that begin with `HOST_` are for the host's scripts, the others for MLflow.
 *
 * `MLFLOW_S3_EXPECTED_BUCKET_OWNER` is not among them: MLflow 3.17 then signs a header into the addresses of large uploads
 * that its clients do not send, and S3 refuses them.
 */
export function stackEnvironment(settings: HostSettings): Record<string, string> {
    const artifacts: Record<string, string> =
        settings.artifactMode === "proxied"
            ? { MLFLOW_SERVE_ARTIFACTS: "true", MLFLOW_ARTIFACTS_DESTINATION: settings.artifactRoot }
            : { MLFLOW_SERVE_ARTIFACTS: "false", MLFLOW_DEFAULT_ARTIFACT_ROOT: settings.artifactRoot };
    return {
        AWS_DEFAULT_REGION: settings.region,
        ...artifacts,
        MLFLOW_WORKERS: String(settings.workers),
        ...(settings.databasePool && {
            MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: String(settings.databasePool.size),
            MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: String(settings.databasePool.overflow),
        }),
        HOST_BACKUP_ROOT: settings.backupRoot,
        HOST_DAILY_BACKUP: settings.dailyBackup ? "true" : "",
        HOST_GARBAGE_COLLECTION_DAYS: settings.garbageCollectionDays > 0 ? String(settings.garbageCollectionDays) : "",
        HOST_SECURITY_UPDATES: settings.securityUpdates,
        HOST_LOG_GROUP: settings.logGroup ?? "",
        HOST_METRICS_NAMESPACE: settings.metricsNamespace ?? "",
        HOST_DATA_VOLUME_ID: settings.dataVolumeId ?? "",
        HOST_DATABASE_PARAMETER: settings.databaseParameter ?? "",
        HOST_TUNNEL_PUBLIC_KEY: settings.tunnelPublicKey?.split(" ").slice(0, 2).join(" ") ?? "",
    };
}

/** The text of `/etc/mlflow/stack.env`, which the host's scripts source. */
export function environmentFile(variables: Record<string, string>): string {
    return Object.entries(variables)
        .map(([name, value]) => {
            if (!/^[A-Za-z0-9 _.,:;=@%+/*-]*$/.test(value)) {
                throw new Error(`${name}: got ${JSON.stringify(value)}, which a shell would not take as it is`);
            }
            return `${name}="${value}"\n`;
        })
        .join("");
}

/**
 * The script that brings a new instance up, for its user data: writes the stack's environment, fetches the bundle with the
 * instance's role, compares its hash, and only then runs anything of it.
 */
export function hostInstaller(settings: HostSettings): string {
    const { region, accountId, bucketName, bundle } = settings;
    const script = `#!/bin/bash
# Installs the MLflow host. Log: /var/log/cloud-init-output.log
set -euo pipefail
mkdir -p /etc/mlflow /opt/mlflow
cat > /etc/mlflow/stack.env <<'END_OF_STACK_ENV'
${environmentFile(stackEnvironment(settings))}END_OF_STACK_ENV

archive=$(mktemp)
# A new role takes some seconds until S3 knows it.
for attempt in {1..60}; do
  aws s3api get-object --region ${region} --bucket ${bucketName} --expected-bucket-owner ${accountId} \\
    --key ${bundle.key} "$archive" >/dev/null && break
  echo "host bundle not readable yet (attempt $attempt of 60)"
  sleep 5
done
echo "${bundle.sha256}  $archive" | sha256sum --check --strict

rm -rf /opt/mlflow/host
tar --extract --gzip --no-same-owner --file "$archive" --directory /opt/mlflow
rm -f "$archive"
exec /opt/mlflow/host/install.sh
`;
    const bytes = Buffer.byteLength(script);
    if (bytes > mostUserDataBytes) {
        throw new Error(`user data: got ${bytes} bytes; allowed: at most ${mostUserDataBytes}`);
    }
    return script;
}
