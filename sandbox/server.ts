import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { runOrFail } from "../commands/run";
import { Service } from "./processes";
import { cleanEnvironment, installedHost } from "./tools";

/** A folder that stands for `/` of the host. */
export interface HostFolder {
    readonly root: string;
    readonly socket: string;
}

/** Lays out what the instance has after its installation: the program, and the stack's own settings. */
export function layOutHost(root: string, stackEnvironment: string): HostFolder {
    for (const folder of ["opt/mlflow", "etc/mlflow", "run/mlflow", "var/lib/mlflow/server"]) {
        mkdirSync(path.join(root, folder), { recursive: true });
    }
    symlinkSync(path.join(__dirname, "..", "host"), path.join(root, "opt/mlflow/host"));
    symlinkSync(path.join(installedHost, "opt/mlflow/venv"), path.join(root, "opt/mlflow/venv"));
    writeFileSync(path.join(root, "etc/mlflow/stack.env"), stackEnvironment);
    return { root, socket: path.join(root, "run/mlflow/mlflow.sock") };
}

/** What the instance would have: the emulator for AWS, and credentials of the server's role. */
export interface HostAccess {
    readonly endpoint: string;
    readonly credentials: Readonly<Record<string, string>>;
}

const hostEnvironment = (host: HostFolder, { endpoint, credentials }: HostAccess) =>
    cleanEnvironment({ HOST_ROOT: host.root, AWS_ENDPOINT_URL: endpoint, ...credentials });

/** Starts the real server by the host's own script. */
export function startServer(host: HostFolder, options: HostAccess & { python: string; logFile: string }): Service {
    return new Service("MLflow", options.logFile, {
        python: options.python,
        command: [path.join(host.root, "opt/mlflow/host/bin/mlflow-server")],
        env: hostEnvironment(host, options),
    });
}

/**
 * Runs one of the host's commands, such as `mlflow-backup`, and returns what it printed.
 *
 * @throws UserError with what the command printed, when it fails
 */
export async function hostCommand(name: string, host: HostFolder, access: HostAccess): Promise<string> {
    const command = [path.join(host.root, "opt/mlflow/host/bin", name)];
    return (await runOrFail(name, command, { env: hostEnvironment(host, access) })).stdout.trim();
}

/** Whether the server answers on its socket. */
export function isHealthy({ socket }: HostFolder): Promise<boolean> {
    return new Promise((resolve, reject) => {
        http.get({ socketPath: socket, path: "/health" }, (response) => {
            response.resume();
            resolve(response.statusCode === 200);
        }).on("error", reject);
    });
}
