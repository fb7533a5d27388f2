import * as http from "node:http";
import * as net from "node:net";
import { localPortOf } from "../localPort";
import type { Context } from "./context";

// Requests through the tunnel: to the loopback address, whatever `localhost` is on this machine, and through no proxy.

const loopback = "127.0.0.1";
const milliseconds = 10_000;

export const portOf = ({ outputs }: Context): number => localPortOf(outputs);

export interface Answer {
    readonly status: number;
    readonly text: string;
}

export interface Question {
    readonly method?: "GET" | "POST";
    readonly path: string;
    /** Sent as JSON. */
    readonly body?: unknown;
    /** Host and port as a client writes them. */
    readonly host?: string;
}

export function ask(context: Context, { method = "GET", path, body, host }: Question): Promise<Answer> {
    const port = portOf(context);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
        Host: host ?? `localhost:${port}`,
        ...(text !== undefined && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
        const options = { host: loopback, port, method, path, headers, agent: false, timeout: milliseconds };
        const request = http.request(options, (response) => {
            let answer = "";
            response.setEncoding("utf8").on("data", (part: string) => (answer += part));
            response.once("end", () => resolve({ status: response.statusCode ?? 0, text: answer }));
            response.once("error", reject);
        });
        request.once("timeout", () => request.destroy(new Error(`no answer within ${milliseconds / 1000} s`)));
        request.once("error", reject).end(text);
    });
}

/** Whether somebody listens on the tunnel's port. */
export function listens(context: Context): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = net.connect({ host: loopback, port: portOf(context), timeout: milliseconds });
        const end = (answer: boolean) => {
            socket.destroy();
            resolve(answer);
        };
        socket
            .once("connect", () => end(true))
            .once("error", () => end(false))
            .once("timeout", () => end(false));
    });
}
