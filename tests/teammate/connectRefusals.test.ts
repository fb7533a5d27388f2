import assert from "node:assert";
import { writeFileSync } from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { nextFree } from "../../teammate/connect/port";
import { remedyHere } from "../../teammate/tools";
import { type ConnectScene, withConnectScene } from "../support/connectScene";

// What `npm run connect` says where it can't, and that it has started and changed nothing then. What it refuses to do with a
// profile: connectProfileRefusals.test.ts.

describe("npm run connect, when it can't", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    let words: string[];

    withConnectScene((made) => {
        scene = made;
        scene.writeProfile();
        words = ["--outputs", scene.write({}, { secrets: false })];
    });

    const versionThrough = async (port: number) => (await fetch(`http://localhost:${port}/version`)).text();

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
