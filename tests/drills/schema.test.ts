import assert from "node:assert";
import { freePort } from "../../sandbox/processes";
import { forBothKinds } from "../support/databaseKinds";
import { common, countOf, kill, said } from "../support/databaseHost";
import { drill, secondsSince } from "../support/drills";
import { until } from "../support/sandbox";
import { endlessUpgrade, failingUpgrade, newestRevision, older } from "../support/schemaFaults";

// What the start of a host does to its database, with the real MLflow's schemas and its own migrations: older ones are made by
// them, stopped half way. Databases are compared byte by byte (SQLite) or as a dump with schema and rows (PostgreSQL).
// Not proved: that migrations to versions which do not exist yet keep the data.

const rowsText = (count: number) => `${count.toLocaleString("en")} rows`;

forBothKinds("The start of a host and its database", (kind, cloud) => {
    /** A host whose database has MLflow 3.1.0's schema, with a little of everything in it. */
    const outdated = async (runs = 300) => {
        const host = await cloud.host();
        await host.change("older", older);
        await host.change("fill", String(runs));
        return host;
    };

    drill(
        `First start, ${kind}`,
        "The newest schema is there, without a backup; the second start writes nothing",
        async () => {
            const host = await cloud.host();
            const head = newestRevision();
            const start = performance.now();
            const first = await host.prepare();
            const took = secondsSince(start);
            assert.strictEqual(first.status, 0, first.stderr);
            assert.deepStrictEqual(said(first), [
                `database: empty; initialising schema ${head}`,
                `database: schema is ${head}`,
            ]);
            const before = cloud.everything(host);
            const again = performance.now();
            assert.deepStrictEqual(await host.prepare(), { status: 0, stdout: "", stderr: "" });
            const second = secondsSince(again);
            assert.strictEqual(cloud.everything(host), before);
            assert.deepStrictEqual(await cloud.backups(host), []);
            return `first ${took}, second ${second}`;
        },
    );

    drill(
        `Start after an upgrade from MLflow 3.1.0, ${kind}`,
        "The database is backed up, then upgraded; every row is as it was; the log says how to go back, and that works",
        async () => {
            const host = await outdated();
            const rows = await host.rows();
            const start = performance.now();
            const result = await host.prepare();
            const took = secondsSince(start);
            assert.strictEqual(result.status, 0, result.stderr);
            const [name, ...more] = await cloud.backups(host);
            assert.deepStrictEqual(more, []);
            assert.match(
                name,
                new RegExp(`^\\d{8}T\\d{6}Z-${older}\\.${kind === "SQLite" ? "sqlite\\.gz" : "pgdump"}$`),
            );
            const head = newestRevision();
            const [found, stored, upgrading, back, last] = said(result);
            assert.strictEqual(
                found,
                `database: schema ${older} is older than ${head}, which the installed MLflow needs; backing it up first`,
            );
            assert.match(stored, new RegExp(`^backup: s3://.*/${name} \\(.*\\), copied, opened, checked and stored$`));
            assert.strictEqual(upgrading, `database: upgrading schema ${older} to ${head}`);
            assert.match(back, /^database: To go back, use the version of this program that ran before /);
            assert.ok(back.endsWith(`sudo /opt/mlflow/host/bin/mlflow-restore ${name}`), back);
            assert.strictEqual(last, `database: schema is ${head}`);
            assert.deepStrictEqual(host.leftovers(), []);

            const upgraded = await host.rows();
            assert.deepStrictEqual(
                Object.keys(rows).filter((table) => !(table in upgraded)),
                [],
            );
            assert.deepStrictEqual(common(upgraded, rows), common(rows, upgraded));
            assert.deepStrictEqual(await host.prepare(), { status: 0, stdout: "", stderr: "" });

            await host.restore(name);
            assert.deepStrictEqual(await host.rows(), rows);
            return `${rowsText(countOf(rows))}: ${took}`;
        },
    );

    drill(`Start on the schema of a newer MLflow, ${kind}`, "Refused, and nothing is changed", async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        await host.change("query", "UPDATE alembic_version SET version_num = 'ffffffffffff'");
        const before = cloud.everything(host);
        const start = performance.now();
        const result = await host.prepare();
        const took = secondsSince(start);
        assert.strictEqual(result.status, 1);
        assert.deepStrictEqual(said(result), [
            "database: schema ffffffffffff is not one that the installed MLflow knows; it is left as it is. A newer MLflow wrote " +
                "it, or it is not MLflow's: go back to the version of this program that used it, or name another database",
        ]);
        assert.strictEqual(cloud.everything(host), before);
        assert.deepStrictEqual(await cloud.backups(host), []);
        return `refused within ${took}`;
    });

    drill(
        `A migration fails after others have changed the schema, ${kind}`,
        "The start is refused with the reason and the way back; schema and rows are as they were; mended, the next start upgrades",
        async () => {
            const host = await outdated();
            const before = cloud.everything(host);
            const start = performance.now();
            const failed = await host.prepare(failingUpgrade);
            const took = secondsSince(start);
            assert.strictEqual(failed.status, 1);
            const [name] = await cloud.backups(host);
            assert.strictEqual(
                said(failed).at(-1),
                `database: the upgrade failed and changed nothing, the schema is still ${older}: column x cannot be changed. ` +
                    "To go back, use the version of this program that ran before and there, if need be: " +
                    `sudo /opt/mlflow/host/bin/mlflow-restore ${name}`,
            );
            assert.doesNotMatch(failed.stderr, /Traceback/);
            assert.strictEqual(cloud.everything(host), before);
            assert.deepStrictEqual(host.leftovers(), []);
            assert.strictEqual((await host.prepare()).status, 0);
            return `refused after ${took}`;
        },
    );

    drill(
        `kill -9 in the middle of an upgrade, ${kind}`,
        "Schema and rows are as they were; the next start upgrades, with every row, and leaves nothing of the first behind",
        async () => {
            const host = await outdated();
            const [rows, before] = [await host.rows(), cloud.everything(host)];
            const process = host.startPreparing(endlessUpgrade);
            let output = "";
            process.stdout!.on("data", (text: Buffer) => (output += text.toString()));
            await until("all migrations have run", 120, () => output.includes("migrated"));
            await kill(process, "SIGKILL");
            assert.strictEqual(cloud.everything(host), before);
            const start = performance.now();
            const result = await host.prepare();
            const took = secondsSince(start);
            assert.strictEqual(result.status, 0, result.stderr);
            const upgraded = await host.rows();
            assert.deepStrictEqual(common(upgraded, rows), common(rows, upgraded));
            assert.deepStrictEqual(host.leftovers(), []);
            return `the next start took ${took}`;
        },
    );

    drill(
        `S3 is unreachable when an upgrade is due, ${kind}`,
        "No upgrade without a backup: refused, and nothing is changed",
        async () => {
            const host = await outdated(20);
            const before = cloud.everything(host);
            const start = performance.now();
            const result = await host.prepare("", { AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` });
            const took = secondsSince(start);
            assert.strictEqual(result.status, 1);
            assert.match(
                said(result).at(-1)!,
                /^backup: s3:\/\/.* cannot be written with the role of this host: Could not connect to the endpoint URL: /,
            );
            assert.strictEqual(cloud.everything(host), before);
            assert.deepStrictEqual(host.leftovers(), []);
            return `refused after ${took}`;
        },
    );
});
