import assert from "node:assert";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type DatabaseHost, kill, said } from "../support/databaseHost";
import { databaseOf, hashOf } from "../support/databaseKinds";
import { forMoves, inSqlite, move, moved, spoil, stateOf } from "../support/movingScene";
import { until } from "../support/sandbox";
import { fullDisk, older } from "../support/schemaFaults";

// What mlflow-move does not do, and says before it has changed anything, on a real PostgreSQL and real files of SQLite's. Not
// proved: S3's own errors.

const wrong: [statement: string, fault: string, remedy?: string][] = [
    [
        "UPDATE params SET value = 'a' || char(0) || 'b' WHERE key = 'p2' AND rowid < 20",
        "params.value has a NUL character: rowid 3, 11, 19; remedy: UPDATE params SET value = … WHERE rowid IN (…)",
        "UPDATE params SET value = clean(CAST(value AS BLOB)) WHERE rowid IN (3, 11, 19)",
    ],
    [
        "UPDATE tags SET value = CAST(x'41ff' AS TEXT) WHERE key = 't2'",
        "tags.value is no UTF-8: rowid ROWS and 7 more; remedy: UPDATE tags SET value = … WHERE rowid IN (…)",
        "UPDATE tags SET value = clean(CAST(value AS BLOB)) WHERE key = 't2'",
    ],
    [
        "UPDATE experiment_tags SET value = x'41' WHERE rowid = 1",
        "experiment_tags.value is no text: rowid 1; remedy: UPDATE experiment_tags SET value = … WHERE rowid IN (…)",
        "UPDATE experiment_tags SET value = CAST(value AS TEXT)",
    ],
    [
        "UPDATE runs SET name = replace(hex(zeroblob(150)), '0', 'é') WHERE rowid = 2",
        "runs.name is longer than 250 characters: rowid 2; remedy: UPDATE runs SET name = … WHERE rowid IN (…)",
        "UPDATE runs SET name = substr(name, 1, 250)",
    ],
    [
        "UPDATE runs SET start_time = 'soon' WHERE rowid = 3",
        "runs.start_time is no integer: rowid 3; remedy: UPDATE runs SET start_time = … WHERE rowid IN (…)",
        "UPDATE runs SET start_time = 0 WHERE rowid = 3",
    ],
    [
        "UPDATE logged_models SET status = 1 << 40",
        "logged_models.status does not fit into 32 bits: rowid 1; remedy: UPDATE logged_models SET status = … WHERE rowid IN (…)",
        "UPDATE logged_models SET status = 2",
    ],
    [
        "UPDATE endpoints SET usage_tracking = 2",
        "endpoints.usage_tracking is neither 0 nor 1: rowid 1; remedy: UPDATE endpoints SET usage_tracking = … WHERE rowid IN (…)",
        "UPDATE endpoints SET usage_tracking = 1",
    ],
    [
        "UPDATE mcp_servers SET icons = '[NaN]'",
        "mcp_servers.icons is no JSON that PostgreSQL takes: rowid 1; remedy: UPDATE mcp_servers SET icons = … WHERE rowid IN (…)",
        "UPDATE mcp_servers SET icons = 12.5",
    ],
    [
        "UPDATE sql_trace_rollup_rebuild_queue SET rollup_day = '20260228'",
        "sql_trace_rollup_rebuild_queue.rollup_day is no date: rowid 1; remedy: UPDATE sql_trace_rollup_rebuild_queue SET " +
            "rollup_day = … WHERE rowid IN (…)",
        "UPDATE sql_trace_rollup_rebuild_queue SET rollup_day = '2026-02-28'",
    ],
    [
        "UPDATE trace_metrics SET value = 'much'",
        "trace_metrics.value is no number: rowid 1; remedy: UPDATE trace_metrics SET value = … WHERE rowid IN (…)",
        "UPDATE trace_metrics SET value = 9e999",
    ],
    [
        "DELETE FROM runs WHERE rowid = 12",
        "latest_metrics refers to rows of runs that are not there: rowid",
        "DELETE FROM latest_metrics WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)",
    ],
    [
        "SELECT 1",
        "metrics refers to rows of runs that are not there: rowid",
        "DELETE FROM metrics WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)",
    ],
    [
        "SELECT 1",
        "params refers to rows of runs that are not there: rowid",
        "DELETE FROM params WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)",
    ],
    [
        "SELECT 1",
        "tags refers to rows of runs that are not there: rowid",
        "DELETE FROM tags WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)",
    ],
    [
        "CREATE TABLE invoices (id INTEGER)",
        "invoices is no table of MLflow's; remedy: DROP TABLE invoices, once it is kept elsewhere",
        "DROP TABLE invoices",
    ],
];

forMoves("what mlflow-move refuses", (scene) => {
    const { cloud } = scene;

    /** Both sides are as they were, and the server was left alone, or runs again. */
    const refuses = async (host: DatabaseHost, words: string[], pattern: RegExp, calls: string[] = []) => {
        const file = existsSync(host.file) ? hashOf(readFileSync(host.file)) : "";
        const before = [cloud.everything(host), file, stateOf(host)];
        const made = host.calls().length;
        const { status, stdout, stderr } = await move(host, ...words);
        assert.strictEqual(status, 1, stdout);
        assert.match(stderr.trimEnd().split("\n").at(-1)!, pattern);
        assert.doesNotMatch(stderr, /Traceback/);
        const after = existsSync(host.file) ? hashOf(readFileSync(host.file)) : "";
        assert.deepStrictEqual([cloud.everything(host), after, stateOf(host)], before);
        assert.deepStrictEqual(host.calls().slice(made), calls);
        return stderr;
    };

    it("names every row that PostgreSQL would not take, all at once, and takes them once they are corrected", async () => {
        const host = await scene.host(...wrong.map(([statement]) => statement));
        const summary = new RegExp(
            `^move: ${wrong.length} things are in the way, and nothing was changed; how to correct rows: docs/moving\\.md$`,
        );
        for (const [words, calls] of [
            [[], ["systemctl is-active mlflow.service"]],
            [["--run"], []],
        ]) {
            const found = (await refuses(host, words, summary, calls))
                .split("\n")
                .filter((line) => line.startsWith("move: in the way: "));
            for (const [, fault] of wrong) {
                const pattern = fault.replace(/[.()]/g, "\\$&").replace("ROWS", "\\d+, \\d+, \\d+, \\d+, \\d+");
                assert.ok(
                    found.some((line) => new RegExp(`^move: in the way: ${pattern}`).test(line)),
                    `${fault}\n${found.join("\n")}`,
                );
            }
            assert.strictEqual(found.length, wrong.length, found.join("\n"));
        }
        await spoil(host, ...wrong.flatMap(([, , remedy]) => remedy ?? []));
        await moved(host);
        assert.strictEqual(cloud.query(databaseOf(host.options), "SELECT value FROM trace_metrics"), "Infinity");
        assert.strictEqual(
            cloud.query(databaseOf(host.options), "SELECT value FROM params WHERE value = 'ab'"),
            "ab\nab\nab",
        );
        assert.strictEqual(cloud.query(databaseOf(host.options), "SELECT icons FROM mcp_servers"), "12.5");
    });

    it("does not take a database that holds another's rows, or is not fit for them", async () => {
        const host = await scene.host();
        const refusesIt = async (reason: string) => {
            await refuses(
                host,
                ["--run"],
                new RegExp(`^move: the database host\\d+ on 127\\.0\\.0\\.1: ${reason}; nothing was changed$`),
            );
        };
        const database = databaseOf(host.options);
        cloud.query(database, "CREATE TABLE invoices (id INTEGER); INSERT INTO invoices VALUES (1)");
        await refusesIt("it holds rows in invoices, which no move has put there; name an empty database");
        cloud.query(database, "DELETE FROM invoices");
        await refusesIt("it holds tables of schema none, not \\w+; name an empty database");
        cloud.query(database, "DROP TABLE invoices");
        await host.change("older", older);
        await refusesIt(`it holds tables of schema ${older}, not \\w+; name an empty database`);
        cloud.query("postgres", `DROP DATABASE ${database}`);
        cloud.query(
            "postgres",
            `CREATE DATABASE ${database} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
        );
        await refusesIt("its encoding is LATIN1, not UTF8; name a database that was made with ENCODING 'UTF8'");
        cloud.query("postgres", `DROP DATABASE ${database}`);
        cloud.query("postgres", `CREATE DATABASE ${database}`);
        // What a server makes by itself is nobody's, and what it made half neither.
        await host.change("half");
        renameSync(host.file, `${host.file}.left`);
        await host.prepare();
        renameSync(`${host.file}.left`, host.file);
        cloud.query(
            database,
            "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (0, 'Default', 'active')",
        );
        assert.match((await move(host)).stderr, /: initialised, and unused$/m);
        cloud.query(database, "INSERT INTO experiments (name, lifecycle_stage) VALUES ('somebody''s', 'active')");
        await refuses(host, [], /^move: 1 things are in the way/, ["systemctl is-active mlflow.service"]);
        await refusesIt("it holds rows in experiments, which no move has put there; name an empty database");
        cloud.query(database, "DELETE FROM experiments WHERE experiment_id > 0");
        await moved(host);
        await scene.isMoved(host);
    });

    it("waits for nobody who is busy with the database, and lets nobody begin in it", async () => {
        const host = await scene.host();
        const hold =
            "import sqlalchemy, os, time\nc = sqlalchemy.create_engine(os.environ['MLFLOW_BACKEND_STORE_URI']).connect()\n" +
            "c.execute(sqlalchemy.text('SELECT pg_advisory_lock(7306085418)'))\nprint('held', flush=True)\ntime.sleep(600)";
        const holder = host.start("-c", hold);
        try {
            let held = "";
            holder.stdout!.on("data", (text: Buffer) => (held += text.toString()));
            await until("the lock is held", 60, () => held !== "");
            const short = "from mlflow_host import move_target\nmove_target.LOCK_SECONDS = 0.5";
            const { status, stderr } = await host.broken("move", short, ["--run"]);
            assert.deepStrictEqual(
                [status, stderr],
                [
                    1,
                    "move: another move, or another host, is busy with this database; nothing was changed; remedy: wait for it\n",
                ],
            );
            assert.deepStrictEqual(host.calls(), []);
        } finally {
            await kill(holder, "SIGKILL");
        }
    });

    it("changes nothing when the server cannot be stopped, when the bucket takes no backup, or the volume is full", async () => {
        const host = await scene.host();
        host.standIn("systemctl", "echo 'no such unit' >&2; exit 5");
        const stop =
            /^move: the server cannot be stopped, nothing was changed: no such unit; remedy: sudo .*mlflow-move --run$/;
        await refuses(host, ["--run"], stop, ["systemctl stop mlflow.service"]);
        host.standIn("systemctl", "");
        const before = [cloud.everything(host), stateOf(host)];
        const nobodys = await host.broken("move", "", ["--run"], { HOST_BACKUP_ROOT: "s3://nobodys-bucket/backups" });
        assert.match(
            nobodys.stderr,
            /^backup: s3:\/\/nobodys-bucket\/backups\/\S+ cannot be written with the role of this host: .*NoSuchBucket/m,
        );
        assert.match(nobodys.stderr, /^move: the server runs again$/m);
        const full = await host.broken("move", fullDisk(2 ** 18), ["--run"]);
        assert.match(full.stderr, /^backup: 256\.0 KiB are free on the data volume; a backup needs /m);
        assert.match(full.stderr, /^move: the server runs again$/m);
        const dry = await host.broken("move", fullDisk(2 ** 18));
        assert.match(dry.stderr, /^move: in the way: the data volume is too full; remedy: a larger dataVolumeGib$/m);
        assert.deepStrictEqual([cloud.everything(host), stateOf(host)], before);
    });

    it("has nothing to move without a file, with a file of nobody's, or of a newer MLflow", async () => {
        const host = await cloud.host();
        const nothing = new RegExp(`^move: there is no ${host.file}, and nothing to move$`);
        await refuses(host, [], nothing);
        await refuses(host, ["--run"], nothing);
        writeFileSync(host.file, "");
        await refuses(host, ["--run"], /^move: .* holds no tables; nothing was changed; remedy: /);
        writeFileSync(host.file, "not a database, but long enough to be taken for one".repeat(100));
        await refuses(host, ["--run"], /^move: .*file is not a database/);
        const { status, stderr } = await host.prepare();
        assert.strictEqual(status, 1);
        assert.match(
            stderr,
            /^database: it is empty, and .* holds something that cannot be read \(file is not a database\); nothing was begun, /,
        );
        const newer = await scene.host("UPDATE alembic_version SET version_num = 'ffffffffffff'");
        await refuses(
            newer,
            ["--run"],
            /^move: .* has the schema ffffffffffff, which the installed MLflow does not know; nothing was changed; /,
        );
        await refuses(
            newer,
            ["--all"],
            /^mlflow-move: got --all; allowed: nothing, which says what would be done, or --run$/,
        );
    });

    it("says what is in the file, and in the way, before the stack names a PostgreSQL", async () => {
        const host = await scene.host("UPDATE runs SET start_time = 'soon' WHERE rowid = 3");
        const sqlite = "import os\nos.environ['HOST_DATABASE_PARAMETER'] = ''";
        const { status, stdout, stderr } = await host.broken("move", sqlite);
        assert.strictEqual(status, 1);
        assert.match(stdout, /^metrics {2}505$/m);
        assert.match(stderr, /^move: to nothing yet: the stack's backend is SQLite$/m);
        assert.match(stderr, /^move: in the way: runs\.start_time is no integer: rowid 3; /m);
        await spoil(host, "UPDATE runs SET start_time = 0 WHERE rowid = 3");
        const dry = await host.broken("move", sqlite);
        assert.strictEqual(
            said(dry).at(-1),
            "move: nothing was changed; next: pulumi config set backend …, pulumi up; see docs/moving.md",
        );
        const run = await host.broken("move", sqlite, ["--run"]);
        assert.deepStrictEqual(
            [run.status, run.stderr],
            [
                1,
                "move: the stack's backend is SQLite, there is nothing to move to; remedy: pulumi config set backend …, pulumi up\n",
            ],
        );
    });

    it("is remembered on the way back: SQLite does not begin empty beside a file that was moved", async () => {
        const host = await scene.host();
        const kept = `${host.file}.moved-20261125T101500Z`;
        renameSync(host.file, kept);
        const { status, stderr } = await host.prepare("", inSqlite(host));
        assert.strictEqual(status, 1);
        assert.strictEqual(
            stderr,
            `database: SQLite's file is missing or empty, and ${kept} is what was moved to PostgreSQL; nothing was begun; remedy: sudo mv ` +
                `${kept} ${host.file}, which brings that state back; or, to begin empty, move it to another folder\n`,
        );
        rmSync(host.file, { force: true });
        renameSync(kept, host.file);
        assert.strictEqual((await host.prepare("", inSqlite(host))).status, 0);
    });
});
