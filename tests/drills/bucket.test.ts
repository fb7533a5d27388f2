import assert from "node:assert";
import { enforceIam } from "../../sandbox/emulatedStack";
import { makeRun, MetricStream, Upload } from "../support/drillClient";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { artifactKey } from "../support/drillStore";

// A bucket that cannot be reached, and one that says no. Not proved: S3 itself, and a network that swallows packets.

describe("without its bucket", function () {
    this.timeout(600_000);
    let scene: Scene | undefined;

    before(async () => {
        scene = await Scene.start();
        await scene.host.usable();
    });
    after(() => scene?.stop());

    const happens =
        "Tracking goes on; uploads end with an error that says why, mlflow-health names the bucket; all is well when it is back";

    /** Has a client log metrics all the while. */
    const withoutBucket = (reason: RegExp, fail: () => Promise<void>, mend: () => Promise<void>) =>
        MetricStream.during(
            scene!.host.port,
            async (stream) => {
                const { host, store } = scene!;
                const run = await makeRun(host.port);
                const since = host.text.length;
                let figure: string;
                await fail();
                try {
                    await stream.more(50);
                    const start = performance.now();
                    const { status, text } = await (await new Upload(host.port, run, "file", 1).send()).answer;
                    figure = `the upload ended after ${secondsSince(start)}`;
                    assert.strictEqual(status, 503);
                    assert.match(text, reason);
                    await host.says(reason, since);
                    for (const [words, code] of [
                        [[], 1],
                        [["--wait"], 0],
                    ] as const) {
                        const { status, stdout } = await host.command("mlflow-health", ...words);
                        assert.strictEqual(status, code, stdout);
                        assert.match(
                            stdout,
                            /^health: server: works\nhealth: database: works\nhealth: bucket: HTTP \d+: .*\n$/,
                        );
                    }
                } finally {
                    await mend();
                }
                await stream.stop();
                assert.deepStrictEqual([await stream.lost(), stream.refusals, host.starts], [[], [], 1]);
                assert.ok(!(await store.keys()).includes(artifactKey(run, "file")));
                const again = await new Upload(host.port, run, "file", 1).send();
                assert.strictEqual((await again.answer).status, 200);
                assert.strictEqual(await store.sha256(run, "file"), again.sha256);
                assert.strictEqual((await host.command("mlflow-health")).status, 0);
                return `${figure}; ${stream.acknowledged.length} metrics acknowledged, 0 lost or refused`;
            },
            1,
        );

    drill("S3 cannot be reached", happens, () =>
        withoutBucket(
            /Could not connect to the endpoint URL/,
            () => scene!.store.shut(),
            () => scene!.store.open(),
        ),
    );

    drill("S3 denies the server everything", happens, () =>
        withoutBucket(
            /An error occurred \(AccessDenied\)/,
            () => enforceIam(scene!.store.emulator, true),
            () => enforceIam(scene!.store.emulator, false),
        ),
    );
});
