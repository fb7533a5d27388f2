import assert from "node:assert";
import { readFileSync } from "node:fs";
import { tunnelUser } from "../../handover";
import { skipFor } from "../support/sandbox";
import { lacksSshServers, places } from "../support/sshServer";
import { hasXfs } from "../support/systemd";
import { type Command, commands, type Forward, forwards, host, tunnelDevice } from "./sshAttempts";
import { devices, hasPacketTunnels, nobodyListens, SshScene, unrestricted } from "./sshScene";

// The printed command, run by a real shell and a real ssh against a real sshd that the host's script has restricted: what comes
// through, and what is refused to whoever has its key. Not proved: Amazon Linux's own sshd and its configuration, the network and
// the firewall between the two, a connection that dies without a word (ServerAliveInterval), a client on macOS or Windows.

describe("the SSH tunnel (skipped unless root on Linux, with systemd and sshd)", function () {
    this.timeout(120_000);
    let scene: SshScene;

    before(async function () {
        skipFor(await lacksSshServers(), this);
        scene = await SshScene.start();
    });
    afterEach(() => scene.settle());
    after(() => scene?.stop());

    it("opens the one forward without a question, for this machine alone", async () => {
        const requests = await scene.arrived(async () => {
            assert.deepStrictEqual(await scene.tunnel(), { status: 0, stdout: `${places.mlflow}\n`, stderr: "" });
        });
        assert.deepStrictEqual(requests, [`${places.mlflow} /asked`]);
        assert.strictEqual((await scene.curl(`http://${scene.address}:5001/asked`)).status, nobodyListens);
        assert.strictEqual(
            scene.said,
            "Warning: Permanently added 'mlflow-test' (ED25519) to the list of known hosts.\r\n",
        );
        const { stdout } = await scene.server.run(["ssh-keygen", "-F", "mlflow-test", "-f", scene.knownHosts]);
        assert.ok(stdout.trim().endsWith(` ${await scene.server.hostKey()}`), stdout);
    });

    it("ends with the reason when its port is taken, rather than run without the forward", async () => {
        await scene.tunnel();
        const { status, stdout, stderr } = await scene.server.run(scene.printed);
        assert.deepStrictEqual([status, stdout], [255, ""]);
        assert.strictEqual(
            stderr,
            "bind [127.0.0.1]:5001: Address already in use\r\n" +
                "channel_setup_fwd_listener_tcpip: cannot listen to port: 5001\r\n" +
                "Could not request local forwarding.\r\n",
        );
    });

    it("ends when its connection is cut", async () => {
        const ended = scene.server.run(scene.printed);
        await scene.server.machine.becomes(
            "the tunnel is open",
            async () => (await scene.curl("http://localhost:5001/asked")).status === 0,
        );
        await scene.server.machine.output("systemctl", "restart", "sshd");
        const { status, stdout, stderr } = await ended;
        assert.deepStrictEqual([status, stdout], [255, ""]);
        assert.strictEqual(stderr, `Connection to ${scene.address} closed by remote host.\r\n`);
    });

    const filled = (words: readonly string[], user: string) =>
        words.map((word) => word.replace(host, `${user}@${scene.address}`).replace(tunnelDevice, devices[user]));
    const attempt = (command: Command, user: string) =>
        scene.server.run(filled(command.words, user), command.input, command.environment);
    const attemptForward = (forward: Forward, user: string) =>
        scene.launch(["ssh", "-N", ...forward.words, `${user}@${scene.address}`], ...forward.request);

    const refuses = async (command: Command) => {
        const { length } = await scene.server.machine.journal("sshd");
        const requests = await scene.arrived(async () => {
            const { status, stdout, stderr } = await attempt(command, tunnelUser);
            const { refusal } = command;
            assert.deepStrictEqual([status, stdout], [refusal.status, refusal.stdout], command.what);
            assert.match(stderr, refusal.stderr, command.what);
            if (command.noted) {
                assert.match((await scene.server.machine.journal("sshd")).slice(length), command.noted, command.what);
            }
        });
        assert.deepStrictEqual(requests, [], command.what);
    };
    const refusesForward = async (forward: Forward) => {
        const requests = await scene.arrived(async () => {
            const { status, stdout } = await attemptForward(forward, tunnelUser);
            assert.ok(status === 52 || status === 56 || status === 97, `${forward.what}: curl ended with ${status}`);
            assert.strictEqual(stdout, "", forward.what);
            assert.match(scene.said, forward.stderr, forward.what);
        });
        assert.deepStrictEqual(requests, [], forward.what);
        await scene.settle();
    };

    for (const command of commands) {
        it(`refuses ${command.what}`, async function () {
            if (command.needsPacketTunnels && !hasPacketTunnels) {
                this.skip();
            }
            const { stdout, stderr } = await attempt(command, unrestricted);
            assert.match(stdout, command.works, stderr);
            await refuses(command);
        });
    }
    for (const forward of forwards) {
        it(`refuses ${forward.what}`, async () => {
            const requests = await scene.arrived(async () => {
                const { status, stdout } = await attemptForward(forward, unrestricted);
                assert.deepStrictEqual([status, stdout], [0, `${forward.place}\n`]);
            });
            assert.deepStrictEqual(requests, [`${forward.place} /tried`]);
            await scene.settle();
            await refusesForward(forward);
        });
    }

    it("refuses all of that whatever the key's own options say", async () => {
        const keys = "etc/ssh/mlflow-tunnel.keys";
        const restricted = await scene.server.machine.output("cat", `/${keys}`);
        await scene.server.machine.write(keys, scene.publicKey);
        for (const command of commands) {
            await refuses(command);
        }
        for (const forward of forwards) {
            await refusesForward(forward);
        }
        await scene.server.machine.write(keys, restricted);
    });

    describe("whoever is not the teammate", () => {
        const otherKey = ["-o", "IdentitiesOnly=yes", "-i", "~/.ssh/other"];
        const onlyPassword = ["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"];
        const noPassword = ["-o", "BatchMode=yes"];
        const works = async (user: string, ...words: string[]) => {
            const { status, stdout } = await scene.login(user, ...words);
            assert.deepStrictEqual([status, stdout], [0, `${user}\n`]);
        };
        const denied = async (user: string, methods: string, ...words: string[]) => {
            const { status, stdout, stderr } = await scene.login(user, ...words);
            assert.deepStrictEqual([status, stdout], [255, ""]);
            assert.strictEqual(stderr, `${user}@${scene.address}: Permission denied (${methods}).\r\n`);
        };

        it("does not come in with another key, even if it was sent by EC2 Instance Connect", async () => {
            await works(unrestricted, ...otherKey);
            await denied(tunnelUser, "publickey", ...otherKey);
        });

        it("does not come in with the user's password", async () => {
            await works(unrestricted, ...onlyPassword);
            await denied(tunnelUser, "publickey", ...onlyPassword);
        });

        it("is refused as another user with the teammate's key, also as root", async () => {
            await works("root", ...otherKey);
            for (const user of ["root", "mlflow", "ec2-user"]) {
                await denied(user, "publickey,password,keyboard-interactive", ...noPassword);
            }
        });
    });

    describe("the host's key", () => {
        const makeOtherKeys = "rm -r /var/lib/mlflow/ssh; rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -A";

        it("survives the host on the data volume (skipped without XFS)", async function () {
            if (!hasXfs) {
                this.skip();
            }
            const { server } = scene;
            const instanceKey = () => server.machine.output("cat", "/etc/ssh/ssh_host_ed25519_key.pub");
            await scene.tunnel();
            await scene.settle();
            const [key, known] = [await server.hostKey(), readFileSync(scene.knownHosts, "utf8")];
            const former = await instanceKey();
            await server.replace();
            assert.notStrictEqual(await instanceKey(), former);
            assert.strictEqual(await server.hostKey(), key);
            assert.strictEqual((await scene.tunnel()).status, 0);
            assert.strictEqual(scene.said, "");
            assert.strictEqual(readFileSync(scene.knownHosts, "utf8"), known);
        });

        it("is refused when it is another one, without that of the volume", async () => {
            const { machine } = scene.server;
            await scene.tunnel();
            await scene.settle();
            await machine.output("sh", "-uc", makeOtherKeys);
            await machine.output("/opt/mlflow/host/bin/ssh-tunnel");
            const requests = await scene.arrived(async () => {
                const { status, stdout, stderr } = await scene.server.run(scene.printed);
                assert.deepStrictEqual([status, stdout], [255, ""]);
                assert.match(stderr, /WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!/);
                assert.match(stderr, /^Host key verification failed\.\r\n$/m);
            });
            assert.deepStrictEqual(requests, []);
        });
    });
});
