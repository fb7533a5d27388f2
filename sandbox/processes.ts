import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../commands/userError";

const leash = path.join(__dirname, "leash.py");

/** A program that runs until the sandbox ends, however that happens. */
export class Service {
    private readonly child: ChildProcess;
    private readonly ended: Promise<void>;
    private hasEnded = false;

    constructor(
        private readonly name: string,
        private readonly logFile: string,
        options: { python: string; command: string[]; env: NodeJS.ProcessEnv; cwd?: string },
    ) {
        const log = openSync(logFile, "a", 0o600);
        this.child = spawn(options.python, [leash, ...options.command], {
            stdio: ["pipe", log, log],
            env: options.env,
            cwd: options.cwd,
        });
        closeSync(log);
        this.child.stdin?.on("error", () => undefined); // it ended before us
        this.ended = new Promise<void>((resolve) => {
            this.child.once("close", resolve).once("error", () => resolve());
        }).finally(() => (this.hasEnded = true));
    }

    /** @throws UserError with the end of the log, when the program ends before it answers or answers too late */
    async answers(probe: () => Promise<boolean>, seconds: number): Promise<void> {
        for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(100)) {
            if (this.hasEnded) {
                throw new UserError(
                    `${this.name} ended before it was ready. The end of its log:\n${tail(this.logFile)}`,
                );
            }
            if (await probe().catch(() => false)) {
                return;
            }
        }
        throw new UserError(
            `${this.name} did not answer within ${seconds} s. The end of its log:\n${tail(this.logFile)}`,
        );
    }

    async stop(): Promise<void> {
        this.child.stdin?.end();
        await this.ended;
    }
}

const tail = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n").slice(-20).join("\n");

/** A port of the loopback interface that nobody uses. */
export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = net.createServer().once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as net.AddressInfo;
            server.close(() => resolve(port));
        });
    });
}

/**
 * Takes the place of the tunnel and of the host's forwarder: joins a local port to the server's socket.
 *
 * @throws UserError when the port is taken
 */
export function forward(port: number, socketPath: string): Promise<{ close(): Promise<void> }> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((client) => {
        const upstream = net.connect(socketPath);
        for (const [from, to] of [
            [client, upstream],
            [upstream, client],
        ]) {
            sockets.add(from);
            from.once("close", () => sockets.delete(from)).once("error", () => to.destroy());
            from.pipe(to);
        }
    });
    const close = () =>
        new Promise<void>((resolve) => {
            server.close(() => resolve());
            sockets.forEach((socket) => socket.destroy());
        });
    return new Promise((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => {
            reject(
                error.code === "EADDRINUSE"
                    ? new UserError(
                          `--port: got ${port}, which another program on this machine holds; allowed: a free port from 1024 to ` +
                              `65535 except 5000; remedy: npm start -- --port ${port < 6000 ? 6001 : 5001}`,
                      )
                    : error,
            );
        });
        server.listen(port, "127.0.0.1", () => resolve({ close }));
    });
}
