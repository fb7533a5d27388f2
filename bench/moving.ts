import { copyFileSync, rmSync, statSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DatabaseHost } from "../tests/support/databaseHost";
import { hostSettings } from "../tests/support/hostSettings";
import { inSqlite } from "../tests/support/movingScene";
import { postgresqlPrograms } from "../tests/support/postgresql";
import { install, temporaryFolder } from "../tests/support/sandbox";
import { startPostgresql } from "./host/databases";
import { showsMemory } from "./host/memory";
import { startS3 } from "./host/s3";
import { moveOnce, type Run } from "./moving/command";
import { type Cleanup, runBenchmark } from "./program";
import { table } from "./table";

// How long a move from SQLite to PostgreSQL takes, and what it needs: a database of real size, made by MLflow's own store, and moved to
// a PostgreSQL on the same machine by the command of the host. Once as it is, and once with kill -9 in its middle. Writes its part
// of docs/benchmarks.md. Takes a quarter of an hour, most of it to make the database.

const runs = 10_000;
const metricsOfARun = 100;

const begin = Date.now();
const say = (text: string) => console.error(`${((Date.now() - begin) / 1000).toFixed(0)} s: ${text}`);

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (value: number) => `${value.toFixed(0)} s`;

function succeeded(run: Run): Run {
    if (run.status !== 0) {
        throw new Error(`mlflow-move ended with ${run.status}`);
    }
    return run;
}

async function measure(cleanups: Cleanup[]): Promise<string> {
    const python = await install();
    const folder = temporaryFolder();
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const s3 = await startS3(python, folder);
    cleanups.push(() => s3.stop());
    const { endpoint } = s3;
    const postgresql = await startPostgresql(folder, endpoint);
    cleanups.push(postgresql.stop);
    const hostOf = async (name: string) => {
        const backupRoot = `s3://${hostSettings.bucketName}/backups/${name}`;
        return new DatabaseHost({
            root: path.join(folder, name),
            endpoint,
            backupRoot,
            external: await postgresql.make(name),
        });
    };
    const rowsOf = async (host: DatabaseHost, name: string) =>
        Number(await host.change("query", `SELECT count(*) FROM ${name}`));

    const [whole, killed] = [await hostOf("whole"), await hostOf("killed")];
    say(`making ${runs} runs with ${metricsOfARun} metrics each`);
    await whole.python("movingDatabase.py", ["measure", String(runs), String(metricsOfARun)], inSqlite(whole));
    copyFileSync(whole.file, killed.file);
    const { size } = statSync(whole.file);

    say("dry run");
    const dry = succeeded(await moveOnce(whole, []));
    say("move");
    const moved = succeeded(await moveOnce(whole, ["--run"]));
    const backedUp = moved.until(/^backup: .* stored$/);
    const copied = moved.until(/^move: comparing$/);
    const compared = moved.until(/are the same on both sides$/);
    const room = Number(await whole.change("query", "SELECT pg_database_size(current_database())"));

    say("move, killed in the middle of the copy");
    const copiedHalf = async () => {
        const query = "SELECT (progress->'last'->>'metrics')::bigint FROM mlflow_move";
        const last = await killed.change("query", query).catch(() => ""); // the mark is not there yet
        return Number(last) > (runs * metricsOfARun) / 2;
    };
    const first = await moveOnce(killed, ["--run"], copiedHalf);
    const there = await rowsOf(killed, "metrics");
    say("and resumed");
    const second = succeeded(await moveOnce(killed, ["--run"]));
    const counts = await Promise.all([whole, killed].map((host) => rowsOf(host, "metrics")));
    if (first.status !== null || counts.some((count) => count !== runs * metricsOfARun)) {
        throw new Error(`the killed move ended with ${first.status}; there are ${counts.join(" and ")} rows`);
    }

    const rows = [
        ["dry run", seconds(dry.seconds), `${dry.memory.toFixed(0)} MB`],
        ["move, as a whole", seconds(moved.seconds), `${moved.memory.toFixed(0)} MB`],
        ["of it: check of every row, and backup to the bucket", seconds(backedUp), ""],
        ["of it: copy", seconds(copied - backedUp), ""],
        ["of it: comparison of every row", seconds(compared - copied), ""],
        [`killed with ${there} rows of metrics there`, seconds(first.seconds), `${first.memory.toFixed(0)} MB`],
        ["resumed", seconds(second.seconds), `${second.memory.toFixed(0)} MB`],
    ];
    return [
        `${runs} runs with ${metricsOfARun} metrics, a parameter and a tag each; ${os.availableParallelism()} processors; PostgreSQL and S3's emulator on the same machine.`,
        table(["mlflow-move", "Seconds", "Peak memory"], rows),
        `SQLite's file has ${megabytes(size)}, PostgreSQL's database ${megabytes(room)} afterwards: ${(room / size).toFixed(1)} times as much. The move took ` +
            `${(moved.seconds / dry.seconds).toFixed(1)} times as long as the dry run.`,
    ].join("\n\n");
}

runBenchmark({
    name: "moving",
    lacks: () =>
        showsMemory() && postgresqlPrograms
            ? undefined
            : "Linux, whose /proc shows the memory of processes, and the programs of a PostgreSQL server",
    measure,
});
