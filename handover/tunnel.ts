import { tunnelDocument } from "../components/tunnelDocument";
import { shellLine } from "./shell";

/** Port of the host's loopback interface where the server answers; the host's units listen there. */
export const serverPort = 5000;

/** User of the host that may open the SSH tunnel and do nothing else; the host's installer makes it. */
export const tunnelUser = "mlflow-tunnel";

/** A tunnel through Session Manager. */
export interface SessionManagerTunnel {
    readonly instanceId: string;
    /** Absent: the environment's credentials. */
    readonly profile?: string;
    readonly region: string;
    readonly localPort: number;
}

/** Opens the tunnel through Session Manager: program and arguments. */
export const sessionManagerWords = (tunnel: SessionManagerTunnel): string[] => [
    ...["aws", "ssm", "start-session", ...(tunnel.profile ? ["--profile", tunnel.profile] : [])],
    ...["--region", tunnel.region],
    ...["--target", tunnel.instanceId, "--document-name", tunnelDocument, "--parameters"],
    JSON.stringify({ portNumber: [String(serverPort)], localPortNumber: [String(tunnel.localPort)] }),
];

/** A tunnel over SSH. */
export interface SshTunnel {
    readonly address: string;
    /** Of the stack: the host's key is kept under it, whatever address the host has. */
    readonly name: string;
    readonly localPort: number;
}

/** Opens the tunnel over SSH: it fails rather than run without the forward, and notices a dead connection. */
export const sshWords = (tunnel: SshTunnel): string[] => [
    ...["ssh", "-N", "-L", `127.0.0.1:${tunnel.localPort}:127.0.0.1:${serverPort}`],
    ...["-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=30"],
    ...["-o", "StrictHostKeyChecking=accept-new", "-o", `HostKeyAlias=${tunnel.name}`],
    `${tunnelUser}@${tunnel.address}`,
];

/** The same, as a line to paste. */
export const sessionManagerTunnel = (tunnel: SessionManagerTunnel): string => shellLine(...sessionManagerWords(tunnel));
export const sshTunnel = (tunnel: SshTunnel): string => shellLine(...sshWords(tunnel));

export const trackingUri = (localPort: number): string => `http://localhost:${localPort}`;
