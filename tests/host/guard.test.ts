import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { api, secret, TeammateServer } from "../support/teammate";

// What a teammate with the tunnel might do by naming a place of artifacts: of the host's files, of other folders of the bucket,
// of other buckets. Each is tried end to end on the real server, also with rows that are in the database already. The server's
// credentials reach all of S3 here: what is refused is refused by the guard. Not proved: AWS's own evaluation of the role.

const root = "s3://team-artifacts/artifacts";
const json = (text: string) => JSON.parse(text) as { error_code: string; message: string };

describe("a teammate who names a place of artifacts", function () {
    this.timeout(600_000);
    let server: TeammateServer;
    let count = 0;

    before(async () => (server = await TeammateServer.start()));
    after(() => server?.stop());
    afterEach(async () => {
        assert.ok(await server.unchanged(), JSON.stringify(await server.outside()));
    });

    const makeExperiment = (place?: string) => server.makeExperiment(`experiment ${count++}`, place);

    /** By the guard, or before it by MLflow, which connects to no host that an address names. */
    const refused = async (method: string, target: string, body?: string) => {
        const { status, text } = await server.call(method, target, { body });
        assert.ok(status === 403 || status === 400, `${method} ${target}: ${status} ${text}`);
        const wanted =
            status === 403
                ? /: refused; this server reads and writes mlflow-artifacts:\/ and s3:\/\/team-artifacts\/artifacts\/ alone$/
                : /^The tracking server does not connect to artifact location '(ftp|sftp|hdfs|viewfs|r2|b2|abfss):/;
        assert.match(json(text).message, wanted);
    };

    const places = () => [
        path.dirname(server.secretFile),
        `file://${path.dirname(server.secretFile)}`,
        `file://localhost${path.dirname(server.secretFile)}`,
        "FILE:///etc",
        "relative",
        "./../../..",
        "s3://team-artifacts",
        "s3://team-artifacts/",
        "s3://team-artifacts/backups",
        "s3://team-artifacts/artifactsX",
        "s3://team-artifacts/artifact",
        "s3://team-artifacts/artifacts/../backups",
        "s3://team-artifacts/artifacts/%2e%2e/backups",
        "s3://team-artifacts/artifacts/%252e%252e/backups",
        "s3://team-artifacts/artifacts/.\t./backups",
        "s3://team-artifacts//artifacts/x",
        "s3://team-artifacts:443/artifacts/x",
        "s3://team-artifacts@other-team/artifacts/x",
        "S3://team-artifacts/backups",
        "s3://other-team/artifacts/x",
        "s3:/team-artifacts/artifacts/x",
        "mlflow-artifacts:/../backups",
        "mlflow-artifacts:/x/%2e%2e/%2e%2e/backups",
        "mlflow-artifacts://evil.example/x",
        "mlflow-artifacts:///x",
        "mlflow-artifacts:x",
        "models:/m/1",
        "http://127.0.0.1:1/x",
        ...["https", "ftp", "sftp", "gs", "r2", "b2", "wasbs", "abfss", "hdfs", "viewfs"].map(
            (scheme) => `${scheme}://x/y`,
        ),
        ...["dbfs:/x", "uc:/x", "unknown:/x"],
    ];

    it("makes no experiment outside of the root, by either API", async () => {
        for (const place of places()) {
            for (const prefix of ["/api", "/ajax-api"]) {
                const body = { name: `outside ${count++}`, artifact_location: place };
                const { status, text } = await server.call("POST", `${prefix}/2.0/mlflow/experiments/create`, { body });
                assert.strictEqual(status, 400, `${place}: ${text}`);
                assert.match(
                    json(text).message,
                    /^artifact_location: got '.*'; allowed: mlflow-artifacts:\/ and s3:\/\/team-artifacts\/artifacts\/; remedy: leave it out, and the server chooses one$/,
                );
            }
        }
    });

    it("makes none by another spelling of the request", async () => {
        const bodies = [
            { name: "camel", artifactLocation: "/etc" },
            JSON.stringify({ name: "encoded twice", artifact_location: "/etc" }),
            { name: "both", artifact_location: `${root}/x`, artifactLocation: "/etc" },
        ];
        for (const body of bodies) {
            const { status } = await server.call("POST", `${api}/experiments/create`, { body: JSON.stringify(body) });
            assert.strictEqual(status, 400, JSON.stringify(body));
        }
    });

    it("makes experiments below the root", async () => {
        for (const place of [undefined, "mlflow-artifacts:/", "mlflow-artifacts:/team/a b", root, `${root}/team/ü`]) {
            const { artifact_uri, run_id } = await server.makeRun(await makeExperiment(place));
            assert.ok(artifact_uri.startsWith(place ?? "mlflow-artifacts:/"), artifact_uri);
            const upload = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run_id}&path=folder/note.txt`;
            assert.strictEqual((await server.call("POST", upload, { body: "mine" })).status, 200);
        }
    });

    it("reaches nothing through a run that names another place already", async () => {
        for (const place of places()) {
            const { run_id } = await server.makeRun(await makeExperiment());
            await server.sql("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", place, run_id);
            const calls: [string, string, string?][] = [
                ["GET", `${api}/artifacts/list?run_id=${run_id}`],
                ["GET", `/get-artifact?run_id=${run_id}&path=secret`],
                ["POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run_id}&path=secret`, "owned"],
                ["POST", `${api}/artifacts/presigned-download-url`, JSON.stringify({ run_id, path: "secret" })],
                ["POST", `${api}/artifacts/presigned-upload-url`, JSON.stringify({ run_id, path: "secret" })],
            ];
            for (const call of calls) {
                // MLflow takes the first two for paths below the root, whatever host they name; it looks up models, and
                // knows nothing of the others.
                if (/^(https?|mlflow-artifacts|models|uc|unknown):/.test(place)) {
                    const { text } = await server.call(call[0], call[1], { body: call[2] });
                    assert.doesNotMatch(text, new RegExp(secret));
                } else {
                    await refused(...call);
                }
            }
        }
    });

    it("reaches nothing through an experiment that names another place already", async () => {
        for (const place of [path.dirname(server.secretFile), "s3://team-artifacts/backups", "s3://other-team"]) {
            const experiment_id = await makeExperiment();
            await server.sql(
                "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
                place,
                experiment_id,
            );
            const { run_id, artifact_uri } = await server.makeRun(experiment_id);
            assert.strictEqual(artifact_uri, `${place}/${run_id}/artifacts`);
            await refused("GET", `/get-artifact?run_id=${run_id}&path=secret`);
            const body = { experiment_id, name: "model" };
            const { model } = await server.ask<{ model: { info: { model_id: string } } }>(
                "POST",
                `${api}/logged-models`,
                body,
            );
            const files = `/2.0/mlflow/logged-models/${model.info.model_id}/artifacts`;
            await refused("GET", `/api${files}/directories`);
            await refused("GET", `/ajax-api${files}/files?artifact_file_path=secret`);
        }
    });

    it("reaches nothing through a trace, whose place is a tag that anybody may set", async () => {
        const attachment = "123e4567-e89b-12d3-a456-426614174000";
        const tags: string[] = [path.join(server.folder, "traces"), "s3://other-team/traces"];
        mkdirSync(path.join(tags[0], "attachments"), { recursive: true });
        for (const name of ["traces.json", `attachments/${attachment}`]) {
            writeFileSync(path.join(tags[0], name), secret);
            await server.put("other-team", `traces/${name}`);
        }
        for (const value of tags) {
            const start = { experiment_id: "0", timestamp_ms: 1 };
            const { trace_info } = await server.ask<{ trace_info: { request_id: string } }>(
                "POST",
                `${api}/traces`,
                start,
            );
            const tag = { key: "mlflow.artifactLocation", value };
            await server.ask("PATCH", `${api}/traces/${trace_info.request_id}/tags`, tag);
            for (const version of ["2.0", "3.0"]) {
                const get = `/ajax-api/${version}/mlflow/get-trace-artifact?request_id=${trace_info.request_id}`;
                await refused("GET", get);
                await refused("GET", `${get}&path=${attachment}`);
            }
        }
        for (const name of ["traces.json", `attachments/${attachment}`]) {
            await server.remove("other-team", `traces/${name}`);
        }
    });

    it("registers no model from outside of the root", async () => {
        await server.ask("POST", `${api}/registered-models/create`, { name: "outside" });
        const sources = places().filter((place) => !place.startsWith("models:/"));
        for (const source of [
            ...sources,
            "runs://profile@databricks/x/y",
            "models://profile@databricks/x/1",
            "prompt-template",
        ]) {
            for (const prefix of ["/api", "/ajax-api"]) {
                const body = { name: "outside", source };
                const { status, text } = await server.call("POST", `${prefix}/2.0/mlflow/model-versions/create`, {
                    body,
                });
                assert.strictEqual(status, 400, `${source}: ${text}`);
                assert.strictEqual(
                    json(text).message.replace(/'.*'/s, "…"),
                    `source: got …; allowed: runs:/, models:/, mlflow-artifacts:/ and ${root}/; remedy: log the model to this server, and register that one`,
                );
            }
        }
    });

    it("reaches nothing through a registered model that names another place already", async () => {
        await server.ask("POST", `${api}/registered-models/create`, { name: "inside" });
        const body = { name: "inside", source: `${root}/0/model` };
        await server.ask("POST", `${api}/model-versions/create`, body);
        for (const place of ["s3://team-artifacts/backups", "s3://other-team", path.dirname(server.secretFile)]) {
            await server.sql(
                "UPDATE model_versions SET source = ?, storage_location = ? WHERE name = 'inside'",
                place,
                place,
            );
            await refused("GET", "/model-versions/get-artifact?name=inside&version=1&path=secret");
        }
        // Looked up in the database, and refused there.
        const { run_id } = await server.makeRun(await makeExperiment());
        await server.sql("UPDATE runs SET artifact_uri = 's3://other-team' WHERE run_uuid = ?", run_id);
        const place = `runs:/${run_id}/folder`;
        await server.sql(
            "UPDATE model_versions SET source = ?, storage_location = ? WHERE name = 'inside'",
            place,
            place,
        );
        await refused("GET", "/model-versions/get-artifact?name=inside&version=1&path=secret");
    });
});
