import assert from "node:assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { RecordedMachine } from "../support/recordedMachine";

// The scripts that prepare the host: what they do to the machine, with recorded stand-ins for the programs that would touch
// it. Not proved: that a real kernel, EBS and sshd do what these programs promise.

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJlO0Gvk1Vd1mR3rCkcH2n0L9z0d8e7f6a5b4c3d2e1f";

describe("the scripts of the host", function () {
    this.timeout(60_000);
    let machine: RecordedMachine;
    afterEach(() => machine.remove());

    describe("data-volume", () => {
        const volume = { HOST_DATA_VOLUME_ID: "vol-0123456789abcdef0" };
        const attached = 'echo "/dev/nvme0n1 vol0aaaaaaaaaaaaaaaa"; echo "/dev/nvme1n1 vol0123456789abcdef0"';
        const programs = (status: number, found = "") => ({
            lsblk: attached,
            mountpoint: "exit 1",
            blkid: `echo "${found}"; exit ${status}`,
            cmp: "",
            chattr: "",
            "mkfs.xfs": "",
            // The folder is that of the file system now.
            mount: 'for folder; do :; done; chmod 0755 "$folder"',
            xfs_growfs: "",
        });
        const closed = "chattr +i /var/lib/mlflow";
        const examined = "blkid --probe --output export /dev/nvme1n1";
        const mounted = [
            "mount -t xfs -o nodev,nosuid,noexec,noatime /dev/nvme1n1 /var/lib/mlflow",
            "xfs_growfs /var/lib/mlflow",
            "chown mlflow:mlflow /var/lib/mlflow/server",
        ];

        it("formats a volume that holds nothing, and mounts it", () => {
            machine = new RecordedMachine(volume, programs(2));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), [
                closed,
                examined,
                "cmp --quiet --bytes=16777216 /dev/nvme1n1 /dev/zero",
                "mkfs.xfs /dev/nvme1n1",
                ...mounted,
            ]);
            assert.strictEqual(machine.mode("var/lib/mlflow/server"), "750");
        });

        it("mounts a volume that holds XFS without formatting it", () => {
            machine = new RecordedMachine(volume, programs(0, "TYPE=xfs"));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), [closed, examined, ...mounted]);
        });

        const refused = (given: Record<string, string>, reason: string, ...more: string[]) => {
            machine = new RecordedMachine(volume, given);
            const { status, output } = machine.run("data-volume");
            const message = `data volume vol-0123456789abcdef0 (/dev/nvme1n1) ${reason}; it is left as it is\n`;
            assert.deepStrictEqual([status, output], [1, message]);
            assert.deepStrictEqual(machine.calls(), [closed, examined, ...more]);
        };

        it("leaves a volume alone that holds anything else", () => {
            refused(programs(0, "TYPE=ext4"), "holds TYPE=ext4, not XFS");
        });

        it("leaves a volume alone that holds something unknown, or whose content cannot be read", () => {
            const reason = "holds something that is no known file system, or cannot be read";
            const comparison = "cmp --quiet --bytes=16777216 /dev/nvme1n1 /dev/zero";
            refused({ ...programs(2), cmp: "exit 1" }, reason, comparison);
            machine.remove();
            refused({ ...programs(2), cmp: "exit 2" }, reason, comparison);
        });

        it("leaves a volume alone that cannot be judged", () => {
            refused(programs(4), "cannot be read (blkid: 4)");
            machine.remove();
            refused(programs(8), "cannot be read (blkid: 8)");
        });

        it("writes nothing into the folder when the volume never appears, and lets nobody else", () => {
            machine = new RecordedMachine(volume, { ...programs(2), lsblk: "" });
            const { status, output } = machine.run("data-volume");
            assert.strictEqual(status, 1);
            assert.match(output, /\ndata volume vol-0123456789abcdef0 did not appear within 10 minutes\n$/);
            assert.deepStrictEqual(machine.calls(), [closed]);
            assert.strictEqual(machine.mode("var/lib/mlflow"), "0");
            assert.throws(() => machine.mode("var/lib/mlflow/server"), { code: /ENOENT|EACCES/ });
        });

        it("says so when root could still write into the folder", () => {
            machine = new RecordedMachine(volume, { ...programs(0, "TYPE=xfs"), chattr: "exit 1" });
            const { status, output } = machine.run("data-volume");
            assert.strictEqual(status, 0);
            assert.match(
                output,
                /^\/var\/lib\/mlflow cannot be made immutable: root could write to it while it is not mounted\n/,
            );
        });

        it("does not mount what is mounted, and takes up what it has grown by", () => {
            machine = new RecordedMachine(volume, { ...programs(0), mountpoint: "" });
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), mounted.slice(1));
        });

        it("uses the folder as it is where there is no volume", () => {
            machine = new RecordedMachine({}, programs(2));
            assert.strictEqual(machine.run("data-volume").status, 0);
            assert.deepStrictEqual(machine.calls(), ["chown mlflow:mlflow /var/lib/mlflow/server"]);
        });
    });

    describe("pause-before-start", () => {
        const record = () => path.join(machine.root, "run/mlflow/starts");
        /** What the script waits for, at each of several starts; none lasts, unless the record is changed in between. */
        const pauses = (starts: number) =>
            Array.from({ length: starts }, () => {
                const { status, output } = machine.run("pause-before-start");
                assert.strictEqual(status, 0, output);
                return Number(/ waiting (\d+) s\n$/.exec(output)?.[1] ?? 0);
            });
        const slept = () =>
            readFileSync(path.join(machine.root, "calls"), "utf8")
                .split("\n")
                .flatMap((line) => /^sleep (\d+)$/.exec(line)?.[1] ?? [])
                .map(Number);

        beforeEach(() => {
            machine = new RecordedMachine({}, {});
            mkdirSync(path.dirname(record()), { recursive: true });
        });

        it("waits longer and longer for a server that does not last, up to a minute", () => {
            const expected = [2, 4, 8, 16, 32, 60, 60];
            assert.deepStrictEqual(pauses(9), [0, 0, ...expected]);
            assert.deepStrictEqual(slept(), expected);
        });

        it("waits for nothing once the server has lasted for two minutes", () => {
            pauses(5);
            const [began, earlier] = readFileSync(record(), "utf8").trim().split(" ").map(Number);
            writeFileSync(record(), `${began - 160} ${earlier}\n`);
            assert.deepStrictEqual(pauses(3), [0, 0, 2]);
        });
    });

    describe("ssh-tunnel", () => {
        const environment = { HOST_TUNNEL_PUBLIC_KEY: publicKey, HOST_DATA_VOLUME_ID: "vol-0123456789abcdef0" };
        const programs = { "ssh-keygen": 'for file; do :; done; echo "key $RANDOM$RANDOM" >"$file"' };
        const conf = "etc/ssh/sshd_config.d/10-mlflow-tunnel.conf";

        it("permits one key one forward, and nothing else", () => {
            machine = new RecordedMachine(environment, programs);
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
                "  AuthorizedKeysCommand none",
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
            machine = new RecordedMachine(environment, programs);
            machine.run("ssh-tunnel");
            const key = machine.text("var/lib/mlflow/ssh/host_ed25519_key");
            assert.strictEqual(machine.mode("var/lib/mlflow/ssh"), "700");
            rmSync(path.join(machine.root, "etc/ssh/mlflow_host_ed25519_key")); // another instance, the same volume
            machine.run("ssh-tunnel");
            assert.strictEqual(machine.text("etc/ssh/mlflow_host_ed25519_key"), key);
            assert.strictEqual(machine.mode("etc/ssh/mlflow_host_ed25519_key"), "600");
        });

        it("leaves the host key of an existing instance alone", () => {
            machine = new RecordedMachine({ ...environment, HOST_DATA_VOLUME_ID: "" }, programs);
            assert.strictEqual(machine.run("ssh-tunnel").status, 0);
            assert.doesNotMatch(machine.text(conf), /HostKey/);
        });

        it("does not reload a configuration that sshd refuses", () => {
            machine = new RecordedMachine(environment, { ...programs, sshd: "exit 255" });
            assert.strictEqual(machine.run("ssh-tunnel").status, 255);
            assert.strictEqual(machine.calls().at(-1), "sshd -t");
        });
    });
});
