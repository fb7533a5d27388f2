import assert from "node:assert";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { type Result, runOrFail } from "../../commands/run";
import type { Service } from "../../sandbox/processes";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import { hostSettings } from "../support/hostSettings";
import { hostCredentials, startEmulatorIn, withCredentials } from "../support/machineEmulator";
import { install, skipFor, temporaryFolder } from "../support/sandbox";
import { lacksMachines, Machine, serverUrl } from "../support/systemd";

// mlflow-report by its units, under a real systemd with a real journal that the real server writes to: what it reads there, in its
// sandbox, arrives at an AWS emulator in the same network. Not proved: Amazon Linux's own journal and SELinux policy; CloudWatch. The
// limits of calls, failures and crashes: tests/host/report.test.ts.

const logGroup = "/mlflow-test/host";
const metricsNamespace = "mlflow-test";

describe("the report's units, booted (skipped unless root on Linux, with systemd)", function () {
    this.timeout(300_000);
    let folder: string;
    let machine: Machine;
    let emulator: Service;

    before(async function () {
        skipFor(await lacksMachines(), this);
        const python = await install();
        folder = temporaryFolder();
        machine = new Machine(folder, {
            python,
            files: {
                ...withCredentials("mlflow", "mlflow-backup", "mlflow-report"),
                "var/lib/cloud/data/instance-id": "i-0123456789abcdef0\n",
            },
            settings: { logGroup, metricsNamespace },
        });
        await machine.booted();
        // The first step of a whole boot: the journal belongs to the group systemd-journal.
        await machine.output("systemd-tmpfiles", "--create", "--prefix=/run/log/journal", "--prefix=/var/log/journal");
        emulator = await startEmulatorIn(machine, folder, python);
        await aws("s3", "mb", `s3://${hostSettings.bucketName}`);
        await aws("logs", "create-log-group", "--log-group-name", logGroup);
        await machine.healthy();
    });
    after(async () => {
        await emulator?.stop();
        await machine?.stop();
        rmSync(folder ?? "", { recursive: true, force: true });
    });

    const aws = (...words: string[]): Promise<Result> =>
        runOrFail("aws", [...machine.network, path.join(toolFolder("emulator"), "aws"), ...words, "--output=json"], {
            env: cleanEnvironment({ ...hostCredentials, AWS_DEFAULT_REGION: hostSettings.region, HOME: folder }),
        });
    const report = () => machine.output("systemctl", "start", "mlflow-report.service");

    /** What all reports together have said of a metric. */
    async function statistics(name: string): Promise<Record<string, number>> {
        const day = 86_400_000;
        const { stdout } = await aws(
            ...["cloudwatch", "get-metric-statistics", "--namespace", metricsNamespace, "--metric-name", name],
            ...["--start-time", new Date(Date.now() - day).toISOString()],
            ...["--end-time", new Date(Date.now() + day).toISOString()],
            ...["--period", String((2 * day) / 1000), "--statistics", "Sum", "SampleCount", "Minimum", "Maximum"],
        );
        const [datapoint] = (JSON.parse(stdout) as { Datapoints: Record<string, number>[] }).Datapoints;
        return datapoint;
    }

    it("send every metric, each within its bounds, and say nothing", async () => {
        await report();
        const { stdout } = await aws("cloudwatch", "list-metrics", "--namespace", metricsNamespace);
        const { Metrics } = JSON.parse(stdout) as { Metrics: { MetricName: string; Dimensions: unknown[] }[] };
        assert.deepStrictEqual(Metrics.map(({ MetricName }) => MetricName).sort(), [
            ...["Answering", "BackupAge", "DataVolumeUsed", "MemoryUsed", "Restarts", "RootVolumeUsed", "ServerErrors"],
        ]);
        assert.deepStrictEqual(
            Metrics.flatMap(({ Dimensions }) => Dimensions),
            [],
        );
        assert.strictEqual((await statistics("Answering")).Sum, 1);
        for (const name of ["DataVolumeUsed", "MemoryUsed", "RootVolumeUsed"]) {
            const { Minimum, Maximum } = await statistics(name);
            assert.ok(Minimum > 0 && Maximum < 100, `${name}: ${Minimum} to ${Maximum}`);
        }
        assert.strictEqual(await machine.journal("mlflow-report.service"), "");
    });

    it("count what the server answers, and its own errors among that", async () => {
        const rename = (from: string, to: string) =>
            machine.output(
                ...["/opt/mlflow/venv/bin/python", "-c"],
                `import sqlite3; sqlite3.connect("/var/lib/mlflow/server/mlflow.db").execute("ALTER TABLE ${from} RENAME TO ${to}")`,
            );
        const ask = (question: string) =>
            machine.output(
                ...[
                    "curl",
                    "--silent",
                    "--output",
                    "/dev/null",
                    "--write-out",
                    "%{http_code}",
                    `${serverUrl}${question}`,
                ],
            );
        await rename("experiments", "away");
        for (let request = 0; request < 3; request++) {
            assert.strictEqual(await ask("/api/2.0/mlflow/experiments/get?experiment_id=0"), "503");
            assert.strictEqual(await ask("/nothing-here"), "404");
        }
        await rename("away", "experiments");
        await report();
        const { Sum, SampleCount } = await statistics("ServerErrors");
        assert.strictEqual(Sum, 3);
        const answers = (await machine.journal("mlflow.service")).match(/ HTTP\/1\.1" \d\d\d /g)!.length;
        // The journal may have got the line of the report's own question only after it was read.
        assert.ok(answers - SampleCount <= 1, `${SampleCount} of ${answers}`);
        assert.strictEqual((await statistics("Restarts")).Sum, 0);
    });

    it("count a restart of the server, as systemd does", async () => {
        const restarts = async () => (await machine.show("mlflow.service", "NRestarts")).NRestarts;
        await machine.output("kill", "-KILL", (await machine.show("mlflow.service", "MainPID")).MainPID);
        await machine.becomes("it was restarted", async () => (await restarts()) === "1");
        await report();
        assert.strictEqual((await statistics("Restarts")).Sum, 1);
    });

    it("say when nobody is answered; that it was stopped by hand is no restart", async () => {
        await machine.healthy();
        const { Sum, SampleCount } = await statistics("Answering");
        await machine.output("systemctl", "stop", "mlflow.service");
        await report();
        const after = await statistics("Answering");
        assert.deepStrictEqual([after.Sum - Sum, after.SampleCount - SampleCount], [0, 1]);
        assert.strictEqual((await statistics("Restarts")).Sum, 1);
    });

    it("send each line of the services' journal once, in its order", async () => {
        await report();
        const names = ["--log-group-name", logGroup, "--log-stream-name", "i-0123456789abcdef0"];
        const { stdout } = await aws("logs", "get-log-events", ...names, "--start-from-head");
        const sent = (JSON.parse(stdout) as { events: { message: string }[] }).events.map(({ message }) =>
            message.replace(/^[a-z-]+\[\d+\]: /, ""),
        );
        const units = ["mlflow", "mlflow-data", "mlflow-forwarder", "mlflow-backup", "mlflow-gc", "mlflow-updates"];
        const journal = await machine.output("journalctl", "--output=cat", ...units.map((unit) => `--unit=${unit}`));
        assert.deepStrictEqual(sent, journal.trimEnd().split("\n"));
    });

    it("come every minute, by the timer", async () => {
        await machine.output("systemctl", "start", "mlflow-report.timer");
        const { NextElapseUSecRealtime } = await machine.show("mlflow-report.timer", "NextElapseUSecRealtime");
        const next = await machine.output("date", "--date", NextElapseUSecRealtime, "+%s");
        const now = await machine.output("date", "+%s");
        await machine.output("systemctl", "stop", "mlflow-report.timer");
        assert.ok(Number(next) - Number(now) <= 60, `${next} ${now}`);
    });

    it("may not read the database, nor write anywhere but to their own notes", async () => {
        const unit = "mlflow-report.service";
        const attempt = async (command: string) => {
            const text = `[Service]\nExecStart=\nExecStart=/bin/sh -c '${command}'\n`;
            await machine.write(`etc/systemd/system/${unit}.d/try.conf`, text);
            await machine.output("systemctl", "daemon-reload");
            return (await machine.run("systemctl", "start", unit)).status === 0;
        };
        assert.ok(
            await attempt('test "$(id -u)" -ge 61184 && touch "$STATE_DIRECTORY/x"'),
            await machine.journal(unit),
        );
        const state = "/var/lib/mlflow/server";
        for (const command of [`cat ${state}/mlflow.db`, `touch ${state}/x`, "touch /etc/x", "touch /run/x"]) {
            assert.ok(!(await attempt(command)), command);
        }
        const refusals = (await machine.journal(unit)).match(/: (Permission denied|Read-only file system)$/gm);
        assert.strictEqual(refusals?.length, 4);
    });
});
