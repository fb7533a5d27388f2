import assert from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../../commands/run";
import { freePort, Service } from "../../sandbox/processes";
import { cleanEnvironment, installedHost, toolFolder } from "../../sandbox/tools";
import { install, temporaryFolder } from "../support/sandbox";

// The server command of the team's original notes (section 6), for contrast: with --default-artifact-root clients must reach
// S3 with credentials of their own, although the notes promise that they need none. That the server of this project keeps
// the promise is proved by the sandbox. Not proved: what a client with credentials would meet at AWS.

const program = [
    "import sys, mlflow",
    "with mlflow.start_run() as run:",
    "    mlflow.log_param('learning_rate', 0.01)",
    "    params = mlflow.get_run(run.info.run_id).data.params",
    "    print(params, run.info.artifact_uri, flush=True)",
    "    mlflow.log_artifact(sys.argv[1])",
];

describe("the original notes' own server command", function () {
    this.timeout(600_000);
    const hostPrograms = path.join(installedHost, "opt/mlflow/venv/bin");
    let folder: string;
    let server: Service;
    let trackingUri: string;

    before(async () => {
        const python = await install();
        folder = temporaryFolder();
        mkdirSync(path.join(folder, "home"));
        writeFileSync(path.join(folder, "note.txt"), "a note\n");
        const port = await freePort();
        trackingUri = `http://127.0.0.1:${port}`;
        server = new Service("MLflow", path.join(folder, "server.log"), {
            python,
            command: [
                path.join(hostPrograms, "mlflow"),
                ...["server", "--host", "127.0.0.1", "--port", String(port)],
                ...["--backend-store-uri", `sqlite:///${folder}/mlflow.db`],
                ...["--default-artifact-root", "s3://mlflow-artifacts-project"],
            ],
            // Not in the notes: without the job runner, whose processes outlive the server's end.
            env: environment({ MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" }),
            cwd: folder,
        });
        await server.answers(async () => (await fetch(`${trackingUri}/health`)).ok, 240);
    });
    after(async () => {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    const environment = (extra: Record<string, string>) =>
        cleanEnvironment({
            HOME: path.join(folder, "home"),
            TMPDIR: folder,
            MLFLOW_DISABLE_TELEMETRY: "true",
            ...extra,
        });

    /** Logs a run with a parameter and an artifact. */
    const logRun = (python: string, extra: Record<string, string> = {}) =>
        run([python, "-c", program.join("\n"), path.join(folder, "note.txt")], {
            env: environment({ MLFLOW_TRACKING_URI: trackingUri, AWS_EC2_METADATA_DISABLED: "true", ...extra }),
            cwd: folder,
        });

    /** The parameter is stored, the client is sent to S3 itself, and there it fails with this error. */
    function artifactFails({ status, stdout, stderr }: Result, error: string): void {
        assert.match(
            stdout,
            /^\{'learning_rate': '0\.01'\} s3:\/\/mlflow-artifacts-project\/0\/[0-9a-f]{32}\/artifacts\n/,
        );
        assert.strictEqual(status, 1, stderr);
        assert.strictEqual(stderr.trimEnd().split("\n").at(-1), error);
    }

    it("fails a client without boto3 at its first artifact", async () => {
        const result = await logRun(path.join(toolFolder("client"), "python"));
        artifactFails(result, "ModuleNotFoundError: No module named 'boto3'");
    });

    it("fails a client that has boto3, but no AWS settings", async () => {
        const result = await logRun(path.join(hostPrograms, "python"));
        artifactFails(result, "botocore.exceptions.NoCredentialsError: Unable to locate credentials");
    });

    it("fails a client with an empty AWS_PROFILE, as in the notes' troubleshooting", async () => {
        const result = await logRun(path.join(hostPrograms, "python"), { AWS_PROFILE: "" });
        artifactFails(result, "botocore.exceptions.ProfileNotFound: The config profile () could not be found");
    });
});
