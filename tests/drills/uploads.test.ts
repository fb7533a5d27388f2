import assert from "node:assert";
import { readdirSync } from "node:fs";
import * as path from "node:path";
import { becomes, makeRun, Upload } from "../support/drillClient";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { artifactKey } from "../support/drillStore";
import { hasProc, until } from "../support/sandbox";

// A server that ends in the middle of uploads: what was acknowledged is compared with what is in S3, byte for byte. The kind of
// database plays no part. Not proved: S3 itself; parts of an upload that never ended stay there until the bucket's rule deletes them.

describe("ended in the middle of uploads (skipped where there is no /proc)", function () {
    this.timeout(600_000);
    let scene: Scene | undefined;
    let run: string;

    before(async function () {
        if (!hasProc) {
            this.skip();
        }
        scene = await Scene.start();
        await scene.host.usable();
        run = await makeRun(scene.host.port);
    });
    after(() => scene?.stop());

    drill(
        "kill -9 of the whole server in the middle of uploads",
        "What was acknowledged is complete in S3, what was not leaves no object and no temporary file",
        async () => {
            const { host, store } = scene!;
            const temporary = path.join(host.host.root, "var/lib/mlflow/server/tmp");
            const whole = await new Upload(host.port, run, "whole", 200).send();
            const { status, text } = await whole.answer;
            assert.strictEqual(status, 200, text);
            // One is on its way to the server, the other on its way to S3.
            const first = await new Upload(host.port, run, "arriving", 200).send(100);
            const second = await new Upload(host.port, run, "leaving", 200).send();
            await becomes("a part is in S3", async () => (await store.unfinished()) > 0);
            assert.notDeepStrictEqual(readdirSync(temporary), []);
            const start = performance.now();
            host.signal("SIGKILL");
            const statuses = [(await first.answer).status, (await second.answer).status];
            await host.usable();
            const recovery = secondsSince(start);
            assert.deepStrictEqual(statuses, [0, 0]);
            assert.deepStrictEqual(await store.keys("artifacts/"), [artifactKey(run, "whole")]);
            assert.strictEqual(await store.sha256(run, "whole"), whole.sha256);
            assert.deepStrictEqual(readdirSync(temporary), []);
            const again = await new Upload(host.port, run, "leaving", 16).send();
            assert.strictEqual((await again.answer).status, 200);
            assert.strictEqual(await store.sha256(run, "leaving"), again.sha256);
            return `answers again after ${recovery}; 2 of 3 uploads of 200 MiB cut, 1 acknowledged and complete`;
        },
    );

    drill("SIGTERM in the middle of an upload", "The upload ends with success, then the server ends", async () => {
        const { host, store } = scene!;
        const upload = await new Upload(host.port, run, "last", 200).send(100);
        const start = performance.now();
        const ended = host.ends();
        await until("the server no longer listens", 60, () => /Shutting down/.test(host.text));
        assert.strictEqual(await Promise.race([ended, upload.send().then(() => "sent")]), "sent");
        const { status, text } = await upload.answer;
        assert.strictEqual(status, 200, text);
        await ended;
        assert.strictEqual(await store.sha256(run, "last"), upload.sha256);
        assert.deepStrictEqual(host.processes(), []);
        return `100 of 200 MiB were still to come; ended after ${secondsSince(start)}`;
    });
});
