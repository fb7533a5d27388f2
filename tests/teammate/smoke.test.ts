import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installedHost } from "../../sandbox/tools";
import { clientSteps } from "../../teammate/smoke/steps";
import { hostSettings } from "../support/hostSettings";
import { writeOutputs } from "../support/outputsFile";
import { clientPython, detailOf, holding, smoke, SmokeScene } from "../support/smokeScene";
import { api, TeammateServer } from "../support/teammate";

// `npm run smoke` against the real server and an emulated S3: what it reports, and what it leaves, however it ends. Not proved: a
// real tunnel, and S3 itself; the emulator takes any signature.

const Bucket = hostSettings.bucketName;
const steps = ["tunnel", ...clientSteps.map(({ name }) => name)];

describe("the smoke test", function () {
    this.timeout(300_000);
    let scene: SmokeScene;
    let signed: string;

    before(async () => {
        scene = await SmokeScene.start();
        signed = await scene.outputs("signed");
    });
    after(() => scene.server.stop());

    for (const [name, small, large] of [
        ["signed", /, directly with 127\.0\.0\.1:\d+ in 1 request$/, /, directly with 127\.0\.0\.1:\d+ in 3 requests$/],
        ["unsigned", /, through the server$/, /, through the server$/],
    ] as const) {
        it(`passes with ${name} addresses, says which way files took, and leaves nothing`, async () => {
            const report = await scene.report(await scene.outputs(name, { presignedTransfers: name === "signed" }));
            assert.deepStrictEqual([report.status, report.passed, report.stack], [0, true, "test"], report.stdout);
            assert.deepStrictEqual(
                report.steps.map((step) => [step.name, step.ok]),
                steps.map((step) => [step, true]),
            );
            assert.ok(report.steps.every(({ seconds }) => seconds > 0));
            assert.match(detailOf(report, "small-up"), /^1024 bytes, through the server$/);
            assert.match(detailOf(report, "small-down"), small);
            assert.match(detailOf(report, "large-up"), large);
            assert.match(detailOf(report, "large-down"), large);
            await scene.nothingIsLeft();
        });
    }

    it("says each step to a person, and what stays", async () => {
        const { status, stdout } = await smoke(["--outputs", signed, "--python", clientPython]).ended;
        assert.strictEqual(status, 0, stdout);
        const lines = stdout.split("\n").filter((line) => line.startsWith("ok  "));
        assert.strictEqual(lines.length, steps.length, stdout);
        assert.match(stdout, /stays in the database, hidden, until the server collects it/);
        assert.match(stdout, /\nSmoke test passed\.\n$/);
    });

    it("removes what an earlier test left behind, and not what another one is using", async () => {
        const made = { old: "", young: "" };
        for (const name of ["old", "young"] as const) {
            made[name] = await scene.server.makeExperiment(`mlflow-aws smoke test ${name}`);
            const run = await scene.server.makeRun(made[name]);
            await scene.server.put(Bucket, `artifacts/${made[name]}/${run.run_id}/artifacts/left`);
        }
        const twoHoursAgo = String(Date.now() - 2 * 3600 * 1000);
        await scene.server.sql(
            "UPDATE experiments SET creation_time = ? WHERE experiment_id = ?",
            ...[twoHoursAgo, made.old],
        );
        assert.strictEqual((await scene.report(signed)).status, 0);
        const active = (await scene.experiments("ACTIVE_ONLY")).map(({ name }) => name);
        assert.deepStrictEqual(active.sort(), ["Default", "mlflow-aws smoke test young"]);
        const left = (await scene.keys()).filter((key) => !scene.planted.includes(key));
        assert.deepStrictEqual(
            left.map((key) => key.split("/")[1]),
            [made.young],
        );
        await scene.server.ask("POST", `${api}/experiments/delete`, { experiment_id: made.young });
        await scene.server.remove(Bucket, left[0]);
    });

    it("cleans up when it is interrupted in the middle of an upload", async () => {
        const held = await holding(scene.server.port, "/mpu/complete");
        try {
            const words = ["--outputs", signed, "--port", String(held.port), "--python", clientPython];
            const { child, ended } = smoke(words);
            await held.arrived;
            assert.strictEqual(await scene.unfinishedUploads(), 1, "there is no upload to abandon");
            child.kill("SIGINT");
            const { status, stdout, stderr } = await ended;
            assert.strictEqual(status, 1, stderr);
            assert.match(stdout, /^FAIL Upload the large artifact \(.*: interrupted$/m);
            assert.match(stdout, /^ok {3}Delete the experiment/m);
            assert.match(stdout, /\nSmoke test failed\.\n$/);
            await scene.nothingIsLeft();
        } finally {
            held.close();
        }
    });

    it("cleans up also when the command is killed", async () => {
        const held = await holding(scene.server.port, "/mpu/complete");
        try {
            const words = ["--outputs", signed, "--port", String(held.port), "--python", clientPython];
            const { child, ended } = smoke(words);
            await held.arrived;
            child.kill("SIGKILL");
            await ended;
            const deadline = Date.now() + 30_000;
            while ((await scene.experiments("ACTIVE_ONLY")).length > 1 && Date.now() < deadline) {
                await sleep(100);
            }
            await scene.nothingIsLeft();
        } finally {
            held.close();
        }
    });
});

describe("the smoke test of a server whose clients go to S3 themselves", function () {
    this.timeout(300_000);
    const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
    let server: TeammateServer;
    let home: string;

    before(async () => {
        server = await TeammateServer.start({ artifactMode: "direct" });
        home = path.join(server.folder, "teammate");
        mkdirSync(path.join(home, ".aws"), { recursive: true });
    });
    after(() => server.stop());

    async function result(artifactMode: "direct" | "proxied") {
        const file = path.join(server.folder, `${artifactMode}.json`);
        await writeOutputs(file, { artifactMode, localPort: server.port });
        return smoke(["--outputs", file, "--python", python], { HOME: home }).ended;
    }

    it("fails without the stack's profile, and passes with it", async () => {
        const without = await result("direct");
        assert.strictEqual(without.status, 1);
        assert.match(
            without.stdout,
            /^FAIL Upload the small artifact .*The config profile \(mlflow-test\) could not be/m,
        );

        const { hostname, port } = await server.s3.config.endpoint!();
        const keys = "aws_access_key_id = teammate\naws_secret_access_key = of-the-teammate\n";
        const endpoint = `endpoint_url = http://${hostname}:${port}\n`;
        writeFileSync(path.join(home, ".aws/config"), `[profile mlflow-test]\n${endpoint}[default]\n${endpoint}`);
        writeFileSync(path.join(home, ".aws/credentials"), `[mlflow-test]\n${keys}[default]\n${keys}`);
        const { status, stdout } = await result("direct");
        assert.strictEqual(status, 0, stdout);
        assert.match(stdout, /^ok {3}Create an experiment .*, s3:\/\/team-artifacts\/artifacts\/\d+$/m);
        const directly = new RegExp(`^ok {3}Upload the small artifact .*, directly with ${hostname}:${port} in`, "m");
        assert.match(stdout, directly);
    });

    it("fails where the stack says that no client needs AWS, whatever this shell could do", async () => {
        const { status, stdout } = await result("proxied");
        assert.strictEqual(status, 1, stdout);
        assert.match(stdout, /^FAIL Upload the small artifact .*Unable to locate credentials/m);
    });
});
