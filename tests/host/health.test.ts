import assert from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { run } from "../../commands/run";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "../support/hostSettings";
import { repository, temporaryFolder } from "../support/sandbox";
import { TeammateServer } from "../support/teammate";

// mlflow-health, on the host and from a teammate's side of the tunnel. What it says while a database or S3 is away is drilled in
// tests/drills. Not proved: its part in the unit's start, which tests/host/systemd.test.ts has.

const works = "health: server: works\nhealth: database: works\nhealth: bucket: works\n";

describe("the health check", function () {
    this.timeout(300_000);
    let server: TeammateServer;
    before(async () => (server = await TeammateServer.start()));
    after(() => server?.stop());

    it("asks the server, its database and its bucket", async () => {
        assert.deepStrictEqual(await server.command("mlflow-health"), { status: 0, stdout: works, stderr: "" });
        assert.deepStrictEqual(await server.command("mlflow-health", ["--wait"]), {
            status: 0,
            stdout: works,
            stderr: "",
        });
    });

    it("works from a teammate's machine, with nothing but Python", async () => {
        const { status, stdout, stderr } = await run(
            ["python3", "-S", "-m", "mlflow_host.health", `http://localhost:${server.port}`],
            { env: cleanEnvironment({ PYTHONPATH: path.join(repository, "host") }) },
        );
        assert.deepStrictEqual([status, stdout, stderr], [0, works, ""]);
    });

    it("does not ask for a bucket that the server does not serve", async () => {
        const { status, stdout } = await run(
            [
                path.join(installedHost, "opt/mlflow/venv/bin/python"),
                ...["-m", "mlflow_host.health", `http://localhost:${server.port}`],
            ],
            { env: cleanEnvironment({ PYTHONPATH: path.join(repository, "host"), MLFLOW_SERVE_ARTIFACTS: "false" }) },
        );
        assert.deepStrictEqual([status, stdout], [0, "health: server: works\nhealth: database: works\n"]);
    });

    it("tells that the bucket is gone; at a start that is said, and no reason to end the server", async () => {
        const Bucket = hostSettings.bucketName;
        const { Contents = [] } = await server.s3.send(new ListObjectsV2Command({ Bucket }));
        const Objects = Contents.map(({ Key }) => ({ Key }));
        await server.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        await server.s3.send(new DeleteBucketCommand({ Bucket }));
        for (const [words, expected] of [
            [[], 1],
            [["--wait"], 0],
        ] as const) {
            const { status, stdout } = await server.command("mlflow-health", [...words]);
            const [first, second, third] = stdout.split("\n");
            assert.deepStrictEqual(
                [status, first, second],
                [expected, "health: server: works", "health: database: works"],
            );
            assert.match(third, /^health: bucket: HTTP 404: .*The specified bucket does not exist/);
        }
    });

    it("tells that there is no server, part by part", async () => {
        const empty = temporaryFolder();
        try {
            const socket = path.join(empty, "mlflow.sock");
            const { status, stdout } = await run(["python3", "-m", "mlflow_host.health", socket], {
                env: cleanEnvironment({ PYTHONPATH: path.join(repository, "host"), PYTHONDONTWRITEBYTECODE: "1" }),
            });
            const reason = `no answer from ${socket}: [Errno 2] No such file or directory`;
            assert.deepStrictEqual(
                [status, stdout],
                [1, ["server", "database", "bucket"].map((part) => `health: ${part}: ${reason}\n`).join("")],
            );
        } finally {
            rmSync(empty, { recursive: true });
        }
    });

    it("refuses other words", async () => {
        assert.deepStrictEqual(await server.command("mlflow-health", ["--fast"]), {
            status: 1,
            stdout: "",
            stderr: "mlflow-health: got --fast; allowed: nothing, or --wait\n",
        });
    });
});
