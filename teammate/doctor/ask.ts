import * as net from "node:net";
import { type Answer, ask as askThere, type Question } from "../ask";
import { localPortOf } from "../localPort";
import type { Context } from "./context";

// Requests through the tunnel.

const loopback = "127.0.0.1";
const milliseconds = 10_000;

export const portOf = ({ outputs }: Context): number => localPortOf(outputs);

export const ask = (context: Context, question: Question): Promise<Answer> => askThere(portOf(context), question);

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
