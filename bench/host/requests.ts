import * as path from "node:path";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { call } from "./servers";

export const kindsOfRequest = ["log-metric", "search of runs"] as const;
export const numbersOfClients = [1, 8, 32] as const;
export const secondsPerCell = 3;

/** How fast one kind of request is answered to a number of clients at a time. */
export interface Rate {
    readonly answers: number;
    readonly perSecond: number;
    /** Seconds within which 95 of 100 requests are answered. */
    readonly p95: number;
    readonly errors: number;
}

/** A rate for each kind of request and number of clients, by `cellName`. */
export type Rates = Record<string, Rate>;

export const cellName = (kind: string, clients: number): string => `${kind}, ${clients}`;

const runsInExperiment = 20;

/** Measures every kind of request with every number of clients, on an experiment with some runs. */
export async function ratesOf(python: string, port: number): Promise<Rates> {
    const { experiment_id } = await call<{ experiment_id: string }>(port, "experiments/create", { name: "benchmark" });
    const runs: string[] = [];
    for (let number = 0; number < runsInExperiment; number++) {
        runs.push(await makeRun(port, experiment_id));
    }
    const requests = {
        "log-metric": {
            route: "runs/log-metric",
            body: `{"run_id": "${runs[0]}", "key": "loss", "value": 0.5, "timestamp": COUNTER, "step": COUNTER}`,
        },
        "search of runs": {
            route: "runs/search",
            body: `{"experiment_ids": ["${experiment_id}"], "max_results": ${runsInExperiment}}`,
        },
    };
    const rates: Rates = {};
    for (const kind of kindsOfRequest) {
        const { route, body } = requests[kind];
        for (const clients of numbersOfClients) {
            const words = [String(port), `/api/2.0/mlflow/${route}`, body, String(clients), String(secondsPerCell)];
            const command = [python, path.join(__dirname, "load.py"), ...words];
            const { stdout, stderr } = await runOrFail("the load", command, { env: cleanEnvironment() });
            rates[cellName(kind, clients)] = JSON.parse(stdout) as Rate;
            process.stderr.write(stderr);
        }
    }
    return rates;
}

async function makeRun(port: number, experiment_id: string): Promise<string> {
    const created = await call<{ run: { info: { run_id: string } } }>(port, "runs/create", { experiment_id });
    const { run_id } = created.run.info;
    const timestamp = Date.now();
    await call(port, "runs/log-batch", {
        run_id,
        params: ["rate", "layers", "batch", "seed", "optimiser"].map((key) => ({ key, value: "1" })),
        metrics: ["loss", "accuracy", "recall"].map((key) => ({ key, value: 0.5, timestamp, step: 0 })),
    });
    return run_id;
}
