import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentFile, type HostSettings, stackEnvironment } from "../../components/hostInstaller";
import { type Result, run, runOrFail } from "../../commands/run";
import { Service } from "../../sandbox/processes";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "./hostSettings";
import { hasProgram, repository } from "./sandbox";

// Machines with the host's files at their places, in namespaces of their own: see tests/support/machine.

const systemd = "/usr/lib/systemd/systemd";
const needed = [
    "unshare",
    "nsenter",
    "findmnt",
    "losetup",
    "pivot_root",
    "pgrep",
    "useradd",
    "runuser",
    "curl",
    "systemctl",
];

/** Why this machine cannot boot another; nothing when it can. */
export async function lacksMachines(): Promise<string | undefined> {
    const missing = needed.filter((name) => !hasProgram(name));
    if (process.getuid?.() !== 0 || missing.length > 0 || !existsSync(systemd)) {
        return `needs root, systemd and ${needed.join(", ")}`;
    }
    const attempt =
        "mount -t tmpfs none /mnt && mkdir /mnt/{u,w,r} && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w none /mnt/r";
    const namespaces = ["--mount", "--pid", "--fork", "--cgroup", "--net", "--ipc", "--uts"];
    const { status, stderr } = await run(["unshare", ...namespaces, "bash", "-ec", attempt], {
        env: cleanEnvironment(),
    });
    return status === 0 ? undefined : stderr;
}

export const hasXfs = hasProgram("mkfs.xfs") && /\bxfs$/m.test(readFileSync("/proc/filesystems", "utf8"));

/** Where the forwarder listens. */
export const serverUrl = "http://127.0.0.1:5000";

const volumeId = "vol-0123456789abcdef0";

/** A booted machine: an instance after its installation. */
export class Machine {
    private readonly service: Service;
    private readonly log: string;
    private readonly disk: string;

    /**
     * @param folder of the test, for this machine alone
     * @param options.disk size of the data volume in MiB; without it the host has none
     * @param options.files further files, by their paths without the first slash; with `#!` in front they can be run
     * @param options.idle boots no systemd: nothing runs
     */
    constructor(
        private readonly folder: string,
        options: {
            python: string;
            disk?: number;
            files?: Record<string, string>;
            settings?: Partial<HostSettings>;
            idle?: boolean;
        },
    ) {
        this.log = path.join(folder, "machine.log");
        this.disk = path.join(folder, "disk");
        const settings = { ...hostSettings, ...(options.disk && { dataVolumeId: volumeId }), ...options.settings };
        const files: Record<string, string> = {
            "etc/mlflow/stack.env": environmentFile(stackEnvironment(settings)),
            // Only EC2 gives a device the volume's id for a serial number.
            "usr/local/bin/lsblk": `#!/bin/sh\necho "/dev/nvme0n1 vol0aaaaaaaaaaaaaaaa"\necho "/dev/nvme1n1 ${volumeId.replace("-", "")}"\n`,
            ...options.files,
        };
        for (const [name, text] of Object.entries(files)) {
            const file = path.join(folder, "files", name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
        }
        if (options.disk) {
            writeFileSync(this.disk, "");
            truncateSync(this.disk, options.disk * 1024 * 1024);
        }
        const init = options.idle
            ? ["/usr/bin/sleep", "infinity"]
            : [systemd, "--system", "--unit=multi-user.target", "--log-target=journal", "--show-status=no"];
        this.service = new Service("the machine", this.log, {
            python: options.python,
            command: [
                path.join(__dirname, "machine"),
                folder,
                path.join(repository, "host"),
                path.join(installedHost, "opt/mlflow/venv"),
                ...init,
            ],
            env: cleanEnvironment(),
        });
    }

    /** Waits until its first program runs, and with systemd until that takes commands. */
    async booted(): Promise<void> {
        await this.service.answers(async () => {
            const { stdout } = await this.run("cat", "/proc/1/comm");
            return (
                stdout === "sleep\n" || (stdout === "systemd\n" && (await this.run("systemctl", "show")).status === 0)
            );
        }, 60);
    }

    /** Runs a command in it as root, with the paths that services have. */
    run(...command: string[]): Promise<Result> {
        return run(this.inside(command), { env: this.environment });
    }

    /** Standard output of a command that must succeed. */
    async output(...command: string[]): Promise<string> {
        return (await runOrFail(command.join(" "), this.inside(command), { env: this.environment })).stdout;
    }

    runAs(user: string, ...command: string[]): Promise<Result> {
        return this.run("runuser", "--user", user, "--", ...command);
    }

    /** Properties of a unit, as systemd has them in force. */
    async show<Name extends string>(unit: string, ...names: Name[]): Promise<Record<Name, string>> {
        const text = await this.output("systemctl", "show", `--property=${names.join(",")}`, unit);
        const pairs = text
            .trim()
            .split("\n")
            .map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) as [Name, string]);
        return Object.fromEntries(pairs) as Record<Name, string>;
    }

    /** @throws with what the server has written, when it does not come true within two minutes */
    async becomes(what: string, condition: () => Promise<boolean>): Promise<void> {
        for (const deadline = Date.now() + 120_000; !(await condition()); await sleep(100)) {
            if (Date.now() > deadline) {
                throw new Error(`it did not come true: ${what}\n${await this.journal("mlflow.service")}`);
            }
        }
    }

    /** Whether an address answers from inside. */
    async answers(url: string): Promise<boolean> {
        return (await this.run("curl", "--silent", "--fail", url)).status === 0;
    }

    /** Waits until the server answers through the forwarder. */
    healthy(): Promise<void> {
        return this.becomes("the server answers", () => this.answers(`${serverUrl}/health`));
    }

    /** What a unit has written, one line a message. */
    journal(unit: string): Promise<string> {
        return this.output("journalctl", "--no-pager", "--output=cat", `--unit=${unit}`);
    }

    /** The start of a command that runs on this machine, but with the network of that one. */
    get network(): string[] {
        return ["nsenter", `--net=/proc/${this.init}/ns/net`];
    }

    /** Puts a text at the start of the data volume. */
    fillDisk(text: string): void {
        writeFileSync(this.disk, text, { flag: "r+" });
    }

    /** Makes the data volume larger, as EC2 does: the device grows, not what it holds. */
    async growDisk(mebibytes: number): Promise<void> {
        truncateSync(this.disk, mebibytes * 1024 * 1024);
        const env = cleanEnvironment();
        const list = ["losetup", "--noheadings", "--output", "NAME", "--associated", this.disk];
        const { stdout } = await runOrFail("losetup", list, { env });
        await runOrFail("losetup", ["losetup", "--set-capacity", stdout.trim()], { env });
    }

    /** Writes a file in it, by its path without the first slash; with `#!` in front it can be run. */
    async write(name: string, text: string): Promise<void> {
        const script = 'mkdir -p "${0%/*}"; cat >"$0"; chmod "$1" "$0"';
        const command = ["sh", "-euc", script, `/${name}`, text.startsWith("#!") ? "0755" : "0644"];
        await runOrFail(name, this.inside(command), { env: this.environment, input: text });
    }

    async stop(): Promise<void> {
        await this.service.stop();
    }

    private get init(): string {
        return readFileSync(path.join(this.folder, "init"), "utf8").trim();
    }

    private readonly environment = {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LANG: "C.UTF-8",
    };

    private inside(command: string[]): string[] {
        const namespaces = ["--mount", "--pid", "--cgroup", "--net", "--ipc", "--uts"];
        return ["nsenter", "--target", this.init, ...namespaces, "--root", "--wd", "--", ...command];
    }
}
