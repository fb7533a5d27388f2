import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { cleanEnvironment } from "../../sandbox/tools";
import type { DatabaseHost } from "../support/databaseHost";
import { type DatabaseCloud, databaseOf, forKind, password } from "../support/databaseKinds";
import { Postgresql } from "../support/postgresql";
import { temporaryFolder } from "../support/sandbox";

// The way back to any second, as docs/database.md has it: RDS restores into an instance of its own, and `mlflow-backup --from` and
// `mlflow-restore` bring its rows into the stack's. RDS is a second real PostgreSQL here, at the same port of another address. Not
// proved: RDS's own part.

const address = "127.0.0.2";

forKind("PostgreSQL", "an instance that was restored to a moment", (cloud) => {
    const stop: (() => Promise<void>)[] = [];
    afterEach(async () => {
        for (const end of stop.splice(0)) {
            await end();
        }
    });

    it("is where mlflow-backup --from takes a backup, which brings its rows back", async () => {
        const host = await cloud.host();
        await host.prepare();
        await host.change("fill", "20");
        const then = await host.rows();
        stop.push(await restoredInstance(cloud, host));
        await host.change("query", "DELETE FROM metrics");
        const now = await host.rows();
        assert.notDeepStrictEqual(now, then);
        const { status, stdout, stderr } = await host.command("mlflow-backup", ["--from", address]);
        assert.strictEqual(status, 0, stderr);
        assert.deepStrictEqual(await host.rows(), now);
        await host.restore(stdout.trim());
        assert.deepStrictEqual(await host.rows(), then);
        // What it replaced is kept.
        const [, kept] = await cloud.backups(host);
        await host.restore(kept);
        assert.deepStrictEqual(await host.rows(), now);
    });

    it("that cannot be reached is said in one line", async () => {
        const host = await cloud.host();
        await host.prepare();
        const { status, stdout, stderr } = await host.command("mlflow-backup", ["--from", address]);
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.match(stderr, /^backup: .*127\.0\.0\.2.*Connection refused.*\n$/);
        assert.ok(!stderr.includes(password));
        assert.deepStrictEqual([await cloud.backups(host), host.leftovers()], [[], []]);
    });
});

/** Starts another PostgreSQL with what a host's database holds now. Returns what ends it. */
async function restoredInstance(cloud: DatabaseCloud, host: DatabaseHost): Promise<() => Promise<void>> {
    const { port, username } = new URL(host.address);
    const folder = temporaryFolder();
    const instance = new Postgresql(folder, Number(port), address);
    await instance.start(username, password);
    const database = databaseOf(host.options);
    const connection = ["-h", address, "-p", port, "-U", username, "-d"];
    instance.query(password, [...connection, "postgres"], `CREATE DATABASE ${database}`);
    const { status, stderr } = spawnSync("pg_restore", [...connection, database], {
        env: cleanEnvironment({ PGPASSWORD: password, PGSSLMODE: "require" }),
        input: cloud.copyOf(host),
        encoding: "utf8",
    });
    assert.strictEqual(status, 0, stderr);
    return async () => {
        await instance.stop();
        rmSync(folder, { recursive: true, force: true });
    };
}
