import { mkdirSync, rmSync, statSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runOrFail } from "../commands/run";
import { cleanEnvironment, installedHost } from "../sandbox/tools";
import { browserProgram, WatchedBrowser } from "../tests/support/browser";
import { postgresqlPrograms } from "../tests/support/postgresql";
import { install, processesOf, temporaryFolder } from "../tests/support/sandbox";
import { startPostgresql } from "./host/databases";
import { memoryOf, showsMemory } from "./host/memory";
import { endAll, settle } from "./host/processes";
import { credentials, startS3 } from "./host/s3";
import { endServers, thisHost } from "./host/servers";
import { type Cleanup, runBenchmark } from "./program";
import { type Answers, ask, type Filled } from "./scaling/questions";
import { table } from "./table";

// What a growing database costs: the same questions to this host with SQLite and with PostgreSQL, at some numbers of metric rows. Writes its
// part of docs/scaling.md. Takes about half an hour; other numbers: npm run bench:scaling -- 10000 100000.

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) {
    sizes.push(10_000, 100_000, 1_000_000, 3_000_000);
}
const kinds = ["SQLite", "PostgreSQL"] as const;

interface Size extends Answers {
    readonly rows: number;
    readonly kind: (typeof kinds)[number];
    readonly filled: number;
    /** Of the database, and of the server's processes after all questions. */
    readonly megabytes: number;
    readonly memory: number;
}

const begin = Date.now();
const say = (text: string) => console.error(`${((Date.now() - begin) / 1000).toFixed(0)} s: ${text}`);

async function measure(cleanups: Cleanup[]): Promise<Size[]> {
    const python = await install();
    const folder = temporaryFolder();
    cleanups.push(async () => {
        await endAll(() => processesOf(folder));
        rmSync(folder, { recursive: true, force: true });
    });
    const s3 = await startS3(python, folder);
    cleanups.push(() => s3.stop());
    const surroundings = { python, endpoint: s3.endpoint, credentials };
    const postgresql = await startPostgresql(folder, s3.endpoint);
    cleanups.push(postgresql.stop);
    cleanups.push(endServers);
    const found: Size[] = [];
    for (const kind of kinds) {
        const own = path.join(folder, kind);
        mkdirSync(own);
        const database = kind === "PostgreSQL" ? await postgresql.make("scaling") : undefined;
        const file = path.join(own, "root/var/lib/mlflow/server/mlflow.db");
        const installation = thisHost(own, surroundings, database);
        for (const rows of sizes) {
            say(`${kind}, ${rows} rows`);
            const server = await installation.start();
            try {
                const filled = await fill(database?.address ?? `sqlite:///${file}`, rows);
                const browser = await browserFor(path.join(folder, String(found.length)), server.port);
                const answers = await ask(python, server.port, filled, browser).finally(() => browser?.stop());
                await settle(server.processes);
                const bytes = database ? postgresql.bytes("scaling") : statSync(file).size;
                found.push({
                    ...{ kind, rows, filled: filled.seconds, megabytes: bytes / 1e6, ...answers },
                    memory: memoryOf(server.processes()),
                });
            } finally {
                await server.stop();
            }
        }
    }
    return found;
}

async function fill(address: string, rows: number): Promise<Filled> {
    const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
    const env = cleanEnvironment({
        MLFLOW_BACKEND_STORE_URI: address,
        MLFLOW_DISABLE_TELEMETRY: "true",
    });
    const command = [python, path.join(__dirname, "scaling/fill.py"), String(rows)];
    const { stdout } = await runOrFail("fill", command, { env });
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Filled;
}

/** Its path is short: Chromium makes a socket below it. */
async function browserFor(folder: string, port: number): Promise<WatchedBrowser | undefined> {
    mkdirSync(folder);
    return browserProgram ? WatchedBrowser.start(folder, `localhost:${port}`) : undefined;
}

const thousands = (value: number) => value.toLocaleString("en-US");
const whole = (value: number | undefined) => (value === undefined ? "-" : thousands(Math.round(value)));

function report(found: Size[]): string {
    const rows = [...sizes].flatMap((rows) =>
        found
            .filter((size) => size.rows === rows)
            .map((size) => [
                ...[thousands(rows), size.kind, whole(size.megabytes), whole(size.memory)],
                ...[whole(size.logged.perSecond), whole((size.logged.p95 ?? 0) * 1000), whole(size.batch)],
                ...[size.newest, size.best, size.filtered, size.history, size.pages?.runs, size.pages?.chart].map(
                    whole,
                ),
            ]),
    );
    const heads = [
        ...["Metric rows", "Database", "MB", "server, MB", "log-metric, 8 clients: a second", "p95, ms"],
        ...["1,000 metrics in a batch, ms", "100 newest runs, ms", "100 best, ms", "filtered, ms"],
        ...["history of the long run, ms", "page of runs, ms", "page of its chart, ms"],
    ];
    const last = sizes.at(-1)!;
    const ratios = (["newest", "best", "filtered", "history"] as const).map((name) => {
        const of = (kind: string) => found.find((size) => size.kind === kind && size.rows === last)![name];
        return `${name} ${(of("SQLite") / of("PostgreSQL")).toFixed(1)}`;
    });
    return [
        `Each run has 100 rows of four metrics; one has a tenth of all rows. ${os.availableParallelism()} processors, two workers, PostgreSQL on the same machine. Middle of five, pages once. Rows beyond a million are copies of those before.`,
        table(heads, rows),
        `SQLite's time in PostgreSQL's, with ${thousands(last)} rows: ${ratios.join(", ")}.`,
    ].join("\n\n");
}

runBenchmark({
    name: "scaling",
    page: "scaling.md",
    lacks: () =>
        showsMemory() && postgresqlPrograms
            ? undefined
            : "Linux, whose /proc shows the memory of processes, and the programs of a PostgreSQL server",
    measure: async (cleanups) => report(await measure(cleanups)),
});
