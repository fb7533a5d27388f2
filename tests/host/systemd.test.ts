import assert from "node:assert";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { runOrFail } from "../../commands/run";
import type { Service } from "../../sandbox/processes";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { hostSettings } from "../support/hostSettings";
import { hostCredentials, startEmulatorIn, withCredentials } from "../support/machineEmulator";
import { install, repository, temporaryFolder, skipFor } from "../support/sandbox";
import { hasXfs, lacksMachines, Machine, serverUrl } from "../support/systemd";

// The host's units under a real systemd that boots with them, and the server in their sandboxing: on the data volume, with artifacts
// in an AWS emulator that has the same network. Not proved: Amazon Linux's own systemd, kernel and SELinux policy, another
// architecture, and a limit of memory that is reached.

describe("the host's units, booted (skipped unless root on Linux, with systemd)", function () {
    this.timeout(300_000);
    let python: string;
    let folder: string;
    let machine: Machine;
    let emulator: Service;

    before(async function () {
        skipFor(await lacksMachines(), this);
        python = await install();
        folder = temporaryFolder();
        machine = new Machine(folder, {
            python,
            disk: hasXfs ? 1024 : undefined,
            files: withCredentials("mlflow", "mlflow-backup", "mlflow-gc"),
            settings: { garbageCollectionDays: 30 },
        });
        await machine.booted();
        emulator = await startEmulatorIn(machine, folder, python);
        const region = ["--region", hostSettings.region];
        await onItsNetwork(
            [path.join(toolFolder("emulator"), "aws"), "s3", "mb", `s3://${hostSettings.bucketName}`, ...region],
            hostCredentials,
        );
        await machine.healthy();
    });
    after(async () => {
        await emulator?.stop();
        await machine?.stop();
        rmSync(folder ?? "", { recursive: true, force: true });
    });

    const onItsNetwork = (command: string[], env: Record<string, string>) =>
        runOrFail(command[0], [...machine.network, ...command], { env: cleanEnvironment({ HOME: folder, ...env }) });
    /** Numbers of a user's processes whose command line has this in it. */
    const processes = async (user: string, part = "") =>
        (await machine.run("ps", "-u", user, "-o", "pid=,args=")).stdout
            .split("\n")
            .filter((line) => line.includes(part))
            .flatMap((line) => /^ *(\d+) /.exec(line)?.[1] ?? []);
    const restarts = async () => Number((await machine.show("mlflow.service", "NRestarts")).NRestarts);
    const active = () =>
        machine.becomes("the server is active", async () => {
            return (await machine.show("mlflow.service", "ActiveState")).ActiveState === "active";
        });

    it("come up by themselves, and none has failed", async () => {
        await active();
        assert.strictEqual((await machine.output("systemctl", "--failed", "--quiet", "list-units")).trim(), "");
        for (const unit of ["mlflow-data.service", "mlflow-forwarder.socket", "mlflow-forwarder.service"]) {
            assert.deepStrictEqual([unit, await machine.show(unit, "ActiveState")], [unit, { ActiveState: "active" }]);
        }
    });

    /** Runs a teammate's Python, which knows the server and nothing about AWS. */
    const asTeammate = (...words: string[]) => {
        const command = [
            "env",
            "--unset=AWS_CA_BUNDLE",
            `--chdir=${folder}`,
            path.join(toolFolder("client"), "python"),
        ];
        return onItsNetwork([...command, ...words], { MLFLOW_TRACKING_URI: serverUrl });
    };

    it("lead a teammate's metrics and artifacts to the database and the bucket, and back", async () => {
        const { stdout } = await asTeammate(path.join(repository, "sandbox/client.py"), "units");
        assert.match(stdout, /"artifactUri": "mlflow-artifacts:/);
    });

    it("take an artifact of 50 MB, which the server sends to S3 in parts", async () => {
        const program = [
            "import mlflow, os, pathlib",
            "data = os.urandom(50_000_000)",
            "pathlib.Path('large').write_bytes(data)",
            "with mlflow.start_run() as run: mlflow.log_artifact('large')",
            "back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path='large', dst_path='back')",
            "print(pathlib.Path(back).read_bytes() == data)",
        ];
        assert.match((await asTeammate("-c", program.join("\n"))).stdout, /^True$/m);
        assert.match(readFileSync(path.join(folder, "emulator.log"), "utf8"), /"PUT \S+partNumber=2\S* HTTP/);
    });

    it("back the database up, and collect what was deleted, in a sandbox of the same kind", async () => {
        for (const [unit, said] of [
            [
                "mlflow-backup.service",
                /^backup: s3:\/\/team-artifacts\/backups\/\d{8}T\d{6}Z-[0-9a-f]{12}\.sqlite\.gz /m,
            ],
            ["mlflow-gc.service", /^gc: deleted 0 runs and models that were deleted 30 days ago or earlier, /m],
        ] as const) {
            await machine.output("systemctl", "start", unit);
            assert.match(await machine.journal(unit), said);
        }
    });

    it("replace a killed worker", async () => {
        const { MainPID } = await machine.show("mlflow.service", "MainPID");
        const workers = async () => (await processes("mlflow", "mlflow_host.serve")).filter((pid) => pid !== MainPID);
        const before = await workers();
        const restartsBefore = await restarts();
        assert.strictEqual(before.length, hostSettings.workers);
        await machine.output("kill", "-KILL", before[0]);
        await machine.becomes("there is a new worker", async () => {
            const now = await workers();
            return now.length === before.length && !now.includes(before[0]);
        });
        await machine.healthy();
        assert.strictEqual(await restarts(), restartsBefore);
    });

    it("start a killed server anew, as a whole, and call it active when it answers", async () => {
        const before = await processes("mlflow");
        const restartsBefore = await restarts();
        await machine.output("kill", "-KILL", (await machine.show("mlflow.service", "MainPID")).MainPID);
        await machine.becomes("it was restarted", async () => (await restarts()) === restartsBefore + 1);
        await active();
        assert.ok(await machine.answers(`${serverUrl}/health`));
        const now = await processes("mlflow");
        assert.deepStrictEqual(
            now.filter((pid) => before.includes(pid)),
            [],
        );
    });

    it("bring a killed forwarder back", async () => {
        await machine.output("kill", "-KILL", (await machine.show("mlflow-forwarder.service", "MainPID")).MainPID);
        await machine.healthy();
    });

    it("leave no process and no socket behind when the server is stopped", async () => {
        await machine.output("systemctl", "stop", "mlflow.service");
        assert.deepStrictEqual(await processes("mlflow"), []);
        assert.strictEqual((await machine.run("ls", "/run/mlflow")).status, 2);
        assert.deepStrictEqual(await machine.show("mlflow.service", "ActiveState", "Result"), {
            ActiveState: "inactive",
            Result: "success",
        });
    });

    it("start a server that cannot run again and again, with longer and longer pauses", async () => {
        await machine.write("usr/local/bin/sleep", "#!/bin/sh\n");
        await machine.write(
            "etc/systemd/system/mlflow.service.d/broken.conf",
            "[Service]\nExecStart=\nExecStart=/bin/false\nExecStartPost=\nRestartSec=0\n",
        );
        await machine.output("systemctl", "daemon-reload");
        await machine.output("systemctl", "start", "--no-block", "mlflow.service");
        const pauses = async () =>
            [...(await machine.journal("mlflow.service")).matchAll(/ waiting (\d+) s$/gm)].map(([, pause]) =>
                Number(pause),
            );
        await machine.becomes("it was started 10 times", async () => (await pauses()).length >= 8);
        assert.deepStrictEqual((await pauses()).slice(0, 8), [2, 4, 8, 16, 32, 60, 60, 60]);
        assert.notStrictEqual((await machine.show("mlflow.service", "ActiveState")).ActiveState, "failed");
    });
});

describe("the host's units with a data volume that cannot be used (skipped unless root on Linux, with systemd)", function () {
    this.timeout(120_000);
    let folder: string;
    let machine: Machine;

    before(async function () {
        if (await lacksMachines()) {
            this.skip();
        }
        const python = await install();
        folder = temporaryFolder();
        // As soon as it can, for this test.
        const soon = { "etc/systemd/system/mlflow-data.service.d/soon.conf": "[Service]\nRestartSec=1\n" };
        machine = new Machine(folder, { python, disk: 1024, files: soon });
        machine.fillDisk("precious");
        await machine.booted();
    });
    after(async () => {
        await machine?.stop();
        rmSync(folder ?? "", { recursive: true, force: true });
    });

    it("do not start the server, and write nothing in its place", async () => {
        const state = async (unit: string) => (await machine.show(unit, "ActiveState")).ActiveState;
        const refused = /holds something that is no known file system/;
        await machine.becomes("the volume was refused", async () =>
            refused.test(await machine.journal("mlflow-data.service")),
        );
        assert.strictEqual(await state("mlflow.service"), "inactive");
        const tries = async () => Number((await machine.show("mlflow-data.service", "NRestarts")).NRestarts);
        await machine.becomes("it was tried again", async () => (await tries()) >= 2);
        assert.strictEqual(await machine.output("ls", "--almost-all", "/var/lib/mlflow"), "");
    });

    it("start the server by themselves once the volume can be used (skipped without XFS)", async function () {
        if (!hasXfs) {
            this.skip();
        }
        machine.fillDisk("\0".repeat("precious".length));
        await machine.healthy();
    });
});
