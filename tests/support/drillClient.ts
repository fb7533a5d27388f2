import { createHash, type Hash, randomBytes } from "node:crypto";
import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

// What drills do as a teammate: requests through the forwarder, metrics and uploads of which they know what was acknowledged.

export interface Answer {
    readonly status: number;
    readonly text: string;
}

const json = { "Content-Type": "application/json" };

function request(
    port: number,
    method: string,
    target: string,
    headers: http.OutgoingHttpHeaders,
): { sent: http.ClientRequest; answer: Promise<Answer> } {
    const options = { host: "127.0.0.1", port, method, path: target, headers: { Host: "localhost:5001", ...headers } };
    const sent = http.request(options);
    const answer = new Promise<Answer>((resolve, reject) => {
        sent.on("error", reject).once("response", (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part));
            // A connection that breaks off within the answer acknowledges nothing.
            response.once("error", reject).once("end", () => resolve({ status: response.statusCode!, text }));
        });
    });
    return { sent, answer };
}

/** @throws when there is no whole answer */
export function call(port: number, method: string, target: string, body?: unknown): Promise<Answer> {
    const { sent, answer } = request(port, method, target, body === undefined ? {} : json);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return answer;
}

/** @throws with the answer, when it is not a success */
export async function ask<T>(port: number, method: string, target: string, body?: unknown): Promise<T> {
    const { status, text } = await call(port, method, target, body);
    if (status !== 200) {
        throw new Error(`${method} ${target}: ${status} ${text}`);
    }
    return JSON.parse(text) as T;
}

/** Waits until a call is answered with success. */
export async function answers(attempt: () => Promise<Answer>, seconds: number, log: () => string): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; ; await sleep(50)) {
        const last = await attempt().catch((error: Error) => ({ status: 0, text: error.message }));
        if (last.status === 200) {
            return;
        }
        if (Date.now() > deadline) {
            throw new Error(`no success within ${seconds} s: ${last.status} ${last.text}\n${log()}`);
        }
    }
}

/** @throws when it does not come true within a minute */
export async function becomes(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(50)) {
        if (Date.now() > deadline) {
            throw new Error(`within a minute it did not come true: ${what}`);
        }
    }
}

/** Makes a run of the default experiment and returns its id. */
export async function makeRun(port: number): Promise<string> {
    const body = { experiment_id: "0", start_time: Date.now() };
    const { run } = await ask<{ run: { info: { run_id: string } } }>(port, "POST", "/api/2.0/mlflow/runs/create", body);
    return run.info.run_id;
}

/** Several clients that log one metric each after the other, every step once, and know which were acknowledged. */
export class MetricStream {
    readonly acknowledged: number[] = [];
    /** What came instead of an acknowledgement. */
    readonly refusals: Answer[] = [];
    private next = 0;
    private going = true;
    private readonly clients: Promise<void>[];

    private constructor(
        private readonly port: number,
        private readonly run: string,
        clients: number,
    ) {
        this.clients = Array.from({ length: clients }, () => this.client());
    }

    /** Streams to a run of its own while something happens, and returns what came of that. */
    static async during<T>(port: number, happens: (stream: MetricStream) => Promise<T>, clients = 4): Promise<T> {
        const stream = new MetricStream(port, await makeRun(port), clients);
        try {
            return await happens(stream);
        } finally {
            await stream.stop();
        }
    }

    private async client(): Promise<void> {
        while (this.going) {
            const step = this.next++;
            const body = { run_id: this.run, key: "loss", value: step / 2, step, timestamp: Date.now() };
            const answer = await call(this.port, "POST", "/api/2.0/mlflow/runs/log-metric", body).catch(
                (error: Error) => ({ status: 0, text: error.message }),
            );
            if (answer.status === 200) {
                this.acknowledged.push(step);
            } else {
                this.refusals.push(answer);
                await sleep(50);
            }
        }
    }

    /** Waits until so many more are acknowledged. */
    async more(count: number, seconds = 60): Promise<void> {
        const goal = this.acknowledged.length + count;
        for (const deadline = Date.now() + seconds * 1000; this.acknowledged.length < goal; await sleep(20)) {
            if (Date.now() > deadline) {
                throw new Error(
                    `within ${seconds} s no ${count} more were acknowledged: ${this.refusals.at(-1)?.text}`,
                );
            }
        }
    }

    async stop(): Promise<void> {
        this.going = false;
        await Promise.all(this.clients);
    }

    /** Asks the server for what is stored, and returns the acknowledged steps of which that is not so. */
    async lost(): Promise<number[]> {
        const stored = new Map<number, number>();
        for (let token: string | undefined = ""; token !== undefined;) {
            const query = new URLSearchParams({ run_id: this.run, metric_key: "loss", max_results: "5000" });
            if (token) {
                query.set("page_token", token);
            }
            const target = `/api/2.0/mlflow/metrics/get-history?${query}`;
            const page: { metrics?: { step?: number; value: number }[]; next_page_token?: string } = await ask(
                this.port,
                "GET",
                target,
            );
            (page.metrics ?? []).forEach(({ step = 0, value }) => stored.set(Number(step), value));
            token = page.next_page_token || undefined;
        }
        return this.acknowledged.filter((step) => stored.get(step) !== step / 2);
    }
}

/** The path of an artifact in the server's API. */
const artifactPath = (run: string, name: string): string =>
    `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${name}`;

const mebibyte = 1024 * 1024;

/** An upload of random bytes to the server, in pieces of 1 MiB. */
export class Upload {
    readonly answer: Promise<Answer>;
    private readonly sent: http.ClientRequest;
    private readonly hash: Hash = createHash("sha256");
    private readonly bytes = randomBytes(mebibyte);
    private left: number;

    constructor(port: number, run: string, name: string, mebibytes: number) {
        this.left = mebibytes;
        const headers = { "Content-Length": mebibytes * mebibyte, "Content-Type": "application/octet-stream" };
        const { sent, answer } = request(port, "PUT", artifactPath(run, name), headers);
        this.sent = sent;
        this.answer = answer.catch((error: Error) => ({ status: 0, text: error.message }));
    }

    /** Sends some of it, or all that is left; ends early when the connection breaks. */
    async send(mebibytes = this.left): Promise<this> {
        for (; mebibytes > 0 && !this.sent.destroyed; mebibytes--, this.left--) {
            this.bytes.writeUInt32LE(this.left); // no piece is like another
            this.hash.update(this.bytes);
            if (!this.sent.write(Buffer.from(this.bytes))) {
                await this.flows();
            }
        }
        if (this.left === 0) {
            this.sent.end();
        }
        return this;
    }

    private flows(): Promise<void> {
        return new Promise((resolve) => {
            const go = () => {
                this.sent.off("drain", go).off("close", go);
                resolve();
            };
            this.sent.once("drain", go).once("close", go);
            void this.answer.then(go);
        });
    }

    /** Of what was sent. */
    get sha256(): string {
        return this.hash.copy().digest("hex");
    }
}
