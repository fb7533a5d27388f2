import * as http from "node:http";

/** What came back through a local port. */
export interface Answer {
    readonly status: number;
    readonly text: string;
}

/** Asks for a path as a browser at `localhost` does; nothing where nobody answers in time. */
export function ask(port: number, path: string, timeout = 5_000): Promise<Answer | undefined> {
    return new Promise((resolve) => {
        const headers = { Host: `localhost:${port}` };
        // No connection is kept: each question goes through the tunnel as it is now.
        const request = http.get({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (part: string) => (text += part));
            response.once("end", () => resolve({ status: response.statusCode!, text }));
            response.once("error", () => resolve(undefined));
        });
        const late = setTimeout(() => request.destroy(), timeout);
        request.once("error", () => resolve(undefined));
        request.once("close", () => {
            clearTimeout(late);
            resolve(undefined);
        });
    });
}

/** Whether MLflow answers there: its version, or nothing. */
export async function mlflowAt(port: number): Promise<string | undefined> {
    const [health, version] = await Promise.all([ask(port, "/health"), ask(port, "/version")]);
    const text = version?.text.trim() ?? "";
    return health?.status === 200 && version?.status === 200 && /^\d+\.\d+\.\d+[\w.]*$/.test(text) ? text : undefined;
}
