import * as http from "node:http";

// Questions to what listens on a local port: at the loopback address, whatever `localhost` is on this machine, and through no
// proxy. Not by `fetch`, which refuses some ports.

export interface Answer {
    readonly status: number;
    readonly text: string;
}

export interface Question {
    readonly method?: "GET" | "POST";
    readonly path: string;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** Host and port as a client writes them; default: as a browser at `localhost` does. */
    readonly host?: string;
    /** Ends the wait. */
    readonly signal?: AbortSignal;
}

const silence = 10_000;

/** @throws what the network says, or when nothing comes for 10 s */
export function ask(port: number, { method = "GET", path, body, host, signal }: Question): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
        Host: host ?? `localhost:${port}`,
        ...(text !== undefined && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
        // No connection is kept: each question goes through the tunnel as it is now.
        const options = { host: "127.0.0.1", port, method, path, headers, agent: false, timeout: silence, signal };
        const request = http.request(options, (response) => {
            let answer = "";
            response.setEncoding("utf8").on("data", (part: string) => (answer += part));
            response.once("end", () => resolve({ status: response.statusCode ?? 0, text: answer }));
            response.once("error", reject);
        });
        request.once("timeout", () => request.destroy(new Error(`no answer within ${silence / 1000} s`)));
        // Whatever has ended it, nobody waits for ever; after an answer this says nothing.
        request.once("close", () => reject(new Error("the connection was closed")));
        request.once("error", reject).end(text);
    });
}
