import assert from "node:assert";
import { statSync, writeFileSync } from "node:fs";
import { freePort } from "../../sandbox/processes";
import { said } from "../support/databaseHost";
import { forBothKinds, forKind, passwordForms } from "../support/databaseKinds";
import { fullDisk, newestRevision, older } from "../support/schemaFaults";

// What happens to a database before the server starts, by the host's own module with the real MLflow's schema: the cases beside
// those of tests/drills/schema.test.ts, which has upgrades and their failures. Not proved: that every migration of MLflow keeps
// the data.

forBothKinds("a database before the server starts", (kind, cloud) => {
    it("is taken up after an initialisation that was killed in its first moments", async () => {
        const host = await cloud.host();
        await host.change("half");
        const result = await host.prepare();
        assert.strictEqual(result.status, 0, result.stderr);
        const head = newestRevision();
        assert.deepStrictEqual(said(result), [
            `database: empty; initialising schema ${head}`,
            `database: schema is ${head}`,
        ]);
    });

    it("is refused when its tables are not MLflow's, or hold something", async () => {
        const unknown = /^database: schema none is not one that the installed MLflow knows; it is left as it is\. /;
        const host = await cloud.host();
        for (const [prepare, statement] of [
            ["query", "CREATE TABLE invoices (id INTEGER)"],
            ["half", "INSERT INTO experiments (experiment_id, name) VALUES (8, 'somebody''s')"],
        ]) {
            if (prepare === "half") {
                await host.change("query", "DROP TABLE invoices");
                await host.change("half");
            }
            await host.change("query", statement);
            const before = cloud.everything(host);
            const result = await host.prepare();
            assert.strictEqual(result.status, 1);
            assert.match(said(result).join(), unknown);
            assert.strictEqual(cloud.everything(host), before);
        }
    });

    it("is not upgraded when the bucket takes no backup from the host's role", async () => {
        const host = await cloud.host();
        await host.change("older", older);
        const before = cloud.everything(host);
        const stranger = await cloud.stranger();
        const result = await cloud.enforcing(() => host.prepare("", stranger));
        assert.strictEqual(result.status, 1);
        assert.match(
            said(result).at(-1)!,
            /^backup: s3:\/\/.* cannot be written with the role of this host: An error occurred \(AccessDenied\) /,
        );
        assert.doesNotMatch(result.stderr, /Traceback/);
        assert.deepStrictEqual([cloud.everything(host), host.leftovers()], [before, []]);
    });

    it(`is not upgraded when ${kind === "SQLite" ? "the volume is too full" : "pg_dump is older than it"}`, async () => {
        const host = await cloud.host();
        await host.change("older", older);
        const before = cloud.everything(host);
        host.standIn("pg_dump", 'echo "pg_dump (PostgreSQL) 9.6.24"');
        const result = await host.prepare(fullDisk(2 ** 18));
        const line =
            kind === "SQLite"
                ? /^backup: 256\.0 KiB are free on the data volume; a backup needs \d{3}\.\d KiB; remedy: a larger dataVolumeGib$/
                : /^backup: pg_dump is version 9, the database (\d+): it must not be older; remedy: sudo dnf install postgresql\1$/;
        assert.strictEqual(result.status, 1);
        assert.match(said(result).at(-1)!, line);
        assert.deepStrictEqual([cloud.everything(host), host.leftovers()], [before, []]);
        assert.deepStrictEqual(await cloud.backups(host), []);
    });
});

forKind("SQLite", "SQLite's file before the server starts", (cloud) => {
    it("is not upgraded when there is room for its backup, but not for the upgrade", async () => {
        const host = await cloud.host();
        await host.change("older", older);
        await host.change("fill", "20");
        const before = cloud.everything(host);
        const bytes = Math.round(2.5 * statSync(host.file).size);
        const result = await host.prepare(fullDisk(bytes));
        assert.strictEqual(result.status, 1);
        assert.match(
            said(result).at(-1)!,
            /^database: [\d.]+ [KM]iB are free on the data volume; the upgrade needs [\d.]+ [KM]iB; the schema is left as it is\. Enlarge /,
        );
        assert.deepStrictEqual([cloud.everything(host), host.leftovers()], [before, []]);
    });

    it("is refused in one line when it is no file of SQLite's", async () => {
        const host = await cloud.host();
        writeFileSync(host.file, "not a database, but long enough to be taken for one".repeat(100));
        const before = cloud.everything(host);
        const { status, stderr } = await host.prepare();
        assert.strictEqual(status, 1);
        assert.match(stderr, /^database: .*file is not a database.*\n$/);
        assert.strictEqual(cloud.everything(host), before);
    });
});

forKind("PostgreSQL", "a PostgreSQL before the server starts", (cloud) => {
    it("says why it cannot be used, each reason once, and never the password", async () => {
        const host = await cloud.host();
        const { address } = host;
        const port = new URL(address).port;
        const [, encoded] = passwordForms;
        const cases: [string, RegExp][] = [
            [address.replace(`:${port}/`, `:${await freePort()}/`), /Connection refused/],
            [address.replace(`:${encoded}@`, ":wr0ng-secret@"), /password authentication failed for user "mlflow"/],
            [address.replace("127.0.0.1", "nohost.invalid"), /could not translate host name "nohost\.invalid"/],
            [address.replace("sslmode=require", "sslmode=disable"), /no encryption/],
            [address.replace("sslmode=require", "sslmode=verify-full&sslrootcert=/nonexistent"), /\/nonexistent/],
        ];
        for (const [MLFLOW_BACKEND_STORE_URI, reason] of cases) {
            assert.notStrictEqual(MLFLOW_BACKEND_STORE_URI, address);
            const result = await host.prepare("", { MLFLOW_BACKEND_STORE_URI });
            assert.strictEqual(result.status, 1);
            const [first, last, ...more] = said(result);
            assert.match(first, /^database: not usable yet: /);
            assert.match(first, reason);
            assert.strictEqual(last, "database: did not become usable in time; see the reasons above");
            assert.deepStrictEqual(more, []);
            for (const secret of [...passwordForms, "wr0ng-secret", "Traceback"]) {
                assert.ok(!(result.stdout + result.stderr).includes(secret));
            }
        }
    });
});
