import { shellLine } from "./shell";

/** Port of the host's loopback interface where the server answers; the host's units listen there. */
export const serverPort = 5000;

/** User of the host that may open the SSH tunnel and do nothing else; the host's installer makes it. */
export const tunnelUser = "mlflow-tunnel";

/** Opens the tunnel through Session Manager, in one line. */
export const sessionManagerTunnel = (tunnel: {
    readonly instanceId: string;
    readonly documentName: string;
    readonly profile: string;
    readonly region: string;
    readonly localPort: number;
}): string =>
    shellLine(
        ...["aws", "ssm", "start-session", "--profile", tunnel.profile, "--region", tunnel.region],
        ...["--target", tunnel.instanceId, "--document-name", tunnel.documentName, "--parameters"],
        JSON.stringify({ portNumber: [String(serverPort)], localPortNumber: [String(tunnel.localPort)] }),
    );

/**
 * Opens the tunnel over SSH, in one line. It fails rather than run without the forward, notices a dead connection, and
 * keeps the host's key under the stack's name.
 */
export const sshTunnel = (tunnel: {
    readonly address: string;
    readonly name: string;
    readonly localPort: number;
}): string =>
    shellLine(
        ...["ssh", "-N", "-L", `127.0.0.1:${tunnel.localPort}:127.0.0.1:${serverPort}`],
        ...["-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=30"],
        ...["-o", "StrictHostKeyChecking=accept-new", "-o", `HostKeyAlias=${tunnel.name}`],
        `${tunnelUser}@${tunnel.address}`,
    );

export const trackingUri = (localPort: number): string => `http://localhost:${localPort}`;
