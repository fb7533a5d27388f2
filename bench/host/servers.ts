import { existsSync, mkdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { environmentFile, stackEnvironment } from "../../components/hostInstaller";
import { forward, freePort, Service } from "../../sandbox/processes";
import { layOutHost, startServer } from "../../sandbox/server";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "../../tests/support/hostSettings";
import { type FoundProcess, processesOf } from "../../tests/support/sandbox";
import { endAll, queueFolders } from "./processes";

// The two servers that are compared, both from the same installation of MLflow.

/** What both find on this machine. */
export interface Surroundings {
    readonly python: string;
    readonly endpoint: string;
    readonly credentials: Record<string, string>;
}

/** PostgreSQL's database for one server: its address, and the parameter that holds the address. */
export interface Database {
    readonly address: string;
    readonly parameter: string;
}

/** A server that is laid out in a folder of its own, and starts there as often as asked. */
export interface Installation {
    /** Starts it, and returns once it has answered a search. */
    start(): Promise<Server>;
}

export interface Server {
    readonly port: number;
    readonly secondsToHealthy: number;
    readonly processes: () => FoundProcess[];
    readonly stop: () => Promise<void>;
}

export type Kind = (folder: string, surroundings: Surroundings, database?: Database) => Installation;

/** The server as the instance has it: the host's own script, two workers, behind systemd's forwarder where there is one. */
export const thisHost: Kind = (folder, surroundings, database) => {
    const { python } = surroundings;
    const settings = { ...hostSettings, databaseParameter: database?.parameter };
    const host = layOutHost(path.join(folder, "root"), environmentFile(stackEnvironment(settings)));
    return {
        start: async () => {
            const port = await freePort();
            const forwarder = await startForwarder(python, folder, port, host.socket);
            return started(port, folder, forwarder, () =>
                startServer(host, { ...surroundings, logFile: path.join(folder, "server.log") }),
            );
        },
    };
};

/** The server as MLflow's documentation starts it, in an environment of its own. It reports its use to nobody. */
export const defaultMlflow: Kind = (folder, { python, endpoint, credentials }, database) => ({
    start: async () => {
        const port = await freePort();
        const programs = path.join(installedHost, "opt/mlflow/venv/bin");
        const [home, tmp] = ["home", "tmp"].map((name) => path.join(folder, name));
        [home, tmp].forEach((name) => mkdirSync(name, { recursive: true }));
        const env = cleanEnvironment({
            PATH: `${programs}${path.delimiter}${process.env.PATH}`,
            HOME: home,
            TMPDIR: tmp,
            DO_NOT_TRACK: "true",
            AWS_ENDPOINT_URL: endpoint,
            AWS_DEFAULT_REGION: hostSettings.region,
            ...credentials,
        });
        const backend = database?.address ?? `sqlite:///${path.join(folder, "mlflow.db")}`;
        const command = [
            ...[path.join(programs, "mlflow"), "server", "--backend-store-uri", backend],
            ...["--artifacts-destination", hostSettings.artifactRoot, "--host", "127.0.0.1", "--port", String(port)],
            // What an installation of MLflow alone has: uvloop is an addition of this host, and would be taken if it is found.
            ...["--uvicorn-opts", "--loop asyncio"],
        ];
        const log = path.join(folder, "server.log");
        const nothing = { stop: () => Promise.resolve() };
        return started(port, folder, nothing, () => new Service("MLflow", log, { python, command, env, cwd: folder }));
    },
});

interface Stoppable {
    readonly stop: () => Promise<void>;
}

const running = new Set<Stoppable>();

/** Ends every server that still runs, or is about to. */
export async function endServers(): Promise<void> {
    await Promise.all([...running].map((server) => server.stop()));
}

/** Starts a server, behind a forwarder that listens already, and measures from that moment until it answers. */
async function started(port: number, folder: string, forwarder: Stoppable, start: () => Service): Promise<Server> {
    const begin = process.hrtime.bigint();
    const service = start();
    const processes = () => processesOf(folder).filter(({ command }) => !command.includes("leash.py"));
    let stopped: Promise<void> | undefined;
    const end = async () => {
        const queues = queueFolders(processes());
        await service.stop();
        await forwarder.stop();
        await endAll(processes); // a default server's job consumers have sessions of their own, and outlive it
        queues.forEach((queue) => rmSync(queue, { recursive: true, force: true }));
        running.delete(server);
    };
    const server = { stop: () => (stopped ??= end()) };
    running.add(server);
    try {
        await service.answers(() => answersSearch(port), 240);
    } catch (error) {
        await server.stop();
        throw error;
    }
    return { port, secondsToHealthy: Number(process.hrtime.bigint() - begin) / 1e9, processes, ...server };
}

/** Calls the server's API. */
export async function call<T>(port: number, route: string, body: unknown): Promise<T> {
    const response = await fetch(`http://localhost:${port}/api/2.0/mlflow/${route}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
    });
    if (!response.ok) {
        throw new Error(`${route}: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as T;
}

async function answersSearch(port: number): Promise<boolean> {
    await call(port, "experiments/search", { max_results: 1 });
    return true;
}

/** Systemd's forwarder, where this machine has it. */
export const proxyd = ["/usr/lib/systemd", "/lib/systemd"].map((at) => `${at}/systemd-socket-proxyd`).find(existsSync);

/** What systemd does for mlflow-forwarder.socket: the listening socket is file 3, and the environment says so. */
const launcher = `
import os, socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
`;

async function startForwarder(python: string, folder: string, port: number, socket: string): Promise<Stoppable> {
    if (!proxyd) {
        const forwarder = await forward(port, socket);
        return { stop: () => forwarder.close() };
    }
    return new Service("the forwarder", path.join(folder, "forwarder.log"), {
        python,
        command: [python, "-c", launcher, String(port), proxyd, socket],
        env: cleanEnvironment(),
    });
}
