import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { tunnelUser } from "../../handover";
import { endCommands, type Result } from "../../commands/run";
import { type Service } from "../../sandbox/processes";
import { install, temporaryFolder } from "../support/sandbox";
import { keysOf, makeKey, SshServer, witnesses } from "../support/sshServer";
import { evaluateStack } from "../support/stack";

/** A user of the host with the teammate's key, whom sshd restricts in nothing. */
export const unrestricted = "unrestricted";

/** Devices for tunnels of packets, which their owners may use: by the user, their numbers. */
export const devices: Readonly<Record<string, string>> = { [unrestricted]: "7", [tunnelUser]: "8" };
export const hasPacketTunnels = existsSync("/dev/net/tun");

/** The exit code of curl when no one listens. */
export const nobodyListens = 7;

const password = "correct-horse-battery";

/** A stack's host, a teammate with the printed command, and somebody else with another key. */
export class SshScene {
    private launched: Service[] = [];

    private constructor(
        private readonly folder: string,
        readonly server: SshServer,
        readonly address: string,
        /** The command as the stack prints it, in a shell. */
        readonly printed: string[],
    ) {}

    static async start(): Promise<SshScene> {
        const folder = temporaryFolder();
        const own = await makeKey(keysOf(folder));
        const other = await makeKey(keysOf(folder), "other");
        const settings = { accessMode: "ssh", sshPublicKey: own, sshAllowedCidrs: ["203.0.113.0/24"] };
        const stack = await evaluateStack(settings);
        const command = String(stack.output("tunnelCommand"));
        const address = command.split("@")[1];
        const userData = String(stack.inputs("aws:ec2/instance:Instance").userData);
        const [, publicKey] = /^HOST_TUNNEL_PUBLIC_KEY="(.+)"$/m.exec(userData)!;
        const files = {
            ...witnesses,
            "root/.ssh/authorized_keys": other,
            // Whoever may use EC2 Instance Connect sends a key for any user.
            "usr/local/bin/sent-keys": `#!/bin/sh\necho "${other}"\n`,
        };
        let scene: SshScene | undefined;
        try {
            const server = await SshServer.start(folder, { python: await install(), publicKey, address, files });
            scene = new SshScene(folder, server, address, ["bash", "--norc", "-c", command]);
            await scene.prepare();
            return scene;
        } catch (error) {
            await scene?.stop();
            rmSync(folder, { recursive: true, force: true });
            throw error;
        }
    }

    get knownHosts(): string {
        return path.join(keysOf(this.folder), "known_hosts");
    }

    get publicKey(): string {
        return readFileSync(path.join(keysOf(this.folder), "id_ed25519.pub"), "utf8");
    }

    /** What was launched last has said this. */
    get said(): string {
        return readFileSync(this.log, "utf8");
    }

    curl(...words: readonly string[]): Promise<Result> {
        return this.server.run(["curl", "--silent", "--show-error", ...words]);
    }

    /** Starts what listens, and makes a request as soon as it does. */
    async launch(words: string[], ...request: readonly string[]): Promise<Result> {
        rmSync(this.log, { force: true });
        const service = this.server.launch(words, this.log);
        this.launched.push(service);
        let answer: Result | undefined;
        await service.answers(async () => (answer = await this.curl(...request)).status !== nobodyListens, 30);
        return answer!;
    }

    /** Pastes the printed command into a shell, and makes a request through the tunnel. */
    tunnel(): Promise<Result> {
        return this.launch(this.printed, "http://localhost:5001/asked");
    }

    /** Runs a command as a user of the host, with further words for ssh, and with the user's password at hand. */
    login(user: string, ...words: string[]): Promise<Result> {
        const answers = { SSH_ASKPASS: path.join(this.folder, "password"), SSH_ASKPASS_REQUIRE: "force" };
        return this.server.run(["ssh", ...words, `${user}@${this.address}`, "id -un"], "", answers);
    }

    /** The requests that arrive meanwhile. */
    async arrived(what: () => Promise<void>): Promise<string[]> {
        const { length } = await this.server.seen();
        await what();
        return (await this.server.seen()).slice(length);
    }

    /** Ends what was launched. */
    async settle(): Promise<void> {
        await Promise.all(this.launched.map((service) => service.stop()));
        this.launched = [];
    }

    async stop(): Promise<void> {
        endCommands();
        await this.settle();
        await this.server.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    private get log(): string {
        return path.join(this.folder, "ssh.log");
    }

    private async prepare(): Promise<void> {
        const { machine } = this.server;
        await machine.output("useradd", "--create-home", "--shell", "/bin/bash", unrestricted);
        await machine.write(`home/${unrestricted}/.ssh/authorized_keys`, this.publicKey);
        for (const user of [unrestricted, tunnelUser]) {
            await machine.output("sh", "-euc", 'echo "$0" | chpasswd', `${user}:${password}`);
        }
        writeFileSync(path.join(this.folder, "password"), `#!/bin/sh\necho ${password}\n`, { mode: 0o755 });
        if (hasPacketTunnels) {
            await machine.output("sh", "-euc", "mkdir /dev/net; mknod -m 0666 /dev/net/tun c 10 200");
            for (const [user, device] of Object.entries(devices)) {
                await machine.output("ip", "tuntap", "add", "dev", `tun${device}`, "mode", "tun", "user", user);
            }
        }
        // The attempts name the host by its address, the printed command does not.
        writeFileSync(this.knownHosts, `${this.address} ${await this.server.hostKey()}\n`);
    }
}
