import assert from "node:assert";
import * as path from "node:path";
import { findPython } from "../../sandbox/tools";
import { becomes, makeRun, MetricStream, Upload } from "../support/drillClient";
import { drill, secondsSince } from "../support/drills";
import { Scene } from "../support/drillScene";
import { canMount, SmallDisk } from "../support/smallDisk";
import { temporaryFolder } from "../support/sandbox";

// A data volume of 96 MiB, which holds the database and the temporary files. Not proved: XFS on EBS; here it is a file system
// in memory, which says the same to who writes too much.

describe("with a full disk (skipped where these tests may mount nothing)", function () {
    this.timeout(600_000);
    const cleanups: (() => Promise<void>)[] = [];
    let scene: Scene;
    let state: string;

    before(async function () {
        if (!(await canMount())) {
            this.skip();
        }
        const folder = temporaryFolder();
        state = path.join(folder, "root/var/lib/mlflow/server");
        const disk = await SmallDisk.mount(folder, { at: state, mebibytes: 96, python: await findPython() });
        cleanups.push(() => disk.stop());
        scene = await Scene.start({ folder, namespace: disk.namespace });
        cleanups.push(() => scene.stop());
        await scene.host.usable();
    });
    after(async () => {
        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    /** Output of a command that sees the small disk. */
    const inside = async (script: string): Promise<string> => {
        const { status, stdout, stderr } = await scene.host.run("sh", "-c", script, state);
        assert.strictEqual(status, 0, stderr);
        return stdout.trim();
    };
    const fill = () => inside('dd if=/dev/zero of="$0/filler" bs=4k 2>/dev/null || df --output=avail "$0"');
    const empty = () => inside('rm "$0/filler"');
    const sound = async () => assert.strictEqual(await scene.host.integrity(), "ok");

    drill(
        "Data volume full while metrics stream",
        "Writes end with an error that says so, reads go on; nothing is lost or damaged, and writes go on once there is space",
        () =>
            MetricStream.during(scene.host.port, async (stream) => {
                const { host } = scene;
                await stream.more(100);
                await fill();
                const before = stream.refusals.length;
                await becomes("writes are refused", () => Promise.resolve(stream.refusals.length >= before + 20));
                await host.usable();
                assert.deepStrictEqual(await stream.lost(), []);
                await sound();
                assert.match(stream.refusals.at(-1)!.text, /database or disk is full/);
                await empty();
                const start = performance.now();
                await stream.more(1);
                const recovery = secondsSince(start);
                await stream.more(100);
                await stream.stop();
                assert.deepStrictEqual(await stream.lost(), []);
                await sound();
                assert.strictEqual(host.starts, 1);
                return `the first acknowledged ${recovery} after; ${stream.acknowledged.length} acknowledged, 0 lost, ${stream.refusals.length} refused`;
            }),
    );

    drill(
        "Upload larger than the space left for temporary files",
        "It ends with an error that says why, as the log does; nothing of it is left in S3 or on the disk, and the next one succeeds",
        async () => {
            const { host, store } = scene;
            const run = await makeRun(host.port);
            const since = host.text.length;
            const start = performance.now();
            const { status, text } = await (await new Upload(host.port, run, "large", 200).send()).answer;
            const taken = secondsSince(start);
            assert.strictEqual(status, 503);
            assert.match(text, /No space left on device/);
            await host.says(/No space left on device/, since);
            assert.strictEqual(await inside('ls -A "$0/tmp"'), "");
            assert.deepStrictEqual(await store.keys("artifacts/"), []);
            await sound();
            const small = await new Upload(host.port, run, "small", 16).send();
            assert.strictEqual((await small.answer).status, 200);
            assert.strictEqual(await store.sha256(run, "small"), small.sha256);
            assert.strictEqual(host.starts, 1);
            return `HTTP ${status} after ${taken}`;
        },
    );

    drill(
        "Backup on a full data volume",
        "It says what it needs and leaves nothing behind; later it succeeds",
        async () => {
            const { host, store } = scene;
            await fill();
            const before = await inside('ls -A "$0"');
            const { status, stdout, stderr } = await host.command("mlflow-backup");
            assert.deepStrictEqual([status, stdout], [1, ""]);
            assert.match(
                stderr,
                /^backup: .* are free on the data volume; a backup needs .*; remedy: a larger dataVolumeGib\n$/,
            );
            // The file that keeps two backups apart stays for good.
            assert.strictEqual(await inside('ls -A "$0" | grep -v backup.lock'), before);
            assert.deepStrictEqual(await store.keys("backups/"), []);
            await empty();
            const again = await host.command("mlflow-backup");
            assert.strictEqual(again.status, 0, again.stderr);
            assert.strictEqual((await store.keys("backups/")).length, 1);
            return stderr.trim().replace(/^backup: /, "");
        },
    );
});
