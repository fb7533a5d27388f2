import assert from "node:assert";
import * as os from "node:os";
import * as path from "node:path";
import { postgresqlPrograms } from "../tests/support/postgresql";
import { DatabaseCloud } from "../tests/support/databaseKinds";
import { Adoption } from "../tests/support/adoptionScene";
import { kill, said, stepsOf } from "../tests/support/databaseHost";
import { installLegacy } from "../tests/support/legacyTeam";
import { until } from "../tests/support/sandbox";
import { endlessUpgrade } from "../tests/support/schemaFaults";
import { hashesOf, type Hashes } from "./adopting/hashes";
import { runBenchmark } from "./program";
import { table } from "./table";

// The adoption of a database of real size: made by the real MLflow 1.26.1, brought up, rewritten, taken back, rewritten again,
// each killed once and taken up again. Every row is compared. Writes its part of docs/benchmarks.md. Takes about 15 minutes, most of them to
// make the database; `npm run bench:adopting -- <runs> <values of metrics a run>` makes another one, and writes nothing.

const [runs, metrics] = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100];
const begin = Date.now();
const say = (text: string) => console.error(`${((Date.now() - begin) / 1000).toFixed(0)} s: ${text}`);

async function seconds(what: string, action: () => Promise<void>): Promise<string[]> {
    say(what);
    const start = performance.now();
    await action();
    return [what, ((performance.now() - start) / 1000).toFixed(1)];
}

async function measure(cloud: DatabaseCloud): Promise<string> {
    const scene = await Adoption.of(cloud);
    const { host } = scene;
    const adopt = async (...words: string[]) => {
        const result = await scene.adopt(...words);
        assert.strictEqual(result.status, 0, result.stderr);
    };
    const database = path.basename(host.options.external!.parameter);
    const hashes = () => hashesOf(cloud, database);
    const lines: string[][] = [];
    lines.push(await seconds("the database, made by MLflow 1.26.1", () => scene.team.fill(runs, metrics)));
    await scene.putArtifacts(database);
    const size = cloud.query(database, "SELECT pg_size_pretty(pg_database_size(current_database()))");
    const rows = Number(cloud.query(database, "SELECT count(*) FROM metrics"));
    const old = hashes();

    const before = cloud.everything(host);
    const killed = host.startPreparing(endlessUpgrade);
    let output = "";
    killed.stdout!.on("data", (text: Buffer) => (output += text.toString()));
    lines.push(
        await seconds("backup and upgrade, until it is killed in its last step", async () => {
            await until("all migrations have run", 900, () => output.includes("migrated"));
            await kill(killed, "SIGKILL");
        }),
    );
    await until("the transaction is gone", 60, () => cloud.everything(host) === before);
    lines.push(
        await seconds("`mlflow-backup`", async () =>
            assert.strictEqual((await host.command("mlflow-backup")).status, 0),
        ),
    );
    let steps = 0;
    lines.push(
        await seconds("backup and upgrade, again", async () => {
            const result = await host.prepare();
            assert.strictEqual(result.status, 0, said(result).join("\n"));
            steps = stepsOf(result).length;
        }),
    );
    const upgraded = hashes();
    compare(old, upgraded, "the upgrade");

    lines.push(await seconds("`mlflow-adopt`, which only looks", () => adopt()));
    await scene.killInStatement("runs", "--run");
    compare(upgraded, hashes(), "a rewriting that was killed");
    lines.push(await seconds("`mlflow-adopt --run`, with its backup", () => adopt("--run")));
    const adopted = hashes();
    compare(withoutAddresses(upgraded), adopted, "the rewriting");
    lines.push(await seconds("`mlflow-adopt --back`, with its backup", () => adopt("--back")));
    compare(upgraded, hashes(), "the way back");
    await adopt("--run");
    compare(adopted, hashes(), "the second rewriting");
    const addresses = cloud.query(
        database,
        "SELECT count(*) FROM runs WHERE artifact_uri = 'mlflow-artifacts:/' || experiment_id || '/' || run_uuid || '/artifacts'",
    );
    assert.strictEqual(Number(addresses), runs);
    await scene.serve();
    lines.push(await seconds("`mlflow-adopt --check`, through the server", () => adopt("--check")));
    await scene.endServer();
    const about = [
        `${runs.toLocaleString("en")} runs with an artifact each, ${rows.toLocaleString("en")} values of metrics, ${size.trim()};`,
        `PostgreSQL and S3's emulator on the same machine with ${os.availableParallelism()} processors, which other work shared.`,
        `${steps} steps of the schema. Every row of every table was compared after each line.`,
    ];
    return `${about.join(" ")}\n\n${table(["Step", "Seconds"], lines)}`;
}

/** The columns that were there before hold what they held; the addresses are judged by themselves. */
function compare(before: Hashes, now: Hashes, after: string): void {
    for (const [name, hash] of Object.entries(before)) {
        assert.strictEqual(now[name], hash, `${name} is not what it was, after ${after}`);
    }
}

/** All but the columns that an adoption changes. */
const withoutAddresses = (hashes: Hashes): Hashes =>
    Object.fromEntries(
        Object.entries(hashes).filter(([name]) => !/^(experiments\.artifact_location|runs\.artifact_uri)$/.test(name)),
    );

runBenchmark({
    name: "adopting",
    lacks: async () =>
        postgresqlPrograms && (await installLegacy())
            ? undefined
            : "a PostgreSQL and a Python from 3.10 to 3.12 on this machine",
    measure: async (cleanups) => {
        const cloud = new DatabaseCloud();
        cleanups.push(() => cloud.stop());
        await cloud.start("PostgreSQL");
        return measure(cloud);
    },
    // With other numbers than those of the page.
    printOnly: process.argv.length > 2,
});
