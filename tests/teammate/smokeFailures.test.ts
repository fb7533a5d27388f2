import assert from "node:assert";
import * as net from "node:net";
import * as path from "node:path";
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { runOrFail } from "../../commands/run";
import { freePort } from "../../sandbox/processes";
import { cleanEnvironment, installedHost, toolFolder } from "../../sandbox/tools";
import { leftovers } from "../../teammate/smoke/steps";
import { hostSettings } from "../support/hostSettings";
import { detailOf, smoke, SmokeScene } from "../support/smokeScene";

// `npm run smoke` where it must fail: each time for the reason that there is, and with nothing left that could be removed. Not proved:
// every reason that AWS and a network can have.

const Bucket = hostSettings.bucketName;
const serverPython = path.join(installedHost, "opt/mlflow/venv/bin/python");

describe("the smoke test of what does not work", function () {
    this.timeout(300_000);
    let scene: SmokeScene;
    let signed: string;

    before(async () => {
        scene = await SmokeScene.start();
        signed = await scene.outputs("signed");
    });
    after(() => scene.server.stop());

    it("fails without a tunnel, and says how to open it", async () => {
        const port = await freePort();
        const report = await scene.report(await scene.outputs("closed", { localPort: port }));
        assert.deepStrictEqual([report.status, report.passed, report.steps.length], [1, false, 1]);
        assert.strictEqual(
            report.steps[0].detail,
            `http://localhost:${port}: got no answer (ECONNREFUSED); allowed: an open tunnel, behind which MLflow answers; ` +
                "remedy: npm run connect -- test",
        );
    });

    it("fails where something else answers", async () => {
        const other = net.createServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
        await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
        const { port } = other.address() as net.AddressInfo;
        const report = await scene.report(signed, "--port", String(port));
        other.close();
        assert.strictEqual(report.status, 1);
        assert.match(report.steps[0].detail, /got status 200, and not MLflow's version; .*npm run doctor -- test$/);
    });

    it("refuses a Python without mlflow", async () => {
        const python = path.join(toolFolder("linter"), "python");
        for (const [name, got] of [
            [
                path.join(toolFolder("emulator"), "python"),
                /--python: got .*, which lacks mlflow; .* -m pip install mlflow/,
            ],
            [`${python}-none`, /--python: got .*, which is no Python that runs/],
        ] as const) {
            const { status, stderr } = await smoke(["--outputs", signed, "--python", name]).ended;
            assert.strictEqual(status, 8, stderr);
            assert.match(stderr, got);
        }
    });

    it("fails where the database takes no runs, and removes the experiment", async () => {
        const database = path.join(scene.server.folder, "root/var/lib/mlflow/server/mlflow.db");
        const execute = (statement: string) => {
            const script = "import sqlite3, sys\nsqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2])";
            return runOrFail("sqlite3", [serverPython, "-c", script, database, statement], {
                env: cleanEnvironment(),
            });
        };
        await execute("CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'planted'); END");
        const report = await scene.report(signed);
        await execute("DROP TRIGGER full");
        assert.strictEqual(report.status, 1);
        assert.deepStrictEqual(
            report.steps.map(({ name, ok }) => [name, ok]),
            [
                ["tunnel", true],
                ["client", true],
                ["experiment", true],
                ["run", false],
                ["delete-experiment", true],
            ],
        );
        await scene.nothingIsLeft();
    });

    it("fails where the bucket is gone, and removes what is in the database", async () => {
        for (const Key of scene.planted) {
            await scene.server.s3.send(new DeleteObjectCommand({ Bucket, Key }));
        }
        await scene.server.s3.send(new DeleteBucketCommand({ Bucket }));
        const report = await scene.report(signed);
        const failed = report.steps.filter(({ ok }) => !ok).map(({ name }) => name);
        assert.strictEqual(report.status, 1);
        assert.deepStrictEqual(failed, ["small-up", "delete-artifacts"]);
        assert.match(detailOf(report, "small-up"), /too many 503 .*\(last of all, localhost:\d+ answered 503\)$/);
        assert.deepStrictEqual(leftovers(report.steps), [
            `Artifacts of run ${detailOf(report, "run")} may be left in S3.`,
        ]);
        await scene.server.s3.send(new CreateBucketCommand({ Bucket }));
        scene.planted = [];
        await scene.nothingIsLeft();
    });
});
