import assert from "node:assert";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type DatabaseHost, kill, said } from "../support/databaseHost";
import { databaseOf, forKind } from "../support/databaseKinds";
import { until } from "../support/sandbox";

// mlflow-restore where it has begun to replace: what each kind of database needs, and failures in the middle, after which the
// database is as it was and the server runs. Not proved: systemd itself, a machine that loses its power.

const stopAndStart = ["systemctl stop mlflow.service", "systemctl start mlflow.service"];
const psql = "/usr/bin/psql";

forKind("SQLite", "mlflow-restore of SQLite's file", (cloud) => {
    it("moves the journal away with the file that it belongs to", async () => {
        const host = await cloud.host();
        await host.prepare();
        const backup = await host.backUp();
        const contents = {
            "mlflow.db": readFileSync(host.file, "base64"),
            "mlflow.db-journal": "",
            "mlflow.db-wal": "",
        };
        writeFileSync(`${host.file}-journal`, "");
        writeFileSync(`${host.file}-wal`, "");
        await host.restore(backup);
        const [kept, ...more] = host.leftovers();
        assert.deepStrictEqual(more, []);
        const found = readdirSync(path.join(host.state, kept));
        assert.deepStrictEqual(
            Object.fromEntries(found.map((name) => [name, readFileSync(path.join(host.state, kept, name), "base64")])),
            contents,
        );
        assert.deepStrictEqual(
            readdirSync(host.state).filter((name) => name.startsWith("mlflow.db")),
            ["mlflow.db"],
        );
    });

    it("puts the file back and starts the server when the new one cannot take its place", async () => {
        const host = await cloud.host();
        await host.prepare();
        const backup = await host.backUp();
        const before = cloud.everything(host);
        const fault = 'import os\ndef full(*_words): raise OSError(28, "No space left on device")\nos.replace = full';
        const { status, stderr } = await host.broken("restore", fault, [backup]);
        assert.deepStrictEqual(
            [status, stderr],
            [1, "restore: the server runs again\nrestore: [Errno 28] No space left on device\n"],
        );
        assert.deepStrictEqual([cloud.everything(host), host.calls()], [before, stopAndStart]);
    });
});

forKind("PostgreSQL", "mlflow-restore of a PostgreSQL", (cloud) => {
    /** A host with some rows, its backup, and what it has after it. */
    const changedHost = async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        const [backup, older] = [await host.backUp(), await host.rows()];
        await host.change("query", "UPDATE tags SET value = 'newer'");
        return { host, backup, older };
    };

    /** It fails, the server is started again, and the database is as it was. */
    const changesNothing = async (host: DatabaseHost, backup: string, line: RegExp) => {
        const before = cloud.everything(host);
        const { status, stderr } = await host.command("mlflow-restore", [backup]);
        assert.strictEqual(status, 1, stderr);
        assert.match(said({ status, stdout: "", stderr }).at(-1)!, line);
        const calls = host.calls().filter((call) => call.startsWith("systemctl "));
        assert.deepStrictEqual([calls, cloud.everything(host), host.leftovers()], [stopAndStart, before, []]);
    };

    it("changes nothing when it fails at its very end", async () => {
        const { host, backup } = await changedHost();
        const script = '"$(printf "%s\\n" "$@" | sed -n "s/^--file=//p")"';
        host.standIn("psql", `echo "SELECT 1 / 0;" >>${script}\nexec ${psql} "$@"`);
        await changesNothing(host, backup, /^restore: PostgreSQL refused it and changed nothing: .*division by zero$/);
    });

    it("changes nothing when it is ended from outside, and starts the server again", async () => {
        const { host, backup } = await changedHost();
        // It has replaced everything, and waits before the end of its transaction.
        const script = '"$(printf "%s\\n" "$@" | sed -n "s/^--file=//p")"';
        host.standIn("psql", `echo "SELECT pg_sleep(600);" >>${script}\nexec ${psql} "$@"`);
        const before = cloud.everything(host);
        const process = host.startCommand("mlflow-restore", [backup]);
        let output = "";
        process.stderr!.on("data", (text: Buffer) => (output += text.toString()));
        await until("it waits", 60, () => cloud.query("postgres", sleeping(host)) === "1");
        await kill(process, "SIGHUP");
        assert.strictEqual(process.exitCode, 1);
        assert.match(output, /^restore: the server runs again\nrestore: ended by SIGHUP; /m);
        await until("PostgreSQL notices", 60, () => cloud.query("postgres", endSleep(host)) === "");
        const calls = host.calls().filter((call) => call.startsWith("systemctl "));
        assert.deepStrictEqual([calls, cloud.everything(host), host.leftovers()], [stopAndStart, before, []]);
    });

    const sleeping = ({ options }: DatabaseHost) =>
        `SELECT count(*) FROM pg_stat_activity WHERE datname = '${databaseOf(options)}' AND wait_event = 'PgSleep'`;
    /** PostgreSQL looks after its clients between statements only. */
    const endSleep = ({ options }: DatabaseHost) =>
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '${databaseOf(options)}' AND wait_event = 'PgSleep'`;

    it("refuses a database that also holds somebody else's table", async () => {
        const { host, backup } = await changedHost();
        await host.change("query", "CREATE TABLE invoices (id INTEGER)");
        await changesNothing(
            host,
            backup,
            /^restore: the database also holds invoices, which are not MLflow's and would be lost; nothing was changed; remedy: /,
        );
    });

    it("refuses a database with tables of MLflow's names that are not its own", async () => {
        const { host, backup } = await changedHost();
        await host.change("query", "DELETE FROM alembic_version");
        await changesNothing(
            host,
            backup,
            /^restore: the database holds tables without a schema of MLflow; nothing was changed; /,
        );
    });

    it("drops nobody's view along with a table", async () => {
        const { host, backup } = await changedHost();
        await host.change("query", "CREATE SCHEMA reports");
        await host.change("query", "CREATE VIEW reports.names AS SELECT name FROM public.runs");
        await changesNothing(
            host,
            backup,
            /^restore: PostgreSQL refused it and changed nothing: .*view reports\.names depends on table runs/,
        );
    });

    it("takes the dump of a newer pg_dump, and every row that looks like a part of it", async () => {
        const { host, backup, older } = await changedHost();
        const newer =
            "SET transaction_timeout = 0;\\nCREATE SCHEMA public;\\nCOMMENT ON SCHEMA public IS 'standard';\\n";
        host.standIn("pg_restore", `[[ "$*" != --no-owner* ]] || printf "${newer}"\nexec /usr/bin/pg_restore "$@"`);
        await host.restore(backup);
        assert.deepStrictEqual(await host.rows(), older);
        assert.ok(older.params.rows.some((row) => row.includes("'COMMENT ON SCHEMA public is a key'")));
    });
});
