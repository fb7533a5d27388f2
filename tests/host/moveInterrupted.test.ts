import assert from "node:assert";
import { readFileSync } from "node:fs";
import { common, type DatabaseHost, said } from "../support/databaseHost";
import { databaseOf, hashOf } from "../support/databaseKinds";
import { forMoves, inSqlite, keptFile, moved, stateOf } from "../support/movingScene";
import { newestRevision, older } from "../support/schemaFaults";

// A move that is killed, or that finds another's hand in it, on a real PostgreSQL: it goes on from where it was, nothing is
// there twice, and nothing is served in between. What is there at the end is compared row by row by SQLAlchemy's own reading. Not
// proved: the end of the machine, or of PostgreSQL, within a transaction.

/** Batches are small, so that tables have several. */
const small = "from mlflow_host import move_source, move_target, move_run\nmove_source.BATCH_ROWS = 40\n";

/** Ends the command as the kernel does when memory is short, after (or before) the nth call of something. */
const killAt = (place: string, name: string, nth = 1, when: "before" | "after" = "after") => `${small}
import itertools, os, signal
import mlflow.store.db.utils as utils
calls, original = itertools.count(1), ${place}.${name}
def killing(*words):
    last = next(calls) == ${nth}
    if last and "${when}" == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*words)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
${place}.${name} = killing
`;

/** The same texts are there, and as often, but not in the same places. */
const SWAP =
    "UPDATE tags SET value = CASE key WHEN 't1' THEN (SELECT value FROM tags WHERE key = 't2' LIMIT 1) ELSE " +
    "(SELECT value FROM tags WHERE key = 't1' LIMIT 1) END WHERE key IN ('t1', 't2')";

const points: [string, string][] = [
    ["before its mark is there", killAt("move_target.Target", "begin", 1, "before")],
    ["between MLflow's first tables and its migrations", killAt("utils", "_upgrade_db", 1, "before")],
    ["with MLflow's tables, before they are emptied", killAt("utils", "_upgrade_db")],
    ["between a batch and the note of it", killAt("move_target", "write", 20, "before")],
    ["within the largest table", killAt("move_target.Target", "add", 38)],
    ["while it compares", killAt("move_target.Target", "sum_of", 40)],
    ["before the file has its new name", killAt("move_run", "moved_name")],
    ["before the mark goes", killAt("move_target.Target", "end", 1, "before")],
];

forMoves("a move that is interrupted", (scene) => {
    const { cloud } = scene;
    const run = (host: DatabaseHost, fault = small) => host.broken("move", fault, ["--run"]);

    /** The server does not start on what is there, and says how to go on. */
    const isNotServed = async (host: DatabaseHost) => {
        const { status, stderr } = await host.prepare();
        assert.strictEqual(status, 1);
        assert.match(
            stderr,
            /^database: (it holds a part of what is moved from SQLite since \S+Z; nothing uses it .* --run, which goes on; or, to go back|it is empty, and )/,
        );
    };

    it("goes on from wherever it was killed, with nothing lost and nothing twice", async () => {
        const host = await scene.host();
        const before = hashOf(readFileSync(host.file));
        for (const [where, fault] of points) {
            const { status, stderr } = await run(host, fault);
            assert.strictEqual(status, null, `${where}: it was to be killed\n${stderr}`);
            await isNotServed(host);
            if (where === "within the largest table") {
                const there = Number(cloud.query(databaseOf(host.options), "SELECT count(*) FROM metrics"));
                assert.ok(there > 0 && there < 505 && there % 40 === 0, `${there} rows`);
            }
        }
        const result = await run(host);
        assert.strictEqual(result.status, 0, result.stderr);
        await scene.isMoved(host);
        assert.strictEqual(hashOf(readFileSync(keptFile(host))), before);
        assert.deepStrictEqual(stateOf(host), ["mlflow.db.moved-<time>"]);
        // Once before the mark was there, and once for it.
        assert.strictEqual((await cloud.backups(host)).length, 2);
        const { status, stderr } = await host.prepare();
        assert.deepStrictEqual([status, stderr], [0, ""]);
    });

    it("is ended by SIGTERM with a word on how to go on; nobody judges by a part of a database; another file begins anew", async () => {
        const host = await scene.host();
        const collection = async () => {
            const { status, stderr } = await host.command("mlflow-gc", ["0", "--apply"]);
            assert.strictEqual(status, 1);
            return stderr.trimEnd().split("\n").at(-1)!;
        };
        assert.strictEqual(
            await collection(),
            "gc: the database has not the schema of the installed MLflow, nothing was deleted; remedy: start the server first",
        );
        assert.deepStrictEqual(await host.rows(), {});

        const end = killAt("move_target.Target", "add", 38).replaceAll("SIGKILL", "SIGTERM");
        const { status, stderr } = await run(host, end);
        assert.strictEqual(status, 1);
        assert.deepStrictEqual(stderr.trimEnd().split("\n").slice(-2), [
            "move: the server stays stopped",
            "move: ended by SIGTERM. SQLite's file is as it was; to go on: sudo /opt/mlflow/host/bin/mlflow-move --run; to go back: " +
                "pulumi config set backend sqlite, pulumi up",
        ]);
        assert.deepStrictEqual(host.calls(), ["systemctl stop mlflow.service"]);
        assert.match(await collection(), /^gc: it holds a part of what is moved from SQLite since /);

        await host.python("database.py", ["query", "UPDATE runs SET name = 'renamed'"], inSqlite(host));
        const rows = await host.rows(inSqlite(host));
        const [first] = said(await moved(host));
        assert.strictEqual(
            first,
            "move: all is copied anew: SQLite's file is another, or what was copied was not the same",
        );
        assert.deepStrictEqual(await host.rows(), rows);
    });

    describe("by another's hand", () => {
        const changes: [string, string, RegExp][] = [
            [
                "a value",
                "UPDATE params SET value = value || ' ' WHERE key = 'p2'",
                /^params: 96 rows, checksum \w{32} in SQLite; 96 rows, /,
            ],
            [
                "the last bit of a number",
                "UPDATE metrics SET value = value + 1e-17 WHERE key = 'm3'",
                /^metrics: 505 rows/,
            ],
            [
                "a missing row",
                "DELETE FROM trace_tags WHERE key = 'k'",
                /^trace_tags: 15 rows, checksum \w{32} in SQLite; 12 rows, /,
            ],
            ["two rows that changed places", SWAP, /^tags: 117 rows/],
        ];

        it("is found when it compares: each table that is not the same, and all copied anew then", async () => {
            const host = await scene.host();
            const change = changes.map(([, statement]) => statement).join("; ");
            const fault = `${small}
original = move_target.Target.set_sequences
def changed(self, tables):
    original(self, tables)
    with self.transaction() as cursor:
        cursor.execute(${JSON.stringify(change)})
move_target.Target.set_sequences = changed
`;
            const result = await run(host, fault);
            assert.strictEqual(result.status, 1);
            const lines = said(result).filter((line) => line.startsWith("move: not the same: "));
            const found = lines.map((line) => line.replace("move: not the same: ", ""));
            assert.strictEqual(found.length, changes.length, result.stderr);
            for (const [what, , pattern] of changes) {
                assert.ok(
                    found.some((line) => pattern.test(line)),
                    `${what}: ${found.join("\n")}`,
                );
            }
            assert.match(
                said(result).at(-1)!,
                /^move: 4 tables are not the same on both sides; the next run copies all anew\. SQLite's file is as it was; /,
            );
            await isNotServed(host);
            await moved(host);
            await scene.isMoved(host);
        });
    });

    it("brings a file with an older schema, of which a copy is upgraded", async () => {
        const host = await cloud.host();
        await host.python("database.py", ["older", older], inSqlite(host));
        await host.python("database.py", ["fill", "20"], inSqlite(host));
        const rows = await host.rows(inSqlite(host));
        const before = hashOf(readFileSync(host.file));
        const dry = await host.command("mlflow-move");
        assert.strictEqual(dry.status, 0, dry.stderr);
        assert.match(
            dry.stderr,
            new RegExp(`schema ${older}, of which a copy is upgraded to ${newestRevision()}$`, "m"),
        );
        await run(host, killAt("move_target.Target", "add", 4));
        const result = await moved(host);
        assert.deepStrictEqual(stateOf(host), ["mlflow.db.moved-<time>"], result.stderr);
        assert.strictEqual(hashOf(readFileSync(keptFile(host))), before);
        const there = await host.rows();
        assert.deepStrictEqual(there.alembic_version.rows, [[`'${newestRevision()}'`]]);
        assert.deepStrictEqual(common(there, rows), common(rows, there));
        const [backup] = await cloud.backups(host);
        assert.match(backup, new RegExp(`-${older}\\.sqlite\\.gz$`));
    });
});
