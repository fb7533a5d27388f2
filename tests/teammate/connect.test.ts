import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { isFree } from "../../teammate/connect/port";
import { type ConnectScene, withConnectScene } from "../support/connectScene";
import { hasProc, processesOf, until } from "../support/sandbox";

// `npm run connect` over Session Manager, as a teammate runs it. The AWS CLI is real, and calls a stand-in for the service's API;
// a stand-in for AWS's plugin forwards the port. Not proved here: the service, its channel and its agent, the real plugin, and
// AWS CLI 2. What it refuses: connectRefusals.test.ts; over a real SSH
// connection: connectSsh.test.ts.

describe("npm run connect", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    let socket: string;
    let words: string[];

    withConnectScene((...made) => {
        [scene, socket] = made;
        scene.writeProfile();
        words = ["--outputs", scene.write({}, { secrets: false })];
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
});
