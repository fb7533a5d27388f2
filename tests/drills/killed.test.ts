import assert from "node:assert";
import { MetricStream } from "../support/drillClient";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { postgresqlPrograms } from "../support/postgresql";
import { hasProc, until } from "../support/sandbox";

// kill -9 while metrics stream: what was acknowledged is compared with what is stored. Not proved: systemd's restart, which
// tests/host/systemd.test.ts has, and the machine's own end, which takes what it holds in memory with it.

for (const backend of ["SQLite", "PostgreSQL"] as const) {
    describe(`killed, with ${backend} (skipped where there is no /proc, or no PostgreSQL for it)`, function () {
        this.timeout(600_000);
        let scene: Scene | undefined;

        before(async function () {
            if (!hasProc || (backend === "PostgreSQL" && !postgresqlPrograms)) {
                this.skip();
            }
            scene = await Scene.start({ postgresql: backend === "PostgreSQL" ? "up" : undefined });
            await scene.host.usable();
        });
        after(() => scene?.stop());

        const streamed = (kill: () => void): Promise<string> => {
            const { host } = scene!;
            return MetricStream.during(host.port, async (stream) => {
                await stream.more(200);
                const start = performance.now();
                kill();
                await host.usable();
                const recovery = secondsSince(start);
                await stream.more(100);
                await stream.stop();
                assert.deepStrictEqual(await stream.lost(), []);
                if (backend === "SQLite") {
                    assert.strictEqual(await host.integrity(), "ok");
                }
                const { acknowledged, refusals } = stream;
                return `answers again after ${recovery}; ${acknowledged.length} acknowledged, 0 lost, ${refusals.length} unanswered`;
            });
        };

        drill(
            `kill -9 of a worker while metrics stream, with ${backend}`,
            "The other goes on and a new one joins it; every acknowledged metric is stored",
            async () => {
                const { host } = scene!;
                const [worker, other] = host.workers();
                const { starts } = host;
                const figure = await streamed(() => process.kill(worker.pid, "SIGKILL"));
                await until("there are two workers", 60, () => host.workers().length === 2);
                const pids = host.workers().map(({ pid }) => pid);
                assert.ok(pids.includes(other.pid) && !pids.includes(worker.pid));
                assert.strictEqual(host.starts, starts);
                return figure;
            },
        );

        drill(
            `kill -9 of the whole server while metrics stream, with ${backend}`,
            "It starts again; every acknowledged metric is stored",
            async () => {
                const { host } = scene!;
                const { starts } = host;
                const figure = await streamed(() => host.signal("SIGKILL"));
                assert.strictEqual(host.starts, starts + 1);
                return figure;
            },
        );
    });
}
