import assert from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as ec2 from "@aws-sdk/client-ec2";
import { run } from "../../commands/run";
import { freePort } from "../../sandbox/processes";
import { toolFolder } from "../../sandbox/tools";
import { checks } from "../../teammate/doctor/checks";
import type { Result } from "../../teammate/doctor/runChecks";
import type { StackOutputs } from "../../commands/outputs";
import { managed, managedDenied } from "../support/doctorAws";
import { DoctorScene } from "../support/doctorScene";
import { repository } from "../support/sandbox";

// Proves: the command itself, as a person or a CI job runs it: exit codes, both forms of output, what the stack's own profile
// sees and what an operator's does, that it calls nothing that changes anything but its one object, and that Ctrl-C leaves none.
// AWS is the emulator with the real stack, which checks every call's rights; MLflow is the real server behind a forwarder.
// Does not prove: anything about a real AWS account; Session Manager's list of instances is stood in for.
describe("npm run doctor", function () {
    this.timeout(300_000);
    let scene: DoctorScene;
    let python: string;
    let environment: Record<string, string>;

    before(async () => {
        scene = await DoctorScene.start();
        python = path.join(toolFolder("client"), "python");
        environment = { MLFLOW_TRACKING_URI: scene.outputs.trackingUri };
        await giveWayOut();
    });
    beforeEach(() => {
        scene.front.standIns = managedDenied;
        scene.front.calls.length = 0;
    });
    after(() => scene?.stop());

    /** What an operator hands to teammates who can't read the stack's state. */
    function outputsFile(changes: Partial<StackOutputs> = {}): string {
        const file = path.join(scene.folder, "outputs.json");
        const secrets = ["clientSecretAccessKey", "profileCredentialsSnippet", "profileSetupCommands"];
        const masked = Object.fromEntries(secrets.map((name) => [name, "[secret]"]));
        writeFileSync(file, JSON.stringify({ ...scene.outputs, ...masked, ...changes }));
        return file;
    }

    const words = (file: string, ...more: string[]) => ["--outputs", file, "--python", python, ...more];

    const doctor = (arguments_: string[], env = scene.shell(environment)) =>
        run(["npm", "run", "--silent", "doctor", "--", ...arguments_], { env, cwd: repository });

    interface Report {
        readonly stack: string;
        readonly checks: Result[];
        readonly passed: boolean;
    }

    async function report(
        arguments_: string[],
        env?: NodeJS.ProcessEnv,
    ): Promise<{ status: number | null; report: Report }> {
        const { status, stdout, stderr } = await doctor([...arguments_, "--json"], env);
        assert.strictEqual(stderr, "");
        return { status, report: JSON.parse(stdout) as Report };
    }

    const idsOf = ({ checks: results }: Report, verdict: string) =>
        results.filter((result) => result.verdict === verdict).map(({ id }) => id);

    /** The emulator's network has no internet gateway. */
    async function giveWayOut(): Promise<void> {
        const { ec2: client } = scene.stack.clients;
        const { RouteTables } = await client.send(new ec2.DescribeRouteTablesCommand({}));
        const [{ RouteTableId, VpcId }] = RouteTables!;
        const { InternetGateway } = await client.send(new ec2.CreateInternetGatewayCommand({}));
        const GatewayId = InternetGateway!.InternetGatewayId!;
        await client.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }));
        await client.send(new ec2.CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId }));
    }

    it("passes with the rights of the stack's own profile: what it may not see is no failure", async () => {
        const before = await scene.listing();
        const { status, report: found } = await report(words(outputsFile()));
        assert.deepStrictEqual(idsOf(found, "failed"), []);
        assert.deepStrictEqual(
            found.checks.map(({ id, title }) => ({ id, title })),
            checks.map(({ id, title }) => ({ id, title })),
        );
        assert.deepStrictEqual(idsOf(found, "not visible"), [
            ...["instance", "instance-role", "session-manager", "outbound-route"],
            "tunnel-target", // the test's forwarder does not say where it leads
        ]);
        assert.deepStrictEqual(idsOf(found, "warning"), []);
        assert.deepStrictEqual(idsOf(found, "not checked"), []);
        assert.deepStrictEqual([status, found.stack, found.passed], [0, scene.outputs.stack, true]);
        assert.deepStrictEqual(await scene.listing(), before);
    });

    it("calls nothing that changes anything, but for one object that it removes again", async () => {
        await report(words(outputsFile()));
        const changing = scene.front.calls.filter(
            (call) => !/^s3 (GET|HEAD) |^\w+ (Describe|GetCallerIdentity)/.test(call),
        );
        const [write, remove, ...more] = changing;
        assert.match(write, /^s3 PUT object \/[^/]+\/artifacts\/\.doctor-[0-9a-f]{16}$/);
        assert.strictEqual(remove, write.replace("PUT", "DELETE"));
        assert.deepStrictEqual(more, []);
        assert.ok(
            scene.front.calls.some((call) => call.startsWith("ec2 ")),
            "the front saw no call",
        );
    });

    it("sees more with an operator's profile", async () => {
        const { instanceId: InstanceId } = scene.outputs;
        scene.front.standIns = managed({ InstanceId, PingStatus: "Online", AgentVersion: "3.3.0" });
        const { status, report: found } = await report(words(outputsFile(), "--profile", "operator"));
        assert.deepStrictEqual(idsOf(found, "failed"), []);
        assert.deepStrictEqual(idsOf(found, "not visible"), ["tunnel-target"]);
        assert.deepStrictEqual(idsOf(found, "not checked"), ["access-key"]);
        assert.strictEqual(status, 0);
    });

    it("fails with what is wrong, and does not repeat it in the checks that need it", async () => {
        const port = await freePort();
        const outputs = outputsFile({ trackingUri: `http://localhost:${port}`, accountId: "999999999999" });
        const { status, report: found } = await report(words(outputs));
        assert.deepStrictEqual(idsOf(found, "failed"), ["tracking-uri", "account", "tunnel-port"]);
        assert.deepStrictEqual(idsOf(found, "not checked"), [
            ...["identity", "artifacts-list", "artifacts-write", "artifacts-read", "artifacts-delete"],
            ...["instance", "instance-role", "session-manager", "outbound-route"],
            ...["tunnel-target", "http", "host-header", "database", "server-version", "old-experiments"],
        ]);
        const skipped = found.checks.find(({ id }) => id === "database");
        assert.strictEqual(skipped?.evidence, "needs: The server takes the address as it is written");
        assert.deepStrictEqual([status, found.passed], [1, false]);
        assert.deepStrictEqual(
            scene.front.calls.filter((call) => call.includes("PUT")),
            [],
            "nothing is written to a bucket of another account",
        );
    });

    it("says for people what it says for programs, and no secret", async () => {
        const { status, stdout, stderr } = await doctor(
            words(outputsFile()),
            scene.shell({ ...environment, AWS_PROFILE: "" }),
        );
        const lines = stdout.trimEnd().split("\n");
        assert.deepStrictEqual(lines.slice(0, 3), [
            "✗ AWS_PROFILE is a profile that exists, or not set [failed]: AWS_PROFILE is empty: AWS tools look for a profile " +
                "without a name (ProfileNotFound)",
            "    -> unset AWS_PROFILE",
            `✓ MLFLOW_TRACKING_URI is this stack's: MLFLOW_TRACKING_URI is ${scene.outputs.trackingUri}`,
        ]);
        assert.deepStrictEqual(lines.slice(-2), ["", `Failed: ${checks.length - 6} ok, 1 failed, 5 not visible`]);
        assert.strictEqual(status, 1);
        assert.strictEqual(stderr, "");
        assert.ok(!stdout.includes(scene.outputs.clientSecretAccessKey!), "the secret");
    });

    it("follows the artifact mode: direct needs the profile in the environment, and boto3", async () => {
        const outputs = outputsFile({ artifactMode: "direct" });
        const without = await report(words(outputs));
        assert.deepStrictEqual(idsOf(without.report, "failed"), ["aws-profile", "client-boto3", "artifact-mode"]);
        const { profileName: AWS_PROFILE, accountId: MLFLOW_S3_EXPECTED_BUCKET_OWNER } = scene.outputs;
        const env = scene.shell({ ...environment, AWS_PROFILE, MLFLOW_S3_EXPECTED_BUCKET_OWNER });
        const withBoto3 = path.join(toolFolder("emulator"), "python");
        const as = await report(["--outputs", outputs, "--python", withBoto3], env);
        assert.deepStrictEqual(idsOf(as.report, "failed"), []);
        assert.deepStrictEqual([without.status, as.status], [1, 0]);
    });

    it("leaves no object behind when Ctrl-C ends it in the middle", async () => {
        const before = await scene.listing();
        const arguments_ = ["-r", "./scripts/compileCache.js", "-r", "ts-node/register", "teammate/doctor.ts"];
        const child = spawn(process.execPath, [...arguments_, ...words(outputsFile())], {
            cwd: repository,
            env: scene.shell(environment),
            stdio: ["ignore", "ignore", "pipe"],
        });
        let told = "";
        child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
        let during: string[] = [];
        const hold = async () => {
            during = await scene.listing();
            child.kill("SIGINT");
        };
        scene.front.standIns = { ...managedDenied, "s3 PUT object": { hold } };
        const [status] = (await once(child, "close")) as [number | null];
        assert.strictEqual(during.length, before.length + 1, "the object was there when Ctrl-C came");
        assert.deepStrictEqual(await scene.listing(), before);
        assert.deepStrictEqual([status, told], [1, "Interrupted before the end: no finding.\n"]);
    });

    it("ends, whatever does not: a profile whose program for credentials never answers", async () => {
        // It notes that it has come to its own end, and ends before that only when whoever started it is gone.
        const program = path.join(scene.folder, "hangs");
        const body = 'for i in $(seq 200); do kill -0 "$PPID" || exit; sleep 0.2; done; : > "$0.ended"';
        writeFileSync(program, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
        const { profileName } = scene.outputs;
        const files = { config: `[profile ${profileName}]\ncredential_process = ${program}\n`, credentials: "" };
        const { status, report: found } = await report(words(outputsFile()), scene.shell(environment, files));
        const [fault, ...more] = found.checks.filter(({ verdict }) => verdict === "failed");
        assert.deepStrictEqual([fault.id, fault.evidence], ["credentials", "no finding within 25 s"]);
        assert.deepStrictEqual([status, more], [1, []]);
        assert.ok(!existsSync(`${program}.ended`), "it was waited for");
    });

    it("answers --help, and refuses what it cannot use, without a stack trace", async () => {
        const help = await doctor(["--help"]);
        assert.strictEqual(help.status, 0);
        for (const text of ["--profile <name>", "--python <path>", "--json", "--outputs <file>", "Exit codes"]) {
            assert.ok(help.stdout.includes(text), text);
        }
        const absent = await doctor(["--outputs", "no-such-file"]);
        assert.strictEqual(absent.status, 5);
        assert.match(absent.stderr, /^--outputs: got .*no-such-file/);
        assert.doesNotMatch(absent.stderr, /\n\s+at /);
    });
});
