import assert from "node:assert";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command } from "../support/connectScene";
import { SshScene } from "../support/connectSsh";
import { until, skipFor } from "../support/sandbox";
import { lacksSshServers } from "../support/sshServer";

// `npm run connect` over a real ssh to a real sshd that the host's script has restricted, and the real MLflow behind it. Not proved
// here: Amazon Linux's own sshd, the network between the two, a client on macOS.

describe("npm run connect over SSH (skipped unless root on Linux, with systemd and sshd)", function () {
    this.timeout(300_000);
    let scene: SshScene;

    before(async function () {
        skipFor(await lacksSshServers(), this);
        scene = await SshScene.start();
    });
    afterEach(() => Command.endAll());
    after(() => scene?.stop());

    const knownHosts = () => path.join(scene.server.home, ".ssh/known_hosts");

    it("needs neither an AWS CLI nor a profile, keeps the host's key under the stack's name, ends cleanly", async () => {
        const command = scene.connect();
        await command.says(/Ctrl-C ends/);
        assert.match(command.stdout, /^Profile mlflow-test: not looked at, for there is no AWS CLI; /m);
        assert.match(command.stdout, /^MLflow 3\.17\.2 answers \(\d+\.\d s\): http:\/\/localhost:5001$/m);
        const { stdout } = await scene.server.run(["curl", "-sS", "http://localhost:5001/health"]);
        assert.strictEqual(stdout, "OK");
        const found = await scene.server.run(["ssh-keygen", "-F", "mlflow-test", "-f", knownHosts()]);
        assert.match(found.stdout, / ssh-ed25519 /);
        assert.strictEqual(await command.interrupt(), 0, command.stderr);
        await until("nothing is left running", 5, () => scene.left().length === 0);
    });

    it("opens it again when the host breaks the connection", async () => {
        const command = scene.connect();
        await command.says(/Ctrl-C ends/);
        await scene.server.machine.output("systemctl", "restart", "sshd");
        await command.says(/Connected again after .* It had dropped: .*198\.51\.100\.7/);
        assert.strictEqual(await command.interrupt(), 0, command.stderr);
    });

    it("says what is missing where the key is another", async () => {
        const key = path.join(scene.server.home, ".ssh/id_ed25519");
        renameSync(key, `${key}.away`);
        try {
            const command = scene.connect();
            assert.strictEqual(await command.ended, 1);
            assert.match(command.stderr, /^tunnel: got .*: Permission denied \(.*\)\.; allowed: .*; remedy: ssh-add /);
        } finally {
            renameSync(`${key}.away`, key);
        }
    });

    it("goes to no other host in this one's place", async () => {
        const known = readFileSync(knownHosts(), "utf8");
        const other = "AAAAC3NzaC1lZDI1NTE5AAAAIFI49Fgy58WJCVw2xdYqb7cqo7xEdmpFlOSKaS/fFIBH";
        writeFileSync(knownHosts(), `mlflow-test ssh-ed25519 ${other}\n`);
        try {
            const command = scene.connect();
            assert.strictEqual(await command.ended, 1);
            assert.match(
                command.stderr,
                /^tunnel: got Host key verification failed\.; .*if so, ssh-keygen -R mlflow-test, then npm run connect again\n$/,
            );
        } finally {
            writeFileSync(knownHosts(), known);
        }
    });
});
