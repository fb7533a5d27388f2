import assert from "node:assert";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { hostSettings } from "../support/hostSettings";
import { api, TeammateServer } from "../support/teammate";

// mlflow-gc on a real server with the emulator's S3: what it would delete, what it deletes, what it leaves. Not proved: its timer
// (tests/host/systemd.test.ts has the units), PostgreSQL, and that S3 keeps the deleted versions.

const day = 24 * 3600 * 1000;

describe("the garbage collection", function () {
    this.timeout(300_000);
    let server: TeammateServer;
    before(async () => (server = await TeammateServer.start()));
    after(() => server?.stop());

    const artifacts = async () => {
        const { Contents = [] } = await server.s3.send(
            new ListObjectsV2Command({ Bucket: hostSettings.bucketName, Prefix: "artifacts/" }),
        );
        return Contents.map(({ Key }) => Key!).sort();
    };
    const runIds = async (experimentIds: string[]) => {
        const body = { experiment_ids: experimentIds, run_view_type: "ALL" };
        type Found = { runs?: { info: { run_id: string } }[] };
        const { runs = [] } = await server.ask<Found>("POST", `${api}/runs/search`, body);
        return runs.map(({ info }) => info.run_id).sort();
    };

    /** A run with one artifact of so many bytes; returns its id and the artifact's key. */
    async function makeRun(experiment: string, bytes: number) {
        const { run_id, artifact_uri } = await server.makeRun(experiment);
        const key = `${new URL(artifact_uri).pathname.slice(1)}/model.bin`;
        const target = `/api/2.0/mlflow-artifacts/artifacts/${key}`;
        assert.strictEqual((await server.call("PUT", target, { body: "m".repeat(bytes) })).status, 200);
        return { id: run_id, key: `artifacts/${key}`, uri: artifact_uri };
    }

    const remove = (id: string) => server.ask("POST", `${api}/runs/delete`, { run_id: id });

    it("says what it would delete, deletes just that, and keeps what a registered model needs", async () => {
        const experiment = await server.makeExperiment("kept");
        const live = await makeRun(experiment, 10);
        const recent = await makeRun(experiment, 20);
        const old = await makeRun(experiment, 3000);
        const registered = await makeRun(experiment, 40);
        await server.ask("POST", `${api}/registered-models/create`, { name: "model" });
        const version = { name: "model", source: registered.uri, run_id: registered.id };
        await server.ask("POST", `${api}/model-versions/create`, version);
        const foreign = await makeRun(experiment, 60);
        const elsewhere = `s3://${hostSettings.bucketName}/backups`;
        await server.sql("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", elsewhere, foreign.id);
        const whole = await server.makeExperiment("deleted");
        const within = await makeRun(whole, 500);
        for (const { id } of [recent, old, registered, foreign]) {
            await remove(id);
        }
        await server.ask("POST", `${api}/experiments/delete`, { experiment_id: whole });
        const longAgo = String(Date.now() - 40 * day);
        for (const { id } of [old, registered, foreign, within]) {
            await server.sql("UPDATE runs SET deleted_time = ? WHERE run_uuid = ?", longAgo, id);
        }
        await server.sql("UPDATE experiments SET last_update_time = ? WHERE experiment_id = ?", longAgo, whole);

        const all = [live, recent, old, registered, foreign, within];
        const garbage = [old, within].map(({ id, uri }) => `gc: run ${id}, ${uri}`);
        const kept = `gc: kept: run ${registered.id}, which a registered model version needs`;
        const outside = `gc: kept: run ${foreign.id}, whose artifacts lie outside of s3://team-artifacts/artifacts: ${elsewhere}`;
        const what = "2 runs and models that were deleted 30 days ago or earlier, with 3.4 KiB of artifacts";
        const said = (text: string) =>
            text
                .trim()
                .split("\n")
                .filter((line) => line.startsWith("gc: "));

        const dry = await server.command("mlflow-gc", ["30"]);
        assert.deepStrictEqual([dry.status, dry.stdout], [0, ""], dry.stderr);
        const lines = said(dry.stderr);
        assert.deepStrictEqual(lines.slice(0, -1).sort(), [...garbage, kept, outside].sort());
        assert.strictEqual(lines.at(-1), `gc: would delete ${what}; to do it: mlflow-gc 30 --apply`);
        assert.deepStrictEqual(await artifacts(), all.map(({ key }) => key).sort());
        assert.deepStrictEqual(await runIds([experiment, whole]), all.map(({ id }) => id).sort());

        const applied = await server.command("mlflow-gc", ["30", "--apply"]);
        assert.strictEqual(applied.status, 0, applied.stderr);
        assert.strictEqual(said(applied.stderr).at(-1), `gc: deleted ${what}, and 1 experiments that are empty now`);
        const left = [live, recent, registered, foreign];
        assert.deepStrictEqual(await artifacts(), left.map(({ key }) => key).sort());
        assert.deepStrictEqual(await runIds([experiment, whole]), left.map(({ id }) => id).sort());
        const gone = await server.call("GET", `${api}/experiments/get?experiment_id=${whole}`);
        assert.strictEqual(gone.status, 404);

        const again = await server.command("mlflow-gc", ["30", "--apply"]);
        assert.deepStrictEqual(said(again.stderr).slice(0, -1).sort(), [kept, outside].sort());
        assert.strictEqual(
            said(again.stderr).at(-1),
            "gc: deleted 0 runs and models that were deleted 30 days ago or earlier, with 0 B of artifacts, and 0 experiments that are empty now",
        );
        assert.ok(await server.unchanged(), "something beside the artifacts was deleted");
    });

    for (const words of [[], ["--apply"], ["soon"], ["-1"], ["1.5"], ["1", "2"], ["--apply", "30"]]) {
        it(`refuses ${words.join(" ") || "no number of days where the stack names none"}`, async () => {
            const got = words.join(" ") || "nothing";
            assert.deepStrictEqual(await server.command("mlflow-gc", words), {
                status: 1,
                stdout: "",
                stderr: `mlflow-gc: got ${got}; allowed: a number of days (default: garbageCollectionDays of the stack, if it is set), and --apply to delete\n`,
            });
        });
    }
});
