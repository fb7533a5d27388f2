import assert from "node:assert";
import { readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { countOf, type DatabaseHost, type Rows, said, type Writer } from "../support/databaseHost";
import { type DatabaseCloud, forBothKinds } from "../support/databaseKinds";
import { drill, secondsSince } from "../support/drills";

// Backups are made by the host's own commands while other processes store runs, go through S3 (the AWS emulator), and are compared
// row by row. Not proved: the same through S3 itself, databases of many gigabytes, artifacts (npm run restore-artifacts has tests
// of its own).

const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

/** What one of the writers has stored in these rows. @throws when that is not its first runs, each of them whole */
function storedBy(name: string, { runs, params, tags, metrics, latest_metrics }: Rows): number {
    const idsOf = ({ columns, rows }: Rows[string]) => {
        const column = columns.indexOf("run_uuid");
        return rows.map((row) => row[column].replaceAll("'", "")).filter((id) => id.startsWith(name));
    };
    const found = idsOf(runs).sort();
    const expected = found.map((_, index) => `${name}${String(index).padStart(32 - name.length, "0")}`);
    assert.deepStrictEqual(found, expected, "the runs are not the first that were written");
    for (const [table, each] of [
        [params, 8],
        [tags, 8],
        [metrics, 10],
        [latest_metrics, 10],
    ] as const) {
        const counts = new Map<string, number>();
        idsOf(table).forEach((id) => counts.set(id, (counts.get(id) ?? 0) + 1));
        assert.deepStrictEqual([...counts.keys()].sort(), expected);
        assert.deepStrictEqual([...new Set(counts.values())], found.length ? [each] : []);
    }
    return found.length;
}

/** Makes a backup while two processes write. */
async function backUpDuringWrites(host: DatabaseHost) {
    const names = ["anna", "berta"];
    const writers: Writer[] = names.map((name) => host.startWriter(name));
    try {
        await Promise.all(writers.map((writer) => writer.reaches(20)));
        const before = writers.map(({ acknowledged }) => acknowledged);
        const start = performance.now();
        const backup = await host.backUp();
        const took = secondsSince(start);
        const after = writers.map(({ acknowledged }) => acknowledged);
        assert.ok(sum(after) > sum(before), "nothing was written meanwhile");
        await Promise.all(writers.map((writer, index) => writer.reaches(after[index] + 5)));
        return { backup, took, names, before, after };
    } finally {
        await Promise.all(writers.map((writer) => writer.stop()));
    }
}

const sizeOf = async (cloud: DatabaseCloud, host: DatabaseHost, name: string) =>
    mib((await cloud.fetch(host, name)).content.length);

forBothKinds("Backups and their return", (kind, cloud) => {
    drill(
        `Backup while two processes store runs, restored into an empty host, ${kind}`,
        "All that was stored before it began is in it, of both the first runs without a gap, and each run whole; the restored " +
            "equals it, row by row, in a second empty host too",
        async () => {
            const host = await cloud.host();
            await host.prepare();
            await host.change("fill", "3000");
            const { backup, took, names, before, after } = await backUpDuringWrites(host);
            const { backupRoot } = host.options;
            const [empty, another] = [await cloud.host({ backupRoot }), await cloud.host({ backupRoot })];
            const start = performance.now();
            const restored = await empty.restore(backup);
            const restoring = secondsSince(start);
            assert.deepStrictEqual(said(restored), [`restore: ${backup} is back`, "restore: the server runs again"]);
            assert.deepStrictEqual(empty.calls(), ["systemctl stop mlflow.service", "systemctl start mlflow.service"]);

            const rows = await empty.rows();
            names.forEach((name, index) => {
                const stored = storedBy(name, rows);
                // One more may be stored than its writer could say.
                assert.ok(
                    stored >= before[index] && stored <= after[index] + 1,
                    `${before[index]} ${stored} ${after[index]}`,
                );
            });
            const [live, filled] = [await host.rows(), storedBy("filled", rows)];
            assert.strictEqual(filled, 3000);
            assert.deepStrictEqual(Object.keys(rows), Object.keys(live));
            for (const [table, content] of Object.entries(rows)) {
                assert.deepStrictEqual(content.columns, live[table].columns);
                const known = new Set(live[table].rows.map((row) => row.join()));
                assert.deepStrictEqual(
                    content.rows.filter((row) => !known.has(row.join())),
                    [],
                    table,
                );
            }
            assert.ok(countOf(rows) < countOf(live));
            if (kind === "SQLite") {
                assert.strictEqual(await empty.change("query", "PRAGMA foreign_key_check"), "None");
            }
            await another.restore(backup);
            assert.deepStrictEqual(await another.rows(), rows);
            assert.deepStrictEqual(await empty.prepare(), { status: 0, stdout: "", stderr: "" });
            assert.deepStrictEqual([...host.leftovers(), ...empty.leftovers()], []);
            const size = await sizeOf(cloud, host, backup);
            return `${countOf(rows).toLocaleString("en")} rows, ${size}: backup ${took}, restore ${restoring}`;
        },
    );

    drill(
        `Restore over a newer state, ${kind}`,
        kind === "SQLite"
            ? "What was there is kept beside it, whole, and said; the other rows are those of the backup"
            : "What was there is kept as one more backup, and said; the rows are those of the backup; that one brings it back",
        async () => {
            const host = await cloud.host();
            await host.prepare();
            await host.change("fill", "200");
            const older = await host.rows();
            const backup = await host.backUp();
            await host.change("query", "DELETE FROM metrics WHERE step > 5");
            await host.change("query", "UPDATE tags SET value = 'newer'");
            const newer = await host.rows();
            const start = performance.now();
            const result = await host.restore(backup);
            const took = secondsSince(start);
            assert.deepStrictEqual(await host.rows(), older);
            const lines = said(result);
            if (kind === "SQLite") {
                const [kept] = readdirSync(host.state).filter((name) => name.startsWith("replaced-"));
                assert.match(kept, /^replaced-\d{8}T\d{6}Z$/);
                const folder = path.join(host.state, kept);
                assert.deepStrictEqual(lines, [
                    `restore: what was there before is kept in ${folder}; delete it when nobody misses it`,
                    `restore: ${backup} is back`,
                    "restore: the server runs again",
                ]);
                assert.strictEqual((statSync(folder).mode & 0o777).toString(8), "750");
                const env = { MLFLOW_BACKEND_STORE_URI: `sqlite:///${folder}/mlflow.db` };
                assert.deepStrictEqual(await host.rows(env), newer);
            } else {
                const [first, second, ...more] = await cloud.backups(host);
                assert.deepStrictEqual([first, more], [backup, []]);
                assert.deepStrictEqual(lines.slice(1), [
                    `restore: what is there now is kept as ${second}`,
                    `restore: ${backup} is back`,
                    "restore: the server runs again",
                ]);
                await host.restore(second);
                assert.deepStrictEqual(await host.rows(), newer);
            }
            return `${countOf(newer).toLocaleString("en")} rows replaced: ${took}`;
        },
    );

    drill(
        `A damaged backup, ${kind}`,
        "Cut short, or with one bit of it turned: refused before the server is stopped, and nothing is changed",
        async () => {
            const host = await cloud.host();
            await host.prepare();
            await host.change("fill", "20");
            const backup = await host.backUp();
            const { content, sha256 } = await cloud.fetch(host, backup);
            const turned = Buffer.from(content);
            turned[turned.length >> 1] ^= 1;
            const before = cloud.everything(host);
            const start = performance.now();
            for (const damaged of [content.subarray(0, content.length >> 1), turned]) {
                const name = `damaged-${damaged.length}.${backup.split(".").slice(1).join(".")}`;
                await cloud.put(host, name, damaged, sha256);
                const { status, stderr } = await host.command("mlflow-restore", [name]);
                assert.deepStrictEqual(
                    [status, stderr],
                    [
                        1,
                        `restore: ${name} cannot be used, nothing was changed: its content does not match its hash (stored: ` +
                            `${sha256}): it is damaged, or no backup of this program\n`,
                    ],
                );
            }
            const took = secondsSince(start);
            assert.deepStrictEqual([host.calls(), cloud.everything(host)], [[], before]);
            return `both refused within ${took}`;
        },
    );
});
