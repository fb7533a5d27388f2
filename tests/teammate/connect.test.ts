import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { isFree, nextFree } from "../../teammate/connect/port";
import { remedyHere } from "../../teammate/tools";
import { Command, ConnectScene, smallServer } from "../support/connectScene";
import { hasProc, processesOf, until } from "../support/sandbox";

// `npm run connect` over Session Manager, as a teammate runs it. The AWS CLI is real, and calls a stand-in for the service's API;
// a stand-in for AWS's plugin forwards the port. Not proved here: the service, its channel and its agent, the real plugin, and
// AWS CLI 2. Over a real SSH connection: connectSsh.test.ts.

describe("npm run connect", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    let server: http.Server;
    let socket: string;
    let words: string[];

    before(async () => {
        scene = await ConnectScene.start();
        socket = path.join(scene.folder, "mlflow.sock");
        server = await smallServer(socket);
    });
    beforeEach(() => {
        scene.reset(socket);
        const { profileConfigSnippet, profileCredentialsSnippet } = scene.outputs;
        writeFileSync(path.join(scene.home, ".aws/config"), profileConfigSnippet);
        writeFileSync(path.join(scene.home, ".aws/credentials"), profileCredentialsSnippet!);
        words = ["--outputs", scene.write({}, { secrets: false })];
    });
    afterEach(() => Command.endAll());
    after(async () => {
        server?.close();
        await scene?.stop();
    });

    const versionThrough = async (port: number) => (await fetch(`http://localhost:${port}/version`)).text();
    /** After the end: nothing runs, nobody has the port. */
    const nothingLeft = async () => {
        await until("nothing is left running", 5, () => scene.left().length === 0);
        assert.ok(await isFree(scene.port));
    };

    it("asks the service for exactly the session that teammates may have, and says what to do", async () => {
        const command = scene.connect(words);
        await command.says(/Ctrl-C ends/);
        const { instanceId, clientAccessKeyId, clientEnvironment, trackingUri } = scene.outputs;
        assert.deepStrictEqual(scene.service.started, [
            {
                keyId: clientAccessKeyId,
                region: "us-west-1",
                body: {
                    Target: instanceId,
                    DocumentName: "AWS-StartPortForwardingSession",
                    Parameters: { portNumber: ["5000"], localPortNumber: [String(scene.port)] },
                },
            },
        ]);
        assert.strictEqual(await versionThrough(scene.port), "3.17.2");
        assert.strictEqual(await command.interrupt(), 0);
        const said = command.stdout.replace(/AWS CLI 1 ends in July 2027; .*\n/, "").replace(/\(\d+\.\d s\)/, "(took)");
        assert.deepStrictEqual(said.split("\n"), [
            "Profile mlflow-sandbox: nothing to change.",
            `Opening the tunnel of stack sandbox (Session Manager, ${instanceId}) ...`,
            `MLflow 3.17.2 answers (took): ${trackingUri}`,
            "",
            ...clientEnvironment.split("\n"),
            "Ctrl-C ends the tunnel.",
            "Ended.",
            "",
        ]);
        assert.strictEqual(command.stderr, "");
        assert.strictEqual(scene.service.terminated.length, 1);
        await nothingLeft();
    });

    it("opens it again when it drops, says why, and how long it took", async () => {
        const command = scene.connect(words);
        await command.says(/Ctrl-C ends/);
        const [plugin] = processesOf(scene.home).filter(({ command }) => command.includes("StartSession"));
        process.kill(plugin.pid, "SIGKILL");
        await command.says(/^\d\d:\d\d:\d\d Connected again after \d+\.\d s\. It had dropped: .+$/m);
        assert.strictEqual(await versionThrough(scene.port), "3.17.2");
        assert.strictEqual(scene.service.started.length, 2);
        assert.strictEqual(await command.interrupt(), 0);
        await nothingLeft();
    });

    (hasProc ? it : it.skip)("ends what is left of a tunnel before it opens another, needs /proc", async () => {
        const command = scene.connect(words);
        await command.says(/Ctrl-C ends/);
        // The plugin outlives the CLI, and holds the port.
        const [cli] = processesOf(scene.home).filter(({ command }) => command.includes("aws ssm start-session"));
        process.kill(cli.pid, "SIGKILL");
        await command.says(/Connected again after \d+\.\d s\. It had dropped: ended by SIGKILL/);
        assert.strictEqual(scene.left().filter((line) => line.includes("StartSession")).length, 1);
        assert.strictEqual(await command.interrupt(), 0);
        await nothingLeft();
    });

    it("waits for an instance that is not there yet, and takes the new one after a replacement", async () => {
        const { instanceId } = scene.outputs;
        scene.service.targets = {
            [instanceId]: { error: "TargetNotConnected", message: `${instanceId} is not connected.` },
        };
        const command = scene.connect(words);
        await command.says(
            /Not connected: .*\(TargetNotConnected\).*starting, stopped, or has no way out.*Next attempt in 1 s/,
        );
        const replacement = "i-0fedcba9876543210";
        scene.service.targets = { [replacement]: { socket } };
        scene.write({ instanceId: replacement }, { secrets: false });
        await command.says(/Ctrl-C ends/);
        scene.service.targets = { [`${replacement}1`]: { socket } };
        scene.write({ instanceId: `${replacement}1` }, { secrets: false });
        const [plugin] = processesOf(scene.home).filter(({ command }) => command.includes("StartSession"));
        process.kill(plugin.pid, "SIGKILL");
        await command.says(/Connected again/);
        const asked = scene.service.started.map(({ body }) => (body as { Target: string }).Target);
        assert.deepStrictEqual([...new Set(asked)], [instanceId, replacement, `${replacement}1`]);
        assert.strictEqual(await command.interrupt(), 0);
        await nothingLeft();
    });

    it("lives on what it knows while the outputs can't be read", async () => {
        const command = scene.connect(words);
        await command.says(/Ctrl-C ends/);
        const { targets } = scene.service;
        scene.service.targets = {};
        writeFileSync(words[1], "{");
        const [plugin] = processesOf(scene.home).filter(({ command }) => command.includes("StartSession"));
        process.kill(plugin.pid, "SIGKILL");
        await command.says(/Not connected: --outputs: got .*\. Next attempt/);
        scene.service.targets = targets;
        scene.write({}, { secrets: false });
        await command.says(/Connected again/);
        assert.strictEqual(await command.interrupt(), 0);
    });

    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        it(`ends cleanly on ${signal} while it connects again`, async () => {
            // npm ends of itself when its terminal is gone.
            const command = signal === "SIGHUP" ? scene.connectDirectly(words) : scene.connect(words);
            await command.says(/Ctrl-C ends/);
            scene.service.targets = {};
            const [plugin] = processesOf(scene.home).filter(({ command }) => command.includes("StartSession"));
            process.kill(plugin.pid, "SIGKILL");
            await command.says(/Not connected: .*Next attempt in 2 s/);
            command.signal(signal);
            assert.strictEqual(await command.ended, 0, command.stderr);
            await nothingLeft();
        });
    }

    it("ends cleanly while MLflow does not answer through the tunnel", async () => {
        scene.service.targets = { [scene.outputs.instanceId]: { socket: path.join(scene.folder, "nobody.sock") } };
        const command = scene.connect(words);
        await until("the tunnel is open", 30, () => scene.left().some((line) => line.includes("StartSession")));
        assert.strictEqual(await command.interrupt(), 0, command.stderr);
        assert.doesNotMatch(command.stdout, /answers/);
        assert.strictEqual(scene.service.terminated.length, scene.service.started.length);
        await nothingLeft();
    });

    it("ends at once where no other attempt can help, with the remedy", async () => {
        const message = "User is not authorized to perform: ssm:StartSession";
        scene.service.targets = { [scene.outputs.instanceId]: { error: "AccessDeniedException", message } };
        const command = scene.connect(words);
        assert.strictEqual(await command.ended, 1);
        assert.match(
            command.stderr,
            /^tunnel: got .*\(AccessDeniedException\).*; allowed: .*; remedy: read the outputs again, .*\n$/,
        );
        await nothingLeft();
    });

    describe("with a local port that is taken", () => {
        let holder: net.Server;
        const take = (server: net.Server, host: string) =>
            new Promise<void>((resolve) => (holder = server.listen(scene.port, host, resolve)));
        afterEach(() => new Promise((resolve) => holder.close(resolve)));

        for (const host of ["127.0.0.1", "::1"]) {
            it(`says who holds it at ${host}, and starts nothing`, async () => {
                await take(
                    net.createServer((client) => client.destroy()),
                    host,
                );
                const command = scene.connect(words);
                assert.strictEqual(await command.ended, 5);
                const other = await nextFree(scene.port);
                assert.strictEqual(
                    command.stderr,
                    `local port: got ${scene.port}, which is held by node (process ${process.pid}); allowed: a port that nobody uses; ` +
                        `remedy: end it, or --port ${other}\n`,
                );
                assert.deepStrictEqual(scene.service.started, []);
            });
        }

        it("says that a tunnel is open already, where MLflow answers", async () => {
            const mlflow = http.createServer((request, response) =>
                response.end(request.url === "/version" ? "3.17.2" : "OK"),
            );
            await take(mlflow, "127.0.0.1");
            const command = scene.connect(words);
            assert.strictEqual(await command.ended, 5);
            assert.match(
                command.stderr,
                /where MLflow 3\.17\.2 answers already: a tunnel that is open, held by node \(process/,
            );
            assert.match(
                command.stderr,
                new RegExp(`remedy: use http://localhost:${scene.port} as it is, or --port \\d+`),
            );
        });

        it("takes another one with --port, in all that it says", async () => {
            await take(
                net.createServer((client) => client.destroy()),
                "127.0.0.1",
            );
            const other = await nextFree(scene.port);
            const command = scene.connect([...words, "--port", String(other)]);
            await command.says(/Ctrl-C ends/);
            assert.match(command.stdout, new RegExp(`^export MLFLOW_TRACKING_URI=http://localhost:${other}$`, "m"));
            assert.ok(!command.stdout.includes(String(scene.port)));
            assert.strictEqual(await versionThrough(other), "3.17.2");
            assert.strictEqual(await command.interrupt(), 0);
        });

        it("offers another one at a terminal", async () => {
            await take(
                net.createServer((client) => client.destroy()),
                "127.0.0.1",
            );
            const other = await nextFree(scene.port);
            const command = scene.connectAtTerminal(words);
            await command.says(new RegExp(`held by node \\(process ${process.pid}\\)\\. Take ${other} instead\\?`));
            command.types("y\r");
            await command.says(/Ctrl-C ends/);
            assert.strictEqual(await versionThrough(other), "3.17.2");
            command.types("\x03");
            assert.strictEqual(await command.ended, 0, command.stdout);
        });
    });

    it("names every missing tool with its install line, before anything is changed", async () => {
        writeFileSync(path.join(scene.home, ".aws/config"), "");
        const command = scene.connectDirectly([...words, "--yes"], { PATH: "/none" });
        assert.strictEqual(await command.ended, 8);
        assert.deepStrictEqual(command.stderr.split("\n"), [
            `aws: got no program of that name on the PATH; allowed: AWS CLI 2; remedy: ${remedyHere("aws")}`,
            "session-manager-plugin: got no program of that name on the PATH; allowed: Session Manager plugin; " +
                `remedy: ${remedyHere("session-manager-plugin")}`,
            "",
        ]);
        assert.strictEqual(scene.awsFile("config"), "");
    });

    it("says in one line what is wrong with the outputs", async () => {
        const broken = path.join(scene.home, "broken.json");
        for (const [text, said] of [
            [undefined, /^--outputs: got .*broken\.json: ENOENT.*; remedy: ask an operator for it\n$/],
            ["{", /^--outputs: got .*broken\.json: .*JSON/],
            ['{"outputsVersion": 2}', /^outputs: got missing or of another form: accessMode, /],
        ] as const) {
            if (text) {
                writeFileSync(broken, text);
            }
            const command = scene.connect(["--outputs", broken]);
            assert.strictEqual(await command.ended, 5);
            assert.match(command.stderr, said);
            assert.strictEqual(command.stderr.trim().split("\n").length, 1);
        }
    });

    it("has help, and no use for other words", async () => {
        const help = scene.connect(["--help"]);
        assert.strictEqual(await help.ended, 0);
        assert.match(help.stdout, /--port <port>[^]*a program is not installed/);
        for (const wrong of [["--no-such"], ["--port", "80", ...words], ["--port", "5000", ...words]]) {
            const command = scene.connect(wrong);
            assert.strictEqual(await command.ended, 5);
            assert.match(command.stderr, /^error: /);
        }
    });
});
