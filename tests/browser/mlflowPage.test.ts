import assert from "node:assert";
import { mkdirSync } from "node:fs";
import * as path from "node:path";
import type { Page } from "playwright-core";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { browserProgram, WatchedBrowser } from "../support/browser";
import { assertDrawn } from "../support/plotted";
import { repository } from "../support/sandbox";
import { TeammateServer } from "../support/teammate";

// What a teammate sees of a run in MLflow's page, in a real browser, at the local port of a tunnel. Not proved: other browsers than
// Chromium; the tunnel itself, for which a forwarder stands here; direct mode.

const steps = Array.from({ length: 25 }, (_, step) => step);
const logged = {
    experiment: "Vineyard – Güte ✓",
    run: "forest-7",
    parameters: { learning_rate: "0.0125", model: "forest" },
    tags: { owner: "Zoë" },
    metrics: { accuracy: steps.map((step) => 1 - 0.5 / (step + 1)), loss: steps.map((step) => 0.1 + 1 / (step + 1)) },
    note: "Grüße: the vineyard's note – ✓",
    side: 48,
};

/** What this server does not give to MLflow's page, as MLflow 3.17 knows no switch by which the page would not ask. */
const refused = {
    // The guard refuses the Assistant, which would run commands on the host.
    "/ajax-api/3.0/mlflow/assistant/config": "403 (Forbidden)",
    "/ajax-api/3.0/mlflow/assistant/providers": "403 (Forbidden)",
    // The server has no user accounts; by this the page finds it out.
    "/ajax-api/2.0/mlflow/users/current": "404 (Not Found)",
};

/** Chromium itself says each of these answers in the console. */
const known = Object.entries(refused).flatMap(([address, status]) => [
    `answer: ${parseInt(status)} GET ${address}`,
    `console: Failed to load resource: the server responded with a status of ${status} (${address})`,
]);

/** Chromium's notice, on some runs, that a chart grew while it was told its size, and is told again; MLflow puts it in the console. */
const resized = /^console: null ResizeObserver loop completed with undelivered notifications\. \(\/static-files\/.*\)$/;

describe("MLflow's page in a browser (skipped without Chromium)", function () {
    this.timeout(300_000);
    let server: TeammateServer | undefined;
    let browser: WatchedBrowser | undefined;
    let origin: string;
    let run: string;

    before(async function () {
        if (!browserProgram) {
            this.skip();
        }
        server = await TeammateServer.start();
        origin = `http://localhost:${server.port}`;
        const home = path.join(server.folder, "client");
        mkdirSync(home);
        const env = cleanEnvironment({ HOME: home, TMPDIR: home, MLFLOW_TRACKING_URI: origin });
        const command = [
            path.join(toolFolder("client"), "python"),
            path.join(repository, "tests/support/loggedRun.py"),
        ];
        const { stdout } = await runOrFail("the client", command, { env, input: JSON.stringify(logged) });
        run = stdout.trim().split("\n").at(-1)!;
        browser = await WatchedBrowser.start(server.folder, new URL(origin).host);
    });
    after(async () => {
        await browser?.stop();
        await server?.stop();
    });

    /** From the first page on, as somebody who trains models; fails where the page complains of anything that is not known. */
    async function visit(name: string, look: (tab: Page) => Promise<void>, expected: string[] = known): Promise<void> {
        const options = { viewport: { width: 1280, height: 800 } };
        const complaints = await browser!.visit(
            { name: `mlflow-${name}`, allowed: `${origin}/`, options },
            async (tab) => {
                const answers = Object.keys(refused).map((address) => tab.waitForResponse(origin + address));
                await tab.goto(origin);
                await Promise.all(answers);
                await tab.getByRole("button", { name: "Model training" }).click();
                await tab.getByRole("button", { name: "Close", exact: true }).click(); // the Assistant
                await tab.getByRole("navigation").getByRole("link", { name: "Experiments" }).click();
                await look(tab);
            },
        );
        assert.deepStrictEqual(complaints.filter((complaint) => !resized.test(complaint)).sort(), [...expected].sort());
    }

    async function openRun(tab: Page, part: string): Promise<void> {
        await tab.getByRole("link", { name: logged.experiment }).click();
        await tab.getByRole("link", { name: logged.run }).click();
        await tab.getByRole("tab", { name: part }).click();
    }

    const row = (tab: Page, ...cells: string[]) => tab.getByRole("row", { name: cells.join(" "), exact: true });

    it("shows the experiments", () =>
        visit("experiments", async (tab) => {
            await tab.getByRole("heading", { name: "Experiments" }).waitFor();
            for (const name of [logged.experiment, "Default"]) {
                await tab.getByRole("table").getByRole("link", { name, exact: true }).waitFor();
            }
        }));

    it("shows the runs of an experiment", () =>
        visit("runs", async (tab) => {
            await tab.getByRole("link", { name: logged.experiment }).click();
            await tab.getByRole("grid").getByRole("link", { name: logged.run, exact: true }).waitFor();
            await tab.getByRole("gridcell", { name: "loggedRun.py" }).waitFor();
            await tab.getByText("1 matching run").waitFor();
        }));

    it("shows a run's parameters, tag, and last metrics", () =>
        visit("run", async (tab) => {
            await openRun(tab, "Overview");
            await tab.getByRole("heading", { name: logged.run }).waitFor();
            await tab.getByText(run, { exact: true }).waitFor();
            for (const cells of Object.entries(logged.parameters)) {
                await row(tab, ...cells).waitFor();
            }
            await row(tab, "accuracy", "0.98").waitFor();
            await row(tab, "loss", "0.14").waitFor();
            await tab.getByRole("status", { name: "owner" }).filter({ hasText: "Zoë" }).waitFor();
            await tab.getByRole("status").filter({ hasText: "Finished" }).waitFor();
        }));

    it("draws each metric, every step at its place", () =>
        visit("metrics", async (tab) => {
            await openRun(tab, "Model metrics");
            for (const [name, values] of Object.entries(logged.metrics)) {
                const heading = tab.getByRole("heading", { name, exact: true });
                const chart = tab.getByTestId("experiment-view-compare-runs-card").filter({ has: heading });
                await chart.getByText(`${logged.run} (${name})`).waitFor();
                await assertDrawn(chart, values);
            }
        }));

    it("shows a text that is an artifact", () =>
        visit("text", async (tab) => {
            await openRun(tab, "Artifacts");
            await tab.getByText("notes").click();
            await tab.getByText("note.txt").click();
            await tab.getByRole("code").filter({ hasText: logged.note }).waitFor();
        }));

    it("shows a picture that is an artifact", () =>
        visit("picture", async (tab) => {
            await openRun(tab, "Artifacts");
            await tab.getByText("pictures").click();
            await tab.getByText("square.png").click();
            const picture = tab.getByRole("img", { name: "pictures/square.png" });
            await picture.evaluate("image => image.decode()");
            const { width, height } = (await picture.boundingBox())!;
            assert.deepStrictEqual([width, height], [logged.side, logged.side]);
        }));

    // Without it, silence would prove nothing.
    it("would be heard if it complained or asked for anything else, be it in a worker", () => {
        const failed = "console: Failed to load resource:";
        const expected = [
            ...known,
            "console: said ()",
            "page error: thrown",
            "answer: 404 GET /missing",
            `${failed} the server responded with a status of 404 (Not Found) (/missing)`,
            "request: https://page.example/",
            "failed: GET https://page.example/ net::ERR_TUNNEL_CONNECTION_FAILED",
            `${failed} net::ERR_TUNNEL_CONNECTION_FAILED (https://page.example/)`,
            "outside: page.example:443",
            "outside: 127.0.0.1:6001",
        ];
        const look = async (tab: Page) => {
            await tab.evaluate(`(async () => {
                console.error("said");
                void Promise.reject(new Error("thrown"));
                await fetch("missing");
                await fetch("https://page.example", { mode: "no-cors" }).catch(() => undefined);
                const ask = "fetch('http://127.0.0.1:6001').catch(() => 0).then(() => event.ports[0].postMessage(0))";
                const { port } = new SharedWorker(URL.createObjectURL(new Blob(["onconnect = (event) => " + ask])));
                await new Promise((resolve) => (port.onmessage = resolve));
            })()`);
        };
        return visit("complaints", look, expected);
    });
});
