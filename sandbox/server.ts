import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
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

/** Starts the real server by the host's own script, with the credentials that the instance would have. */
export function startServer(
    host: HostFolder,
    options: { python: string; logFile: string; endpoint: string; credentials: Record<string, string> },
): Service {
    return new Service("MLflow", options.logFile, {
        python: options.python,
        command: [path.join(host.root, "opt/mlflow/host/bin/mlflow-server")],
        env: cleanEnvironment({
            HOST_ROOT: host.root,
            AWS_ENDPOINT_URL: options.endpoint,
            ...options.credentials,
        }),
    });
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
