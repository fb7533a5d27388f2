import assert from "node:assert";
import { chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { common, type DatabaseHost, said } from "../support/databaseHost";
import { forBothKinds } from "../support/databaseKinds";
import { newestRevision, older } from "../support/schemaFaults";

// mlflow-restore, run as an operator runs it, on a real PostgreSQL and on SQLite's files, with S3 as the AWS emulator has it and a
// systemctl that only notes its calls: refusals, and what is the same for both. What comes back is compared row by row; tests/drills/backups.test.ts does so after writes.
// Not proved: systemd itself, S3's own errors.

forBothKinds("mlflow-restore", (kind, cloud) => {
    const [ending, otherEnding] = kind === "SQLite" ? ["sqlite.gz", "pgdump"] : ["pgdump", "sqlite.gz"];
    let host: DatabaseHost;
    let backup: string;
    let untouched: string;

    /** A database that something was done to, as its backup would be. */
    const copyAfter = async (statement: string, prepared = true) => {
        const other = await cloud.host();
        if (prepared) {
            await other.prepare();
        }
        await other.change("query", statement);
        return cloud.copyOf(other);
    };

    before(async function () {
        host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        backup = await host.backUp();
        untouched = cloud.everything(host);
    });

    /** Nothing was done to the database, and the server was not stopped. */
    const refuses = async (name: string, line: RegExp) => {
        const { status, stdout, stderr } = await host.command("mlflow-restore", [name]);
        assert.deepStrictEqual([status, stdout], [1, ""], stderr);
        assert.match(stderr, line);
        assert.strictEqual(stderr.trimEnd().split("\n").length, 1, stderr);
        assert.deepStrictEqual([host.calls(), cloud.everything(host), host.leftovers()], [[], untouched, []]);
    };

    it("refuses what is no name of a backup of this kind, with the server running", async () => {
        for (const name of [
            `../${backup}`,
            `a/b.${ending}`,
            `/etc/passwd`,
            backup.replace(ending, otherEnding),
            "a",
            "",
        ]) {
            await refuses(
                name,
                new RegExp(
                    `^restore: got ${name.replaceAll(".", "\\.")}; allowed: the name of a backup that ends with \\.${ending}; ` +
                        "remedy: mlflow-restore lists them$",
                    "m",
                ),
            );
        }
    });

    it("refuses a name that is not there, and files without their hash", async () => {
        await refuses(
            `missing.${ending}`,
            /^restore: s3:\/\/.*\/missing\..* cannot be read with the role of this host: .*NoSuchKey/,
        );
        const { content } = await cloud.fetch(host, backup);
        await cloud.put(host, `bare.${ending}`, content, null);
        await refuses(
            `bare.${ending}`,
            /^restore: bare\..* cannot be used, nothing was changed: its content does not match its hash \(stored: None\): it is /,
        );
    });

    it("refuses whatever is not a whole backup of a database of MLflow, although its hash is right", async () => {
        const { content } = await cloud.fetch(host, backup);
        const turned = Buffer.from(content);
        turned.fill(0xff, content.length >> 1, (content.length >> 1) + 64);
        const cannot = kind === "SQLite" ? "it cannot be unpacked: " : "pg_restore cannot read it: ";
        const cases: [string, Buffer, string][] = [
            ["empty", Buffer.alloc(0), kind === "SQLite" ? "it is not MLflow's: " : cannot],
            ["text", Buffer.from("not a backup"), cannot],
            ["cut", content.subarray(0, content.length >> 1), cannot],
            ["foreign", await copyAfter("CREATE TABLE invoices (id INTEGER)", false), "it is not MLflow's: "],
            ["nameless", await copyAfter("DELETE FROM alembic_version"), "it is not MLflow's: it names no schema"],
            [
                "newer",
                await copyAfter("UPDATE alembic_version SET version_num = 'ffffffffffff'"),
                "its schema ffffffffffff is newer than the installed MLflow: go back to the version of this program that wrote it",
            ],
        ];
        // In a dump, where most of the text says how to drop things, such a hole may be without meaning.
        if (kind === "SQLite") {
            cases.push(["turned", turned, cannot]);
        }
        for (const [name, file, reason] of cases) {
            await cloud.put(host, `${name}.${ending}`, file);
            await refuses(
                `${name}.${ending}`,
                new RegExp(`^restore: ${name}\\..* cannot be used, nothing was changed: ${reason}`),
            );
        }
    });

    it("refuses more than one name", async () => {
        const { status, stderr } = await host.command("mlflow-restore", ["a", "b"]);
        assert.deepStrictEqual(
            [status, stderr],
            [1, "mlflow-restore: got a b; allowed: the name of one backup, or nothing, which lists them\n"],
        );
    });

    it("lists the backups, newest first", async () => {
        const other = await cloud.host();
        for (const name of ["20260101T000000Z-a", "20261125T000000Z-b", "20260601T000000Z-c"]) {
            await cloud.put(other, `${name}.${ending}`, Buffer.alloc(1536));
        }
        const { status, stdout, stderr } = await other.command("mlflow-restore");
        assert.deepStrictEqual(
            [status, stdout, stderr],
            [
                0,
                ["20261125T000000Z-b", "20260601T000000Z-c", "20260101T000000Z-a"]
                    .map((name) => `${name}.${ending}  1.5 KiB\n`)
                    .join(""),
                "restore: 3 backups; bring one back: sudo /opt/mlflow/host/bin/mlflow-restore <backup>\n",
            ],
        );
    });

    it("changes nothing when the server cannot be stopped", async () => {
        const stubborn = await cloud.host(host.options);
        stubborn.standIn("systemctl", "echo 'no such unit' >&2; exit 5");
        const { status, stderr } = await stubborn.command("mlflow-restore", [backup]);
        assert.strictEqual(status, 1);
        assert.match(
            stderr,
            /^restore: the server cannot be stopped, nothing was changed: no such unit; remedy: sudo /,
        );
        assert.deepStrictEqual(stubborn.calls(), ["systemctl stop mlflow.service"]);
        assert.deepStrictEqual([cloud.everything(host), stubborn.leftovers()], [untouched, []]);
    });

    it("says so when the server does not start again", async () => {
        const other = await cloud.host({ backupRoot: host.options.backupRoot });
        other.standIn("systemctl", '[ "$1" = stop ]');
        const result = await other.restore(backup);
        assert.deepStrictEqual(said(result), [
            `restore: ${backup} is back`,
            "restore: the server did not start; see: journalctl --unit mlflow.service",
        ]);
    });

    it("brings an older schema back, which the next start backs up and upgrades", async () => {
        const outdated = await cloud.host();
        await outdated.change("older", older);
        await outdated.change("fill", "20");
        const rows = await outdated.rows();
        const old = await outdated.backUp();
        const other = await cloud.host({ backupRoot: outdated.options.backupRoot });
        await other.prepare();
        await other.restore(old);
        assert.deepStrictEqual(await other.rows(), rows);
        const kept = await cloud.backups(outdated);
        const { status, stderr } = await other.prepare();
        assert.strictEqual(status, 0, stderr);
        const upgraded = await other.rows();
        assert.deepStrictEqual(upgraded.alembic_version.rows, [[`'${newestRevision()}'`]]);
        assert.deepStrictEqual(common(upgraded, rows), common(rows, upgraded));
        const added = (await cloud.backups(outdated)).filter((name) => !kept.includes(name));
        assert.match(added.join(), new RegExp(`^\\w+-${older}\\.[a-z.]+$`));
    });

    it("removes what a killed one has left", async () => {
        const other = await cloud.host({ backupRoot: host.options.backupRoot });
        mkdirSync(path.join(other.state, "restore-left"));
        writeFileSync(path.join(other.state, "restore-left/fetched"), "half");
        await other.restore(backup);
        assert.deepStrictEqual(other.leftovers(), []);
    });

    it("leaves no file to root (skipped for others)", async function () {
        if (process.getuid?.() !== 0) {
            this.skip();
        }
        const other = await cloud.host({ backupRoot: host.options.backupRoot });
        await other.prepare();
        chownSync(other.state, 65534, 65534);
        await other.restore(backup);
        const roots = readdirSync(other.state).filter((name) => statSync(path.join(other.state, name)).uid !== 65534);
        assert.deepStrictEqual(roots, []);
    });
});
