import assert from "node:assert";
import type { DatabaseHost } from "../support/databaseHost";
import { common, said } from "../support/databaseHost";
import { forKind } from "../support/databaseKinds";
import { drill, secondsSince } from "../support/drills";
import { newestRevision, older } from "../support/schemaFaults";

// Two hosts that start at the same moment on one PostgreSQL, as while an instance replaces another. SQLite's file is on a volume
// that one host has at a time. Not proved: more than two, hosts of different versions.

forKind("PostgreSQL", "Two hosts on one PostgreSQL", (cloud) => {
    /** Starts both at once. @returns how often each line was said, without the times in it */
    const startBoth = async (host: DatabaseHost) => {
        const other = await cloud.host(host.options);
        const start = performance.now();
        const results = await Promise.all([host.prepare(), other.prepare()]);
        const took = secondsSince(start);
        for (const { status, stderr } of results) {
            assert.strictEqual(status, 0, stderr);
        }
        const lines = results.flatMap(said);
        assert.deepStrictEqual([...host.leftovers(), ...other.leftovers()], []);
        return { took, times: (text: string) => lines.filter((line) => line.includes(text)).length };
    };

    drill(
        "Two hosts start at the same moment on one empty PostgreSQL",
        "One initialises it, the other waits for it; both start",
        async () => {
            const host = await cloud.host();
            const { took, times } = await startBoth(host);
            assert.strictEqual(times("empty; initialising schema"), 1);
            const { alembic_version } = await host.rows();
            assert.deepStrictEqual(alembic_version.rows, [[`'${newestRevision()}'`]]);
            assert.deepStrictEqual(await cloud.backups(host), []);
            return `both after ${took}`;
        },
    );

    drill(
        "Two hosts start at the same moment on one PostgreSQL with MLflow 3.1.0's schema",
        "One backs it up and upgrades it, the other waits for it; every row is there, and both start",
        async () => {
            const host = await cloud.host();
            await host.change("older", older);
            await host.change("fill", "300");
            const rows = await host.rows();
            const { took, times } = await startBoth(host);
            assert.strictEqual(times("upgrading schema"), 1);
            assert.strictEqual((await cloud.backups(host)).length, 1);
            const upgraded = await host.rows();
            assert.deepStrictEqual(common(upgraded, rows), common(rows, upgraded));
            assert.deepStrictEqual(upgraded.alembic_version.rows, [[`'${newestRevision()}'`]]);
            return `both after ${took}`;
        },
    );
});
