import { shellWord } from "./shell";
import { trackingUri } from "./tunnel";

/** What decides the environment of an MLflow client. */
export interface ClientEnvironment {
    readonly localPort: number;
    readonly artifactMode: "proxied" | "direct";
    readonly presignedTransfers: boolean;
    readonly profile: string;
    readonly region: string;
    readonly accountId: string;
}

/**
 * A client of a proxied server needs no AWS settings. Since 3.17 it still exchanges files with S3 by addresses that the server
 * signs, and retries for minutes where S3 cannot be reached: two variables stop that.
 */
export function clientVariables(client: ClientEnvironment): Record<string, string> {
    const variables: Record<string, string> = { MLFLOW_TRACKING_URI: trackingUri(client.localPort) };
    if (client.artifactMode === "direct") {
        variables.AWS_PROFILE = client.profile;
        variables.AWS_DEFAULT_REGION = client.region;
        variables.MLFLOW_S3_EXPECTED_BUCKET_OWNER = client.accountId;
    } else if (!client.presignedTransfers) {
        variables.MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD = "false";
        variables.MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD = "false";
    }
    return variables;
}

/** The same, as `export` lines for a shell. */
export const clientEnvironment = (client: ClientEnvironment): string =>
    Object.entries(clientVariables(client))
        .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
        .join("");
