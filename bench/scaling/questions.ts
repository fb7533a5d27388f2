import * as path from "node:path";
import type { Page } from "playwright-core";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import type { WatchedBrowser } from "../../tests/support/browser";
import { call } from "../host/servers";
import type { Rate } from "../host/requests";
import { median } from "../table";

/** What a database is asked: its experiment, and the run that has a tenth of all rows. */
export interface Filled {
    readonly experiment: string;
    readonly run: string;
    /** To fill it up to here from the size before. */
    readonly seconds: number;
}

/** What one size shows; times in ms, the middle of some. */
export interface Answers {
    /** Metrics a second from 8 clients that log one at a time, and the time within which 95 of 100 are answered. */
    readonly logged: Rate;
    /** 1,000 metrics in one request. */
    readonly batch: number;
    readonly newest: number;
    readonly best: number;
    readonly filtered: number;
    readonly history: number;
    /** Until the browser shows the runs, and the long run's chart; absent without a browser. */
    readonly pages?: { readonly runs: number; readonly chart: number };
}

const times = 5;
const seconds = 5;
const clients = 8;

async function timed(action: () => Promise<unknown>): Promise<number> {
    const taken: number[] = [];
    for (let time = 0; time < times; time++) {
        const start = performance.now();
        await action();
        taken.push(performance.now() - start);
    }
    return median(taken);
}

/** Asks a server all of it. */
export async function ask(
    python: string,
    port: number,
    { experiment, run }: Filled,
    browser: WatchedBrowser | undefined,
): Promise<Answers> {
    const search = (more: object) =>
        timed(() => call(port, "runs/search", { experiment_ids: [experiment], max_results: 100, ...more }));
    const { run: made } = await call<{ run: { info: { run_id: string } } }>(port, "runs/create", {
        experiment_id: experiment,
    });
    const body = `{"run_id": "${made.info.run_id}", "key": "loss", "value": 0.5, "timestamp": COUNTER, "step": COUNTER}`;
    const load = path.join(__dirname, "../host/load.py");
    const words = [String(port), "/api/2.0/mlflow/runs/log-metric", body, String(clients), String(seconds)];
    const { stdout } = await runOrFail("the load", [python, load, ...words], { env: cleanEnvironment() });
    let step = 0;
    const batch = await timed(() => {
        const metrics = Array.from({ length: 1000 }, () => ({ key: "loss", value: 0.5, timestamp: 1, step: step++ }));
        return call(port, "runs/log-batch", { run_id: made.info.run_id, metrics });
    });
    // A run that is deleted is not among those that are searched for.
    await call(port, "runs/delete", { run_id: made.info.run_id });
    return {
        logged: JSON.parse(stdout) as Rate,
        batch,
        newest: await search({}),
        best: await search({ order_by: ["metrics.loss0 ASC"] }),
        filtered: await search({ filter: "metrics.loss0 < 0.002 and params.rate = '3'" }),
        history: await timed(() => history(port, run)),
        pages: browser && (await pages(browser, port, experiment, run)),
    };
}

/** As MLflow's page asks for a chart. */
async function history(port: number, run: string): Promise<void> {
    const query = new URLSearchParams({ run_ids: run, metric_key: "step", max_results: "320" });
    const response = await fetch(
        `http://localhost:${port}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query.toString()}`,
    );
    if (!response.ok) {
        throw new Error(`get-history-bulk-interval: ${response.status} ${await response.text()}`);
    }
    await response.json();
}

async function pages(browser: WatchedBrowser, port: number, experiment: string, run: string) {
    const origin = `http://localhost:${port}`;
    const options = { viewport: { width: 1280, height: 800 } };
    const shown = async (address: string, look: (tab: Page) => Promise<void>) => {
        let taken = 0;
        await browser.visit({ name: "scaling", allowed: `${origin}/`, options }, async (tab) => {
            // The first visit asks what the visitor does.
            await tab.goto(origin);
            await tab.getByRole("button", { name: "Model training" }).click();
            await tab.getByRole("button", { name: "Close", exact: true }).click();
            const start = performance.now();
            await tab.goto(`${origin}/#/experiments/${experiment}${address}`);
            await look(tab);
            taken = performance.now() - start;
        });
        return taken;
    };
    return {
        runs: await shown("/runs", (tab) =>
            tab
                .getByRole("grid")
                .getByRole("link", { name: /^run \d+$/ })
                .first()
                .waitFor(),
        ),
        chart: await shown(`/runs/${run}/model-metrics`, (tab) =>
            tab.getByTestId("experiment-view-compare-runs-card").locator("svg.main-svg").first().waitFor(),
        ),
    };
}
