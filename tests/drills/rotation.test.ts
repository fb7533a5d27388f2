import assert from "node:assert";
import { becomes, MetricStream } from "../support/drillClient";
import { databasePassword, removePasswords, store as storeDatabase, storedDatabase } from "../support/drillDatabase";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { postgresqlPrograms } from "../support/postgresql";
import { hasProc } from "../support/sandbox";

// Another password for the database, as `databasePasswordGeneration` brings it about: first the host can know the new one besides the old
// one, then the database changes it. Not proved: that RDS changes it in the same way.

const next = "pr0of-of-rotation";
const another = "pr0of-of-another";

describe("a rotation of the database's password (skipped where there is no PostgreSQL or no /proc)", function () {
    this.timeout(600_000);
    let scene: Scene | undefined;

    before(async function () {
        if (!postgresqlPrograms || !hasProc) {
            this.skip();
        }
        scene = await Scene.start({ postgresql: "up" });
        await scene.host.usable();
    });
    after(() => scene?.stop());

    /** Ends every connection of the server that does nothing at the moment, so that it needs new ones. */
    const endIdle = () =>
        scene!.database!.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'mlflow' AND state = 'idle' AND pid <> pg_backend_pid()",
        );

    /**
     * Logs metrics meanwhile. Every one that was acknowledged is stored, no process has ended, and no password is in the log.
     *
     * @returns how many there were
     */
    const underLoad = (body: (stream: MetricStream) => Promise<void>): Promise<string> => {
        const { host } = scene!;
        return MetricStream.during(host.port, async (stream) => {
            const processes = () => host.processes().map(({ pid }) => pid);
            const before = processes();
            await stream.more(100);
            await body(stream);
            await stream.more(200);
            await stream.stop();
            assert.deepStrictEqual(await stream.lost(), []);
            assert.deepStrictEqual(processes(), before);
            for (const secret of [databasePassword, next, another]) {
                assert.ok(!host.text.includes(secret), "the log holds a password");
            }
            const { acknowledged, refusals } = stream;
            return `${acknowledged.length} acknowledged, 0 lost, ${refusals.length} refused`;
        });
    };

    drill(
        "The password of PostgreSQL is rotated under load",
        "No process restarts; every acknowledged metric is stored; new connections open with the new password alone",
        () =>
            underLoad(async (stream) => {
                const { store, database } = scene!;
                await storeDatabase(store.emulator, storedDatabase(database!.port, next, databasePassword));
                await stream.more(50);
                database!.changePassword(next);
                await stream.more(100);
                assert.deepStrictEqual(stream.refusals, []);
                const ended = endIdle();
                assert.ok(Number(ended) > 0, "no connection was idle");
                await stream.more(200);
                // The old one is forgotten with the rotation after this one.
                await storeDatabase(store.emulator, storedDatabase(database!.port, next));
                endIdle();
            }),
    );

    drill(
        "PostgreSQL wants another password while nobody can read it",
        "Requests end with an error meanwhile, no process dies; every acknowledged metric is stored",
        async () => {
            let recovery = "";
            const counts = await underLoad(async (stream) => {
                const { host, store, database } = scene!;
                await removePasswords(store.emulator);
                database!.changePassword(another);
                endIdle();
                await becomes("requests are refused", () => Promise.resolve(stream.refusals.length > 5));
                await storeDatabase(store.emulator, storedDatabase(database!.port, another));
                const start = performance.now();
                await host.usable();
                recovery = secondsSince(start);
                assert.deepStrictEqual([...new Set(stream.refusals.map(({ status }) => status))], [503]);
                assert.match(stream.refusals[0].text, /parameter \/drill\/database-passwords cannot be read/);
            });
            return `answers ${recovery} after the parameter; ${counts}`;
        },
    );
});
