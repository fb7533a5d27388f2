import * as net from "node:net";

// The local port of the tunnel.

/** The addresses that `localhost` may mean: another program at either of them would get the browser's requests. */
const addresses = ["127.0.0.1", "::1"];

/** Whether nobody listens there. */
export async function isFree(port: number): Promise<boolean> {
    const found = await Promise.all(addresses.map((address) => isTaken(address, port)));
    return !found.includes(true);
}

const isTaken = (host: string, port: number): Promise<boolean> =>
    new Promise((resolve) => {
        const server = net.createServer();
        // Any other error: this machine has no such address.
        server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
        server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
    });

/** The next port that nobody has. */
export async function nextFree(port: number): Promise<number> {
    for (let next = port + 1; next <= 65535; next++) {
        if (await isFree(next)) {
            return next;
        }
    }
    return nextFree(1024);
}
