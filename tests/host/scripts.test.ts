import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

// The scripts that prepare the host: what they do to the machine, with recorded stand-ins for the programs that would touch
// it. Not proved: that a real kernel, EBS and sshd do what these programs promise.

const scripts = path.join(__dirname, "../../host/bin");
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJlO0Gvk1Vd1mR3rCkcH2n0L9z0d8e7f6a5b4c3d2e1f";

/** A folder in place of `/`, and programs that note how they were called. */
class Machine {
    readonly root = mkdtempSync(path.join(os.tmpdir(), "host-"));
    private readonly programs = path.join(this.root, "programs");
    private readonly record = path.join(this.root, "calls");

    constructor(environment: Record<string, string>, programs: Record<string, string>) {
        for (const folder of ["etc/mlflow", "etc/ssh/sshd_config.d", "programs"]) {
            mkdirSync(path.join(this.root, folder), { recursive: true });
        }
        const lines = Object.entries({ HOST_DATA_VOLUME_ID: "", HOST_TUNNEL_PUBLIC_KEY: "", ...environment });
        writeFileSync(
            path.join(this.root, "etc/mlflow/stack.env"),
            lines.map(([name, value]) => `${name}="${value}"\n`).join(""),
        );
        writeFileSync(this.record, "");
        const defaults = { sleep: "", chown: "", id: "", systemctl: "", sshd: "", useradd: "" };
        for (const [name, body] of Object.entries({ ...defaults, ...programs })) {
            const file = path.join(this.programs, name);
            writeFileSync(file, `#!/bin/bash\necho "${name} $*" >>"${this.record}"\n${body}\n`);
            chmodSync(file, 0o755);
        }
    }

    run(script: string): { status: number | null; output: string } {
        const env = { PATH: `${this.programs}:${process.env.PATH}`, HOST_ROOT: this.root };
        const result = spawnSync(path.join(scripts, script), [], { env, encoding: "utf8" });
        return { status: result.status, output: (result.stdout + result.stderr).replaceAll(this.root, "") };
    }

    /** How the programs were called, without those that only look or wait. */
    calls(): string[] {
        const lines = readFileSync(this.record, "utf8").replaceAll(this.root, "").trim().split("\n");
        return lines.filter((line) => !/^(lsblk|mountpoint|sleep|id) /.test(line));
    }

    text(file: string): string {
        return readFileSync(path.join(this.root, file), "utf8").replaceAll(this.root, "");
    }

    mode(file: string): string {
        return (statSync(path.join(this.root, file)).mode & 0o777).toString(8);
    }
}

describe("the scripts of the host", function () {
    this.timeout(60_000);
    let machine: Machine;
    afterEach(() => rmSync(machine.root, { recursive: true, force: true }));

    describe("data-volume", () => {
        const volume = { HOST_DATA_VOLUME_ID: "vol-0123456789abcdef0" };
        const attached = 'echo "/dev/nvme0n1 vol0aaaaaaaaaaaaaaaa"; echo "/dev/nvme1n1 vol0123456789abcdef0"';
        const blkid = (status: number) => `exit ${status}`;
        const programs = (status: number) => ({
            lsblk: attached,
            mountpoint: "exit 1",
            blkid: blkid(status),
            "mkfs.xfs": "",
            mount: "",
            xfs_growfs: "",
        });
        const mounted = [
            "mount -o nodev,nosuid,noexec,noatime /dev/nvme1n1 /var/lib/mlflow",
            "xfs_growfs /var/lib/mlflow",
            "chown mlflow:mlflow /var/lib/mlflow/server",
        ];

        it("formats a volume that holds nothing, and mounts it", () => {
            machine = new Machine(volume, programs(2));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), [
                "blkid --probe /dev/nvme1n1",
                "mkfs.xfs /dev/nvme1n1",
                ...mounted,
            ]);
            assert.strictEqual(machine.mode("var/lib/mlflow/server"), "750");
        });

        it("mounts a volume that holds something without formatting it", () => {
            machine = new Machine(volume, programs(0));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), ["blkid --probe /dev/nvme1n1", ...mounted]);
        });

        it("leaves a volume alone that cannot be read or judged", () => {
            for (const status of [4, 8]) {
                machine = new Machine(volume, programs(status));
                const { status: exit, output } = machine.run("data-volume");
                assert.deepStrictEqual(
                    [exit, output],
                    [
                        1,
                        `data volume vol-0123456789abcdef0 (/dev/nvme1n1) cannot be read (blkid: ${status}); it is left as it is\n`,
                    ],
                );
                assert.deepStrictEqual(machine.calls(), ["blkid --probe /dev/nvme1n1"]);
                rmSync(machine.root, { recursive: true, force: true });
            }
        });

        it("writes nothing into the folder when the volume never appears", () => {
            machine = new Machine(volume, { ...programs(2), lsblk: "" });
            const { status, output } = machine.run("data-volume");
            assert.strictEqual(status, 1);
            assert.match(output, /\ndata volume vol-0123456789abcdef0 did not appear within 10 minutes\n$/);
            assert.deepStrictEqual(machine.calls(), []);
            assert.throws(() => machine.mode("var/lib/mlflow/server"), { code: "ENOENT" });
        });

        it("does not mount what is mounted", () => {
            machine = new Machine(volume, { ...programs(0), mountpoint: "" });
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), ["chown mlflow:mlflow /var/lib/mlflow/server"]);
        });

        it("uses the folder as it is where there is no volume", () => {
            machine = new Machine({}, programs(2));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), ["chown mlflow:mlflow /var/lib/mlflow/server"]);
        });
    });

    describe("ssh-tunnel", () => {
        const environment = { HOST_TUNNEL_PUBLIC_KEY: publicKey, HOST_DATA_VOLUME_ID: "vol-0123456789abcdef0" };
        const programs = { "ssh-keygen": 'for file; do :; done; echo "key $RANDOM$RANDOM" >"$file"' };
        const conf = "etc/ssh/sshd_config.d/10-mlflow-tunnel.conf";

        it("permits one key one forward, and nothing else", () => {
            machine = new Machine(environment, programs);
            const { status, output } = machine.run("ssh-tunnel");
            assert.strictEqual(status, 0, output);
            assert.strictEqual(
                machine.text("etc/ssh/mlflow-tunnel.keys"),
                `restrict,port-forwarding,permitopen="127.0.0.1:5000" ${publicKey}\n`,
            );
            assert.deepStrictEqual(machine.text(conf).trim().split("\n"), [
                "HostKey /etc/ssh/mlflow_host_ed25519_key",
                "Match User mlflow-tunnel",
                "  AuthorizedKeysFile /etc/ssh/mlflow-tunnel.keys",
                "  AuthenticationMethods publickey",
                "  AllowTcpForwarding local",
                "  PermitOpen 127.0.0.1:5000",
                "  PermitListen none",
                "  AllowAgentForwarding no",
                "  AllowStreamLocalForwarding no",
                "  X11Forwarding no",
                "  PermitTTY no",
                "  PermitTunnel no",
                "  ForceCommand /sbin/nologin",
            ]);
            assert.deepStrictEqual(machine.calls().slice(-2), ["sshd -t", "systemctl reload sshd"]);
        });

        it("keeps the host key on the data volume, so that it survives the instance", () => {
            machine = new Machine(environment, programs);
            machine.run("ssh-tunnel");
            const key = machine.text("var/lib/mlflow/ssh/host_ed25519_key");
            assert.strictEqual(machine.mode("var/lib/mlflow/ssh"), "700");
            rmSync(path.join(machine.root, "etc/ssh/mlflow_host_ed25519_key")); // another instance, the same volume
            machine.run("ssh-tunnel");
            assert.strictEqual(machine.text("etc/ssh/mlflow_host_ed25519_key"), key);
            assert.strictEqual(machine.mode("etc/ssh/mlflow_host_ed25519_key"), "600");
        });

        it("leaves the host key of an existing instance alone", () => {
            machine = new Machine({ ...environment, HOST_DATA_VOLUME_ID: "" }, programs);
            assert.strictEqual(machine.run("ssh-tunnel").status, 0);
            assert.doesNotMatch(machine.text(conf), /HostKey/);
        });

        it("does not reload a configuration that sshd refuses", () => {
            machine = new Machine(environment, { ...programs, sshd: "exit 255" });
            assert.strictEqual(machine.run("ssh-tunnel").status, 255);
            assert.strictEqual(machine.calls().at(-1), "sshd -t");
        });
    });
});
