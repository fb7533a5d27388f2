import assert from "node:assert";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import {
    assumeServerRole,
    createStack,
    type EmulatedStack,
    enforceIam,
    stackEnvironmentOf,
} from "../../sandbox/emulatedStack";
import { freePort } from "../../sandbox/processes";
import { type Line, ReportHost } from "../support/reportHost";
import { install, temporaryFolder, until } from "../support/sandbox";

// mlflow-report, with the settings of the real program and as its server role, against an AWS emulator that knows the limits of CloudWatch
// Logs: exactly which metrics and lines arrive, after failures and kills too. The journal is imitated; the real one:
// tests/host/reportUnits.test.ts. Not proved: CloudWatch itself; the role's rights, which the emulator judges wrongly for these services
// (it refuses what has a resource or a condition, which the test of a refusal uses): tests/access/policies.test.ts has them.

const day = 24 * 3600 * 1000;
const answer = (status: number, request = "POST /api/2.0/mlflow/runs/log-metric") =>
    `2026/11/26 17:16:40 INFO:      - "${request} HTTP/1.1" ${status} ${http.STATUS_CODES[status]}`;
const restart: Line = {
    text: "mlflow.service: Scheduled restart job, restart counter is at 1.",
    more: { MESSAGE_ID: "5eb03494b6584870a536b337290809b3", SYSLOG_IDENTIFIER: "systemd", _PID: "1" },
};

describe("mlflow-report", function () {
    this.timeout(120_000);
    let folder: string;
    let emulator: Emulator;
    let stack: EmulatedStack;
    let role: Record<string, string>;
    let count = 0;

    before(async function () {
        this.timeout(300_000);
        const python = await install();
        folder = temporaryFolder();
        emulator = await startEmulator(python, folder, path.join(__dirname, "../support/strictEmulator.py"));
        stack = await createStack(emulator.endpoint, { alarmEmail: "ml-team@example.com", logRetentionDays: 30 });
        role = await assumeServerRole(stack, emulator.endpoint);
        await enforceIam(emulator.endpoint, false);
    });
    after(async () => {
        await emulator?.stop();
        rmSync(folder ?? "", { recursive: true, force: true });
    });

    /** A host with a log group and metrics of its own, so that no test sees another's. */
    async function newHost(settings: Record<string, string> = {}): Promise<ReportHost & { name: string }> {
        const name = `host-${++count}`;
        const own = { HOST_LOG_GROUP: `/${name}`, HOST_METRICS_NAMESPACE: name, ...settings };
        const text = stackEnvironmentOf(stack.evaluation).replace(
            new RegExp(`^(${Object.keys(own).join("|")})=.*$`, "gm"),
            (_, variable: string) => `${variable}="${own[variable as keyof typeof own]}"`,
        );
        await stack.clients.logs.send(new logs.CreateLogGroupCommand({ logGroupName: `/${name}` }));
        const access = { AWS_ENDPOINT_URL: emulator.endpoint, ...role };
        return Object.assign(new ReportHost(path.join(folder, name), text, access), { name });
    }

    const reported = async (host: ReportHost) => {
        const { status, stdout, stderr } = await host.report();
        assert.deepStrictEqual([status, stdout, stderr], [0, "", ""]);
    };

    /** All that the group holds, in the order in which it came. */
    async function messages({ name }: { name: string }): Promise<string[]> {
        const place = { logGroupName: `/${name}`, logStreamName: "i-0123456789abcdef0", startFromHead: true };
        const found: string[] = [];
        for (let nextToken: string | undefined, before: string | undefined = "none"; nextToken !== before;) {
            before = nextToken;
            const page = await stack.clients.logs.send(new logs.GetLogEventsCommand({ ...place, nextToken }));
            found.push(...page.events!.map(({ message }) => message!));
            nextToken = page.nextForwardToken;
        }
        return found;
    }

    /** The calls that the emulator took, as it prints them. */
    const taken = () =>
        [
            ...readFileSync(path.join(folder, "emulator.log"), "utf8").matchAll(/^call: (\d+) events, (\d+) bytes$/gm),
        ].map(([, events, bytes]) => [Number(events), Number(bytes)]);
    async function callsOf(work: () => Promise<unknown>): Promise<number[][]> {
        const before = taken().length;
        await work();
        return taken().slice(before);
    }

    async function statistics({ name }: { name: string }, metric: string): Promise<cloudwatch.Datapoint | undefined> {
        const { Datapoints } = await stack.clients.cloudwatch.send(
            new cloudwatch.GetMetricStatisticsCommand({
                ...{ Namespace: name, MetricName: metric, Period: (2 * day) / 1000 },
                ...{ StartTime: new Date(Date.now() - day), EndTime: new Date(Date.now() + day) },
                Statistics: ["Sum", "SampleCount", "Average", "Minimum", "Maximum"],
            }),
        );
        return Datapoints![0];
    }
    const values = async (host: { name: string }, ...metrics: string[]) =>
        Object.fromEntries(
            await Promise.all(metrics.map(async (metric) => [metric, (await statistics(host, metric))?.Sum])),
        ) as Record<string, number | undefined>;

    it("asks the journal for the services' lines: of the last hour at first, then of those after the last", async () => {
        const host = await newHost();
        host.write("one");
        await reported(host);
        await reported(host);
        const fields = "--output-fields=MESSAGE,MESSAGE_ID,SYSLOG_IDENTIFIER,_PID";
        const start = `journalctl --quiet --no-pager --all --output=json ${fields} --unit=mlflow.service `;
        const others = ["data", "forwarder", "backup", "gc", "updates"].map((unit) => `--unit=mlflow-${unit}.service `);
        const after = "--after-cursor=s=0a1b;i=1;b=2c3d";
        assert.deepStrictEqual(host.calls(), [
            `${start}--since=-1hour`,
            `${start}${others.join("")}--since=-1hour`,
            `${start}${after}`,
            `${start}${others.join("")}${after}`,
        ]);
        assert.deepStrictEqual(host.notes("log"), { cursor: "s=0a1b;i=1;b=2c3d" });
    });

    describe("metrics", () => {
        it("are what was counted since the last report, once", async () => {
            const host = await newHost();
            host.write(answer(200), answer(200), answer(404), answer(503), answer(500, 'GET /?" 200 OK'), restart);
            host.write("2026/11/26 17:16:40 INFO mlflow.store: a line with HTTP/1.1 500 in it", "500", '" 500');
            await reported(host);
            const first = await statistics(host, "ServerErrors");
            assert.deepStrictEqual([first?.Sum, first?.SampleCount, first?.Average], [2, 5, 0.4]);
            assert.deepStrictEqual(await values(host, "Restarts", "Answering"), { Restarts: 1, Answering: 0 });
            await reported(host);
            assert.deepStrictEqual((await statistics(host, "ServerErrors"))?.SampleCount, 5);
            assert.deepStrictEqual(await values(host, "Restarts"), { Restarts: 1 });
            host.write(answer(500), restart, restart);
            await reported(host);
            const last = await statistics(host, "ServerErrors");
            assert.deepStrictEqual([last?.Sum, last?.SampleCount], [3, 6]);
            assert.deepStrictEqual(await values(host, "Restarts"), { Restarts: 3 });
        });

        it("say that the server answers when its database does, and not by its word alone", async () => {
            const host = await newHost();
            let status = 200;
            const server = http.createServer(({ url }, response) => {
                response.statusCode = url === "/health" ? 200 : status;
                response.end("{}");
            });
            server.listen(path.join(host.root, "run/mlflow/mlflow.sock"));
            try {
                await once(server, "listening");
                await reported(host);
                assert.deepStrictEqual(await values(host, "Answering"), { Answering: 1 });
                status = 503;
                await reported(host);
                const { Sum, SampleCount } = (await statistics(host, "Answering"))!;
                assert.deepStrictEqual([Sum, SampleCount], [1, 2]);
            } finally {
                server.close();
            }
        });

        it("have the age of the newest backup, and without one that of the host; none without nightly backups", async () => {
            const host = await newHost();
            await reported(host);
            const { BackupAge } = await values(host, "BackupAge");
            assert.ok(BackupAge !== undefined && BackupAge >= 0 && BackupAge < 0.1, String(BackupAge));
            const bucket = { Bucket: stack.output("bucketName"), Key: "backups/20261126T020000Z-0a1b.sqlite.gz" };
            await stack.clients.s3.send(new PutObjectCommand({ ...bucket, Body: "a backup" }));
            // Listed once an hour: the next reports go on from what they know.
            const known = host.notes("metrics")!;
            await reported(host);
            assert.deepStrictEqual(host.notes("metrics"), known);
            assert.strictEqual(known.newest_backup, undefined);
            const other = await newHost();
            await reported(other);
            assert.strictEqual(typeof other.notes("metrics")!.newest_backup, "number");

            const without = await newHost({ HOST_DAILY_BACKUP: "" });
            await reported(without);
            assert.deepStrictEqual(await values(without, "BackupAge"), { BackupAge: undefined });
        });

        it("are counted with the next ones when CloudWatch cannot be reached, and the log is sent all the same", async () => {
            const host = await newHost();
            host.write(answer(500), restart);
            const nowhere = `http://127.0.0.1:${await freePort()}`;
            const { status, stderr } = await host.report({ AWS_ENDPOINT_URL_CLOUDWATCH: nowhere });
            assert.strictEqual(status, 1);
            assert.match(stderr, /^report: metrics: Could not connect to the endpoint URL: \S+\n$/);
            assert.strictEqual(host.notes("metrics"), undefined);
            assert.strictEqual((await messages(host)).length, 2);
            host.write(answer(200));
            await reported(host);
            const { Sum, SampleCount } = (await statistics(host, "ServerErrors"))!;
            assert.deepStrictEqual([Sum, SampleCount], [1, 2]);
            assert.strictEqual((await messages(host)).length, 3);
        });
    });

    describe("the log", () => {
        const line = (text: string) => `mlflow-server[123]: ${text}`;

        it("has each line once, with program and process, in a stream of the instance", async () => {
            const host = await newHost();
            host.write("one", "", { text: [104, 195, 164, 255, 10] }, { text: "by systemd", more: restart.more });
            await reported(host);
            host.write("two");
            await reported(host);
            await reported(host);
            assert.deepStrictEqual(await messages(host), [
                ...[line("one"), line(""), line("hä\ufffd\n"), "systemd[1]: by systemd", line("two")],
            ]);
        });

        it("goes in calls of at most 10,000 lines", async () => {
            const host = await newHost();
            host.write(...Array.from({ length: 10_001 }, (_, index) => String(index)));
            const calls = await callsOf(() => reported(host));
            assert.deepStrictEqual(
                calls.map(([events]) => events),
                [10_000, 1],
            );
            const all = await messages(host);
            assert.deepStrictEqual(
                all,
                Array.from({ length: 10_001 }, (_, index) => line(String(index))),
            );
        });

        it("goes in calls of at most 1 MiB, and a larger line in parts that split no character", async () => {
            const host = await newHost();
            const large = "ä€𝄞".repeat(200_000);
            host.write("before", large, "after");
            const calls = await callsOf(() => reported(host));
            const parts = await messages(host);
            assert.strictEqual(parts.slice(1, -1).join(""), line(large));
            assert.deepStrictEqual([parts[0], parts.at(-1)], [line("before"), line("after")]);
            assert.ok(calls.length === 2 && calls.every(([, bytes]) => bytes <= 1_048_576), JSON.stringify(calls));
        });

        it("goes in calls of less than a day, in the order of time, and names what was too old", async () => {
            const host = await newHost();
            const now = Date.now();
            host.write({ text: "too old", milliseconds: now - 15 * day });
            host.write(
                { text: "3 days", milliseconds: now - 3 * day },
                { text: "2 days", milliseconds: now - 2 * day },
            );
            host.write("later", { text: "the clock was set back", milliseconds: now - 5000 });
            let said = "";
            const calls = await callsOf(async () => {
                const { status, stderr } = await host.report();
                assert.strictEqual(status, 0, stderr);
                said = stderr;
            });
            assert.match(said, /^report: CloudWatch has left out lines of the log, by their age: \{.*\}\n$/);
            assert.deepStrictEqual(
                calls.map(([events]) => events),
                [1, 1, 1, 2],
            );
            const expected = ["3 days", "2 days", "the clock was set back", "later"];
            assert.deepStrictEqual(await messages(host), expected.map(line));
            await reported(host);
            assert.strictEqual((await messages(host)).length, 4);
        });

        for (const [moment, twice] of [
            ["before", []],
            ["after", ["last", "hold after"]],
        ] as const) {
            it(`goes on where it was after a kill ${moment} CloudWatch took a call`, async () => {
                const host = await newHost();
                const many = Array.from({ length: 10_000 }, (_, index) => `first ${index}`);
                host.write(...many, "last", `hold ${moment}`);
                const child = host.start();
                const held = () =>
                    readFileSync(path.join(folder, "emulator.log"), "utf8").includes(`hold ${moment}: held`);
                await until("the call is held", 60, held);
                child.kill("SIGKILL");
                await once(child, "exit");
                // The first call was answered, and noted.
                assert.deepStrictEqual(host.notes("log"), { cursor: "s=0a1b;i=10000;b=2c3d" });
                await reported(host);
                const expected = [...many, ...twice, "last", `hold ${moment}`];
                assert.deepStrictEqual(await messages(host), expected.map(line));
            });
        }
    });

    it("says what its role may not, in one line each, and loses nothing", async () => {
        const host = await newHost();
        host.write("one");
        await enforceIam(emulator.endpoint, true);
        const { status, stdout, stderr } = await host.report();
        await enforceIam(emulator.endpoint, false);
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.match(stderr, /^report: metrics: An error occurred .*\nreport: log: An error occurred .*\n$/);
        assert.deepStrictEqual([host.notes("metrics"), host.notes("log")], [undefined, undefined]);
        await reported(host);
        assert.deepStrictEqual(await messages(host), ["mlflow-server[123]: one"]);
    });

    it("says so when the journal cannot be read", async () => {
        const host = await newHost({ HOST_METRICS_NAMESPACE: "" });
        rmSync(path.join(host.root, "journal"));
        const { status, stderr } = await host.report();
        assert.strictEqual(status, 1);
        assert.match(stderr, /^report: log: the journal cannot be read: awk: .*\n$/);
    });

    it("does only what the stack asks for", async () => {
        const log = await newHost({ HOST_METRICS_NAMESPACE: "" });
        const metrics = await newHost({ HOST_LOG_GROUP: "" });
        for (const host of [log, metrics]) {
            host.write("one");
            await reported(host);
        }
        assert.deepStrictEqual([log.notes("metrics"), metrics.notes("log")], [undefined, undefined]);
        assert.strictEqual(await statistics(log, "Answering"), undefined);
        await assert.rejects(messages(metrics), { name: "ResourceNotFoundException" });
    });
});
