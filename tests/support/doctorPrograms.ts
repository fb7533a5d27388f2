import { spawn } from "node:child_process";

/** What a program that holds a port does with callers. */
const manners = {
    /** A tunnel whose other end is gone. */
    closes: `require("node:net").createServer((socket) => socket.on("error", () => {}).end())`,
    /** Another protocol. */
    greets: `require("node:net").createServer((socket) => socket.on("error", () => {}).end("220 ready\\r\\n"))`,
    /** A web server that has nothing of MLflow. */
    web: `require("node:http").createServer((_, response) => response.writeHead(404).end("no such page"))`,
    /** A web server that is in good health, and not this MLflow. */
    healthy: `require("node:http").createServer(({ url }, response) =>
        response.writeHead(url === "/health" ? 200 : 404).end(url === "/health" ? "OK" : "no such page"))`,
};

export interface PortProgram {
    readonly pid: number;
    readonly port: number;
    stop(): Promise<void>;
}

/** A process with these words in its command line that listens on a port of its own, until the test ends. */
export async function startPortProgram(manner: keyof typeof manners, ...words: string[]): Promise<PortProgram> {
    const script =
        `const server = ${manners[manner]};` +
        `server.listen(0, "127.0.0.1", () => console.log(server.address().port));` +
        `process.stdin.resume().once("end", () => process.exit());`;
    const child = spawn(process.execPath, ["-e", script, ...words], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const port = await new Promise<number>((resolve, reject) => {
        child.stdout.once("data", (text: Buffer) => resolve(Number(text.toString())));
        child.once("error", reject);
    });
    return {
        pid: child.pid!,
        port,
        stop: () => {
            child.stdin.end();
            return ended;
        },
    };
}
