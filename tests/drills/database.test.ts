import assert from "node:assert";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { becomes, MetricStream } from "../support/drillClient";
import { databasePassword, store as storeDatabase, storedDatabase } from "../support/drillDatabase";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { postgresqlPrograms } from "../support/postgresql";
import { hasProc } from "../support/sandbox";

// A PostgreSQL that does not answer, or says no. Not proved: RDS, its failover, and a network that swallows packets.

describe("without its database (skipped where there is no PostgreSQL or no /proc)", function () {
    this.timeout(600_000);
    let scene: Scene | undefined;

    before(async function () {
        if (!postgresqlPrograms || !hasProc) {
            this.skip();
        }
        // It gives up early, so that it soon asks for the address again.
        scene = await Scene.start({ postgresql: "down", env: { HOST_DATABASE_WAIT_SECONDS: "3" } });
    });
    after(() => scene?.stop());

    /** Waits for a line of the log, which a fault must bring about, and looks for the password there and in all command lines. */
    const says = async (reason: RegExp, fail: () => Promise<void> | void): Promise<string> => {
        const { host } = scene!;
        const since = host.text.length;
        const start = performance.now();
        await fail();
        const commands = new Set<string>();
        await becomes(`the server says ${String(reason)}`, () => {
            host.processes().forEach(({ command }) => commands.add(command));
            return Promise.resolve(commands.size > 0 && reason.test(host.text.slice(since)));
        });
        const taken = secondsSince(start);
        assert.ok(![host.text, ...commands].some((text) => text.includes(databasePassword)));
        return taken;
    };

    drill("PostgreSQL is down at boot", "The log says why it waits; it comes up by itself", async () => {
        const { host, database } = scene!;
        const said = await says(/^database: not usable yet: .*Connection refused/m, () => undefined);
        database!.resume();
        const start = performance.now();
        await host.usable();
        return `the line came after ${said}; answers ${secondsSince(start)} after the database`;
    });

    drill(
        "PostgreSQL is down for 30 s under load",
        "Requests end with an error meanwhile, no process dies; every acknowledged metric is stored",
        () =>
            MetricStream.during(scene!.host.port, async (stream) => {
                const { host, database } = scene!;
                const pids = () => host.processes().map(({ pid }) => pid);
                const before = pids();
                await stream.more(100);
                database!.crash();
                await sleep(30_000);
                database!.resume();
                const start = performance.now();
                await host.usable();
                const recovery = secondsSince(start);
                await stream.more(100);
                await stream.stop();
                assert.deepStrictEqual([...new Set(stream.refusals.map(({ status }) => status))], [503]);
                assert.match(stream.refusals.at(-1)!.text, /OperationalError/);
                assert.deepStrictEqual(await stream.lost(), []);
                assert.deepStrictEqual(pids(), before);
                const { acknowledged, refusals } = stream;
                return `answers ${recovery} after the database; ${acknowledged.length} acknowledged, 0 lost, ${refusals.length} refused`;
            }),
    );

    drill("Wrong password of PostgreSQL", "The log says so, without any password; it goes on trying", async () => {
        const { host, store, database } = scene!;
        const said = await says(
            /^database: not usable yet: .*password authentication failed for user "mlflow"/m,
            async () => {
                await storeDatabase(store.emulator, storedDatabase(database!.port, `not-${databasePassword}`));
                host.signal("SIGKILL");
            },
        );
        return `the line came after ${said}`;
    });

    drill("PostgreSQL has no TLS", "The log says so; it goes on trying", async () => {
        const { store, database } = scene!;
        const said = await says(
            /^database: not usable yet: .*server does not support SSL, but SSL was required/m,
            async () => {
                database!.crash();
                database!.resume("off");
                await storeDatabase(store.emulator, storedDatabase(database!.port));
            },
        );
        return `the line came after ${said}`;
    });

    drill(
        "PostgreSQL takes connections and stays silent",
        "The log says so after connect_timeout; the server comes up once it is mended, without hands",
        async () => {
            const { host, database } = scene!;
            const silent = net.createServer((socket) => void socket.resume());
            let said: string;
            try {
                said = await says(/^database: not usable yet: .*timeout expired/m, async () => {
                    database!.crash();
                    await new Promise<void>((resolve) => silent.listen(database!.port, "127.0.0.1", resolve));
                });
            } finally {
                silent.close();
            }
            await becomes("its port is free", () => Promise.resolve(!silent.listening));
            database!.resume();
            const start = performance.now();
            await host.usable();
            return `the line came after ${said}; answers ${secondsSince(start)} after the database`;
        },
    );
});
