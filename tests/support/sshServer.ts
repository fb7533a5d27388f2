import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, run, runOrFail } from "../../commands/run";
import { Service } from "../../sandbox/processes";
import { cleanEnvironment } from "../../sandbox/tools";
import { hasProgram, until } from "./sandbox";
import { hasXfs, lacksMachines, Machine } from "./systemd";

// A host that is reached over SSH, and a teammate on the same network: both in namespaces of their own, see
// tests/support/machine. The host has a real sshd, restricted by its own script. The teammate has the files and programs of this
// machine, but another home, and nothing of the real network.

/** Why this machine cannot have such a host; nothing when it can. */
export async function lacksSshServers(): Promise<string | undefined> {
    const missing = ["sshd", "ssh", "ssh-keygen", "ip"].filter((name) => !hasProgram(name));
    return missing.length > 0 ? `needs ${missing.join(", ")}` : await lacksMachines();
}

const volumeId = "vol-0123456789abcdef0";

/** Like that of Amazon Linux, but everything is permitted: what is refused is so because of the host's script alone. */
const configuration = `Include /etc/ssh/sshd_config.d/*.conf
PermitRootLogin yes
AuthorizedKeysFile .ssh/authorized_keys
PasswordAuthentication yes
KbdInteractiveAuthentication yes
UsePAM yes
AllowAgentForwarding yes
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
GatewayPorts yes
PermitTunnel yes
X11Forwarding yes
XAuthLocation /usr/local/bin/xauth
Subsystem sftp internal-sftp
LogLevel DEBUG
`;

/** On EC2 the keys of an instance are made at its first boot; here those of this machine would shine through. */
const firstBoot = `#!/bin/sh -e
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -A
`;

/** With the keys that somebody has sent for a user: Amazon Linux asks EC2 Instance Connect for them. */
const unit = `[Unit]
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/sbin/sshd -D -o "AuthorizedKeysCommand /usr/local/bin/sent-keys" -o "AuthorizedKeysCommandUser nobody"
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=0
RuntimeDirectory=sshd
`;

/** Where the witness listens: for MLflow's socket, for another program of the host, and for the instance's metadata. */
export const places = {
    mlflow: "/run/mlflow/mlflow.sock",
    neighbour: "127.0.0.1:5005",
    metadata: "169.254.169.254:80",
};

/**
 * Witnesses take the place of MLflow and of what no tunnel may reach: see `SshServer.seen`. Here anybody may open the socket: it is
 * for sshd to keep the tunnel from it.
 */
export const witnesses: Record<string, string> = {
    "opt/witness.py": readFileSync(path.join(__dirname, "witness.py"), "utf8"),
    "etc/systemd/system/mlflow.service": `[Service]
ExecStartPre=ip address add 169.254.169.254/32 dev lo
ExecStart=/opt/mlflow/venv/bin/python /opt/witness.py /var/log/witness ${Object.values(places).join(" ")}
ExecStopPost=ip address delete 169.254.169.254/32 dev lo
UMask=0000
RuntimeDirectory=mlflow

[Install]
WantedBy=multi-user.target
`,
};

interface Options {
    readonly python: string;
    /** What the stack's setting names: may open the tunnel. */
    readonly publicKey: string;
    /** The host's, as the printed command has it. */
    readonly address: string;
    /** Further files of the host, by their paths without the first slash. */
    readonly files?: Record<string, string>;
}

/** A booted host with its restricted sshd, and the teammate beside it. */
export class SshServer {
    private constructor(
        private readonly folder: string,
        private readonly options: Options,
        private current: Machine,
    ) {}

    /** Boots a host and lets its script set the restrictions. Without other `files`, the real MLflow server starts in it. */
    static async start(folder: string, options: Options): Promise<SshServer> {
        const server = new SshServer(folder, options, SshServer.boot(folder, options, true));
        const root = /^root:.*$/m;
        const passwd = readFileSync("/etc/passwd", "utf8");
        mkdirSync(server.home, { recursive: true });
        writeFileSync(server.passwd, passwd.replace(root, `root:x:0:0:root:${server.home}:/bin/bash`));
        await server.prepare();
        return server;
    }

    /** The host. Connections break when its `sshd.service` is restarted. */
    get machine(): Machine {
        return this.current;
    }

    /** The teammate's: ssh finds its key and the known hosts here. */
    get home(): string {
        return path.join(this.folder, "home");
    }

    /** Another host takes the place of this one, as by an update of the stack: same address, same data volume. */
    async replace(): Promise<void> {
        await this.stop();
        const disk = path.join(this.folder, "disk");
        const devices = () => spawnSync("losetup", ["--associated", disk], { encoding: "utf8" }).stdout;
        await until("the volume is detached", 10, () => devices() === "");
        rmSync(path.join(this.folder, "init"));
        this.current = SshServer.boot(this.folder, this.options, false);
        await this.prepare();
    }

    /** The words that run a command as the teammate: for those who start processes themselves. */
    words(...command: string[]): string[] {
        // ssh takes its user's home from there and not from HOME.
        const script = 'mount --bind "$0" /etc/passwd; exec "$@"';
        return [...this.machine.network, "unshare", "--mount", "bash", "-ec", script, this.passwd, ...command];
    }

    environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
        // Nor the keys and the display of whoever runs the tests.
        return { ...cleanEnvironment({ HOME: this.home, ...extra }), SSH_AUTH_SOCK: undefined, DISPLAY: extra.DISPLAY };
    }

    /** Runs a command as the teammate, to its end. */
    run(command: string[], input?: string, extra?: Record<string, string>): Promise<Result> {
        return run(this.words(...command), { env: this.environment(extra), input });
    }

    /** Starts a command as the teammate that runs until it is stopped; what it says is in the file. */
    launch(command: string[], log: string, extra?: Record<string, string>): Service {
        return new Service(command[0], log, {
            python: this.options.python,
            command: this.words(...command),
            env: this.environment(extra),
        });
    }

    /** The requests that have arrived at the witnesses, each as `<place> <path>`. */
    async seen(): Promise<string[]> {
        return (await this.machine.output("cat", "/var/log/witness")).split("\n").filter(Boolean);
    }

    /** The key that the host shows: its type and its text. */
    async hostKey(): Promise<string> {
        const { stdout } = await this.run(["ssh-keyscan", "-t", "ed25519", this.options.address]);
        return stdout.trim().split(" ").slice(1).join(" ");
    }

    async stop(): Promise<void> {
        await this.machine.stop();
    }

    private get passwd(): string {
        return path.join(this.folder, "passwd");
    }

    private async prepare(): Promise<void> {
        try {
            await this.machine.booted();
            await this.machine.output("ip", "address", "add", `${this.options.address}/32`, "dev", "lo");
            await this.machine.output("/usr/local/bin/first-boot");
            await this.machine.output("systemctl", "start", "sshd");
            await this.machine.output("systemctl", "start", "mlflow-data.service");
            await this.machine.output("/opt/mlflow/host/bin/ssh-tunnel");
        } catch (error) {
            await this.stop();
            throw error;
        }
    }

    private static boot(folder: string, { python, publicKey, files }: Options, first: boolean): Machine {
        return new Machine(folder, {
            python,
            disk: hasXfs && first ? 512 : undefined,
            settings: { tunnelPublicKey: publicKey, ...(hasXfs && { dataVolumeId: volumeId }) },
            files: {
                "etc/ssh/sshd_config": configuration,
                "etc/systemd/system/sshd.service": unit,
                "usr/local/bin/first-boot": firstBoot,
                "usr/local/bin/sent-keys": "#!/bin/sh\n",
                // It notes the cookie of a display.
                "usr/local/bin/xauth": "#!/bin/sh\ncat >/dev/null\n",
                ...files,
            },
        });
    }
}

/** Where the teammate's ssh looks for keys; the folder is that of the server. */
export const keysOf = (folder: string): string => path.join(folder, "home/.ssh");

/** Makes a key pair in a folder of keys; returns the public one. */
export async function makeKey(keys: string, name = "id_ed25519"): Promise<string> {
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    const file = path.join(keys, name);
    await runOrFail("ssh-keygen", ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "jane@laptop", "-f", file], {
        env: cleanEnvironment(),
    });
    return readFileSync(`${file}.pub`, "utf8").trim();
}
