import assert from "node:assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { freePort } from "../../sandbox/processes";
import { said } from "../support/databaseHost";
import { forBothKinds, forKind, hashOf, passwordForms } from "../support/databaseKinds";
import { fullDisk } from "../support/schemaFaults";

// mlflow-backup, run as its timer and an operator run it, on a real PostgreSQL and on SQLite's files, with S3 as the AWS emulator
// has it. What a backup holds while others write: tests/drills/backups.test.ts. Not proved: the role's own policy (tests/access),
// S3's limits.

forBothKinds("mlflow-backup", (kind, cloud) => {
    it("prints the name of the backup alone, and stores it with its hash", async () => {
        const host = await cloud.host();
        await host.prepare();
        const { status, stdout, stderr } = await host.command("mlflow-backup");
        assert.strictEqual(status, 0, stderr);
        assert.match(stdout, /^\d{8}T\d{6}Z-[0-9a-f]{12}\.(sqlite\.gz|pgdump)\n$/);
        const name = stdout.trim();
        assert.deepStrictEqual(await cloud.backups(host), [name]);
        assert.ok(name.endsWith(kind === "SQLite" ? ".sqlite.gz" : ".pgdump"));
        const { content, sha256 } = await cloud.fetch(host, name);
        assert.strictEqual(sha256, hashOf(content));
        assert.match(
            stderr,
            new RegExp(
                `^backup: ${host.options.backupRoot}/${name} \\([\\d.]+ KiB\\), copied, opened, checked and stored\\n$`,
            ),
        );
        assert.deepStrictEqual(host.leftovers(), []);
    });

    for (const words of [["now"], ["--from"], ["--from", "/tmp"], ["--from", "-h"], ["--from", "a", "b"]]) {
        it(`does not take ${words.join(" ")}`, async () => {
            const { status, stderr } = await (await cloud.host()).command("mlflow-backup", words);
            const allowed = "nothing, or --from <host of the same database, restored>";
            assert.deepStrictEqual(
                [status, stderr],
                [1, `mlflow-backup: got ${words.join(" ")}; allowed: ${allowed}\n`],
            );
        });
    }

    it("makes two at the same moment one after the other", async () => {
        const host = await cloud.host();
        await host.prepare();
        const names = await Promise.all([host.backUp(), host.backUp()]);
        assert.deepStrictEqual(await cloud.backups(host), names.sort());
        assert.strictEqual(new Set(names).size, 2);
        assert.deepStrictEqual(host.leftovers(), []);
    });

    it("gives the next one another name, however soon it comes", async () => {
        const host = await cloud.host();
        await host.prepare();
        const fourBefore =
            "import os\nfrom mlflow_host import backup\nfor _ in range(4): backup.back_up(os.environ['MLFLOW_BACKEND_STORE_URI'])";
        const { status, stderr } = await host.broken("backup", fourBefore);
        assert.strictEqual(status, 0, stderr);
        assert.strictEqual((await cloud.backups(host)).length, 5);
    });

    it("removes what a killed one has left", async () => {
        const host = await cloud.host();
        await host.prepare();
        mkdirSync(path.join(host.state, "backup-left"));
        writeFileSync(path.join(host.state, "backup-left/mlflow.db"), "half");
        await host.backUp();
        assert.deepStrictEqual(host.leftovers(), []);
    });

    it("says in one line why the bucket does not take it, and leaves nothing behind", async () => {
        const host = await cloud.host();
        await host.prepare();
        const stranger = await cloud.stranger();
        // The address of a PostgreSQL is a parameter, which this role may not read either.
        const denied = await cloud.enforcing(() => host.broken("backup", "", [], stranger));
        const unreachable = await host.broken("backup", "", [], {
            AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
        });
        for (const { status, stdout, stderr } of [denied, unreachable]) {
            assert.deepStrictEqual([status, stdout], [1, ""]);
            assert.match(
                stderr,
                kind === "SQLite"
                    ? /^backup: s3:\/\/.* cannot be written with the role of this host: .*(AccessDenied|Could not connect).*\n$/
                    : /^backup: parameter .* cannot be read with the role of this host: .*(AccessDenied|Could not connect).*\n$/,
            );
        }
        assert.deepStrictEqual([await cloud.backups(host), host.leftovers()], [[], []]);
    });

    it("refuses a database that is not MLflow's", async () => {
        const host = await cloud.host();
        await host.change("query", "CREATE TABLE invoices (id INTEGER)");
        const { status, stderr } = await host.command("mlflow-backup");
        assert.strictEqual(status, 1);
        assert.match(stderr, /^backup: the database was not backed up: it is not MLflow's: .*\n$/);
        assert.deepStrictEqual([await cloud.backups(host), host.leftovers()], [[], []]);
    });
});

forKind("SQLite", "mlflow-backup of SQLite's file", (cloud) => {
    it("refuses a damaged file", async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "200");
        const damaged = readFileSync(host.file);
        damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 8192);
        writeFileSync(host.file, damaged);
        const { status, stderr } = await host.command("mlflow-backup");
        assert.strictEqual(status, 1);
        assert.match(stderr, /^backup: the database was not backed up: SQLite finds it damaged: .*\n$/);
        assert.deepStrictEqual([await cloud.backups(host), host.leftovers()], [[], []]);
    });

    it("has no other host", async () => {
        const { status, stderr } = await (await cloud.host()).command("mlflow-backup", ["--from", "192.0.2.7"]);
        const allowed = "--from with a PostgreSQL";
        assert.deepStrictEqual(
            [status, stderr],
            [1, `mlflow-backup: got --from, but the stack's backend is SQLite; allowed: ${allowed}\n`],
        );
    });

    it("refuses a volume without the room", async () => {
        const host = await cloud.host();
        await host.prepare();
        const { status, stderr } = await host.broken("backup", fullDisk(1024));
        assert.strictEqual(status, 1);
        assert.match(
            stderr,
            /^backup: 1\.0 KiB are free on the data volume; a backup needs [\d.]+ [KM]iB; remedy: a larger dataVolumeGib\n$/,
        );
        assert.deepStrictEqual(host.leftovers(), []);
    });

    it("gives the same bytes for the same database, and SQLite opens them", async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        const [first, second] = [await host.backUp(), await host.backUp()];
        const { content, sha256 } = await cloud.fetch(host, first);
        assert.strictEqual((await cloud.fetch(host, second)).sha256, sha256);
        const file = path.join(cloud.folder, "opened.db");
        writeFileSync(file, gunzipSync(content));
        assert.deepStrictEqual(await host.rows({ MLFLOW_BACKEND_STORE_URI: `sqlite:///${file}` }), await host.rows());
    });
});

forKind("PostgreSQL", "mlflow-backup of a PostgreSQL", (cloud) => {
    /** A stand-in that notes all processes and its own environment, and then does what the real program does. */
    const watched = (folder: string, program: string) => `
{ cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; } >>"${folder}/processes" 2>/dev/null
env >>"${folder}/environment-${program}"
exec /usr/bin/${program} "$@"`;

    it("has the password on no command line and in no log, from backup to restore", async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        const programs = ["pg_dump", "pg_restore", "psql"];
        programs.forEach((program) => host.standIn(program, watched(host.options.root, program)));
        const backup = await host.command("mlflow-backup");
        const restore = await host.command("mlflow-restore", [backup.stdout.trim()]);
        assert.deepStrictEqual([backup.status, restore.status], [0, 0], backup.stderr + restore.stderr);
        const text = (name: string) => readFileSync(path.join(host.options.root, name), "utf8");
        const processes = text("processes");
        assert.match(processes, /pg_dump --format=custom/);
        assert.match(processes, /psql --no-psqlrc/);
        for (const secret of passwordForms) {
            for (const seen of [processes, host.calls().join(), backup.stderr, backup.stdout, restore.stderr]) {
                assert.ok(!seen.includes(secret));
            }
        }
        // They get it as their environment, which nobody else can read.
        for (const program of ["pg_dump", "psql"]) {
            assert.ok(text(`environment-${program}`).includes(`\nPGPASSWORD=${passwordForms[0]}\n`), program);
        }
        assert.deepStrictEqual(host.leftovers(), []);
    });

    it("says what pg_dump says when it fails, without the password", async () => {
        const host = await cloud.host();
        await host.prepare();
        host.standIn("pg_dump", 'exec /usr/bin/pg_dump "${@/--schema=public/--schema=none}"');
        const result = await host.command("mlflow-backup");
        assert.deepStrictEqual(
            [result.status, said(result)],
            [1, ["backup: pg_dump failed: pg_dump: error: no matching schemas were found"]],
        );
        assert.deepStrictEqual([await cloud.backups(host), host.leftovers()], [[], []]);
    });

    it("never runs two of pg_dump at a time", async () => {
        const host = await cloud.host();
        await host.prepare();
        const record = path.join(host.options.root, "order");
        host.standIn(
            "pg_dump",
            `[ "$1" != --version ] || exec /usr/bin/pg_dump "$@"\necho begin >>${record}; sleep 1; /usr/bin/pg_dump "$@"; echo end >>${record}`,
        );
        await Promise.all([host.backUp(), host.backUp()]);
        assert.strictEqual(readFileSync(record, "utf8"), "begin\nend\nbegin\nend\n");
    });
});
