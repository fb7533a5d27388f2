import assert from "node:assert";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import * as path from "node:path";
import { run, runOrFail } from "../../commands/run";
import { isHealthy } from "../../sandbox/server";
import { cleanEnvironment, installedHost, toolFolder } from "../../sandbox/tools";
import { install, repository, startHost, temporaryFolder, until } from "../support/sandbox";
import { api, TeammateServer } from "../support/teammate";

// Ordinary work goes on behind the guard, in both artifact modes, and no server starts that it does not guard. Not proved: every
// client library; runs and artifacts of a client are proved by the sandbox.

/** What a team does with a model and a prompt, by MLflow's own client. Prints what it read back. */
const client = `
import json, os, pathlib, tempfile, mlflow
with tempfile.TemporaryDirectory() as folder:
    model = pathlib.Path(folder, "model")
    model.mkdir()
    (model / "MLmodel").write_text("flavors: {}\\n")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(model), "model")
    version = mlflow.register_model(f"runs:/{run.info.run_id}/model", "churn")
    mlflow.MlflowClient().copy_model_version("models:/churn/1", "churn-prod")
    back = mlflow.artifacts.download_artifacts("models:/churn-prod/1", dst_path=folder)
    mlflow.genai.register_prompt("greeting", "hello {{name}}")
    print(json.dumps([
        version.source == f"{run.info.artifact_uri}/model",
        pathlib.Path(back, "MLmodel").read_text(),
        mlflow.genai.load_prompt("prompts:/greeting/1").template,
    ]))
`;

describe("ordinary work behind the guard", function () {
    this.timeout(600_000);
    let server: TeammateServer;
    afterEach(() => server?.stop());

    it("registers, copies and fetches a model, and keeps a prompt, without AWS settings", async () => {
        server = await TeammateServer.start();
        const home = path.join(server.folder, "client");
        mkdirSync(home);
        const env = cleanEnvironment({
            HOME: home,
            TMPDIR: home,
            MLFLOW_TRACKING_URI: `http://localhost:${server.port}`,
        });
        const python = path.join(toolFolder("client"), "python");
        const { stdout } = await runOrFail("the client", [python, "-c", client], { env });
        assert.deepStrictEqual(JSON.parse(stdout.trim().split("\n").at(-1)!), [
            true,
            "flavors: {}\n",
            "hello {{name}}",
        ]);
    });

    it("keeps the secret of a webhook, which every worker of every later start can read", async () => {
        server = await TeammateServer.start();
        const body = {
            name: "release",
            // By number, as names may not resolve here; nothing is ever sent to it.
            url: "https://9.9.9.9/hook",
            events: [{ entity: "REGISTERED_MODEL", action: "CREATED" }],
            secret: "only the server knows",
        };
        const { webhook } = await server.ask<{ webhook: { webhook_id: string } }>("POST", `${api}/webhooks`, body);
        // At the same time, so that both workers answer; one with another key would fail to decrypt.
        const read = () => server.ask("GET", `${api}/webhooks/${webhook.webhook_id}`);
        await Promise.all(Array.from({ length: 200 }, read));
        const key = path.join(server.folder, "root/var/lib/mlflow/server/webhook-key");
        assert.match(readFileSync(key, "utf8"), /^[\w-]{43}=\n$/);
        assert.strictEqual((statSync(key).mode & 0o777).toString(8), "600");
    });

    it("shows what clients wrote to S3 themselves, where the server moves no artifacts", async () => {
        server = await TeammateServer.start({ artifactMode: "direct" });
        const { run_id, artifact_uri } = await server.makeRun("0");
        assert.strictEqual(artifact_uri, `s3://team-artifacts/artifacts/0/${run_id}/artifacts`);
        await server.put("team-artifacts", `artifacts/0/${run_id}/artifacts/note.txt`, "by a client");

        const list = await server.ask<{ files: { path: string }[] }>("GET", `${api}/artifacts/list?run_id=${run_id}`);
        assert.deepStrictEqual(
            list.files.map((file) => file.path),
            ["note.txt"],
        );
        const note = await server.call("GET", `/get-artifact?run_id=${run_id}&path=note.txt`);
        assert.deepStrictEqual([note.status, note.text], [200, "by a client"]);
        const request = { run_id, path: "note.txt" };
        const { presigned_url } = await server.ask<{ presigned_url: string }>(
            "POST",
            `${api}/artifacts/presigned-download-url`,
            request,
        );
        assert.strictEqual(await (await fetch(presigned_url)).text(), "by a client");

        for (const place of ["s3://team-artifacts/backups", "mlflow-artifacts:/x", "/etc"]) {
            const body = { name: "outside", artifact_location: place };
            const { status, text } = await server.call("POST", `${api}/experiments/create`, { body });
            assert.strictEqual(status, 400, text);
            assert.ok(text.includes(`got '${place}'; allowed: s3://team-artifacts/artifacts/; remedy: `), text);
            await server.sql("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", place, run_id);
            const refused = await server.call("GET", `/get-artifact?run_id=${run_id}&path=secret`);
            assert.strictEqual(refused.status, 403, refused.text);
        }
        assert.ok(await server.unchanged());
    });
});

describe("the guard", function () {
    this.timeout(600_000);
    let python: string;
    before(async () => (python = await install()));

    it("lets no server answer whose artifacts are not in a folder of a bucket", async () => {
        const folder = temporaryFolder();
        const { host, log, service } = startHost(python, folder, { artifactRoot: "/var/lib/mlflow/artifacts" });
        try {
            await until("it says why", 240, () => /^artifact root: got/m.test(readFileSync(log, "utf8")));
            assert.strictEqual(await isHealthy(host).catch(() => false), false);
            assert.match(
                readFileSync(log, "utf8"),
                /^artifact root: got '\/var\/lib\/mlflow\/artifacts'; allowed: s3:\/\/<bucket>\/<folder>$/m,
            );
        } finally {
            await service.stop();
            rmSync(folder, { recursive: true, force: true });
        }
    });

    const registry = "mlflow.store.artifact.artifact_repository_registry";
    const changes: [string, string, RegExp][] = [
        [
            "another registry of repositories",
            `import ${registry} as r; real = r.get_registered_artifact_repositories
r.get_registered_artifact_repositories = lambda: dict(real())`,
            /^RuntimeError: guard: MLflow opens artifacts in another way than this guard knows; it does not start$/m,
        ],
        [
            "another way to open one",
            `import ${registry} as r; r.get_artifact_repository = lambda uri: None`,
            /^RuntimeError: guard: MLflow opened file:\/\/\/etc in spite of this guard; it does not start$/m,
        ],
        [
            "other names of its handlers",
            "from mlflow.server import app; del app.view_functions['_create_experiment']",
            /^RuntimeError: guard: MLflow has no _create_experiment to look at; it does not start$/m,
        ],
    ];

    /** Calls of MLflow's repository by paths that its routes let nobody give. There is no S3 to answer. */
    const calls = `
from mlflow.exceptions import MlflowException
from ${registry} import get_artifact_repository
repository = get_artifact_repository("s3://team-artifacts/artifacts")
for call in [
    lambda: repository.list_artifacts("../backups"),
    lambda: repository.list_artifacts("/backups"),
    lambda: repository._download_file("../backups/x", "/dev/null"),
    lambda: repository.log_artifact("/dev/null", "../backups"),
    lambda: repository.delete_artifacts("../backups"),
    lambda: repository.create_multipart_upload("x", 1, "../backups"),
    lambda: repository.create_presigned_upload_url("../backups/x"),
    lambda: repository.get_download_presigned_url("..%2Fbackups/x"),
]:
    try:
        call()
    except MlflowException as error:
        print(error.message)
`;

    const create = (script: string, after = "") => {
        const env = cleanEnvironment({
            PYTHONPATH: path.join(repository, "host"),
            PYTHONDONTWRITEBYTECODE: "1",
            _MLFLOW_SERVER_ARTIFACT_ROOT: "s3://team-artifacts/artifacts",
            ...{ AWS_ACCESS_KEY_ID: "host", AWS_SECRET_ACCESS_KEY: "role", AWS_DEFAULT_REGION: "us-west-1" },
            AWS_ENDPOINT_URL: "http://127.0.0.1:1",
        });
        const program = `import mlflow_guard\n${script}\nmlflow_guard.create_app()\n${after}`;
        return run([path.join(installedHost, "opt/mlflow/venv/bin/python"), "-Wignore", "-c", program], { env });
    };
    for (const [change, script, message] of changes) {
        it(`does not start in a later MLflow with ${change}`, async () => {
            const { status, stderr } = await create(script);
            assert.deepStrictEqual([status, message.test(stderr)], [1, true], stderr);
        });
    }

    it("starts in this MLflow, and looks at all that goes to S3, whatever path led there", async () => {
        const { status, stderr, stdout } = await create("", calls);
        assert.deepStrictEqual([status, stderr], [0, ""]);
        const lines = stdout.trim().split("\n");
        assert.strictEqual(lines.length, 8, stdout);
        lines.forEach((line) =>
            assert.match(line, /refused; this server reads and writes s3:\/\/team-artifacts\/artifacts\/ alone$/),
        );
    });
});
