import assert from "node:assert";
import { rmSync } from "node:fs";
import type { HostSettings } from "../../components/hostInstaller";
import { install, temporaryFolder } from "../support/sandbox";
import { publicKey } from "../support/settings";
import { hasXfs, lacksMachines, Machine } from "../support/systemd";

// install.sh on a machine with a real systemd: services, timers and their settings, and what it asks of the package manager, whose
// place a recorder takes. Not proved: that Amazon Linux has these packages; the Python environment, which is there already
// (bench/host.ts installs it).

/** Notes how it was called; fails for the packages that `missing` matches. */
const dnf = (missing: string) => `#!/bin/bash
echo "dnf $*" >>/var/log/dnf-calls
touch /run/installing
case "$*" in ${missing}) exit 1 ;; check-upgrade*) exit "$(cat /var/log/updates)" ;; esac
`;

describe("the host's installer, on a booted machine (skipped unless root on Linux, with systemd)", function () {
    this.timeout(300_000);
    let folder: string;
    let machine: Machine | undefined;

    before(async function () {
        if (await lacksMachines()) {
            this.skip();
        }
    });
    afterEach(async () => {
        await machine?.stop();
        machine = undefined;
        rmSync(folder, { recursive: true, force: true });
    });

    async function installed(
        settings: Partial<HostSettings>,
        { missing = "nothing", ...more }: { missing?: string; disk?: number; files?: Record<string, string> } = {},
    ) {
        folder = temporaryFolder();
        machine = new Machine(folder, {
            python: await install(),
            settings,
            ...more,
            files: { "usr/local/bin/dnf": dnf(missing), "usr/local/bin/sleep": "#!/bin/sh\n", ...more.files },
        });
        await machine.booted();
        const output = await machine.output("/opt/mlflow/host/install.sh");
        assert.strictEqual(output.trim().split("\n").at(-1), "mlflow host: installed");
        return machine;
    }

    const timers = async (on: Machine) =>
        Promise.all(
            ["backup", "gc", "updates", "report"].map(async (name) => {
                const { ActiveState, UnitFileState } = await on.show(
                    `mlflow-${name}.timer`,
                    "ActiveState",
                    "UnitFileState",
                );
                return `${name} ${ActiveState} ${UnitFileState}`;
            }),
        );
    const calls = async (on: Machine) => (await on.output("cat", "/var/log/dnf-calls")).trim().split("\n");

    it("starts the server and the nightly backup, and asks for Python alone", async () => {
        const on = await installed({});
        await on.healthy();
        assert.deepStrictEqual(await timers(on), [
            "backup active enabled",
            "gc inactive disabled",
            "updates inactive disabled",
            "report inactive disabled",
        ]);
        assert.deepStrictEqual(await calls(on), ["dnf install --assumeyes --quiet python3.12 python3.12-pip"]);
    });

    it("switches on what the stack asks for, and off again when it no longer does", async () => {
        const on = await installed({
            ...{ garbageCollectionDays: 60, securityUpdates: "Wed 04:30", dailyBackup: false },
            logGroup: "/mlflow-test/host",
        });
        assert.deepStrictEqual(await timers(on), [
            "backup inactive disabled",
            "gc active enabled",
            "updates active enabled",
            "report active enabled",
        ]);
        const { TimersCalendar } = await on.show("mlflow-updates.timer", "TimersCalendar");
        assert.match(
            TimersCalendar,
            /^\{ OnCalendar=Wed \*-\*-\* 04:30:00 UTC ; next_elapse=Wed [^}]* 04:[345]\d:\d\d [^}]*\}$/,
        );

        const file = await on.output("cat", "/etc/mlflow/stack.env");
        const off = file.replace(/^(HOST_GARBAGE_COLLECTION_DAYS|HOST_SECURITY_UPDATES|HOST_LOG_GROUP)=.*$/gm, '$1=""');
        await on.write("etc/mlflow/stack.env", off);
        await on.output("/opt/mlflow/host/install.sh");
        assert.deepStrictEqual(await timers(on), [
            "backup inactive disabled",
            "gc inactive disabled",
            "updates inactive disabled",
            "report inactive disabled",
        ]);
    });

    it("comes to its end without the database, with the newest of PostgreSQL's clients that there is", async () => {
        const on = await installed({ databaseParameter: "/mlflow-test/none" }, { missing: "*postgresql18*" });
        assert.deepStrictEqual(await calls(on), [
            "dnf install --assumeyes --quiet python3.12 python3.12-pip",
            "dnf install --assumeyes --quiet postgresql18",
            "dnf install --assumeyes --quiet postgresql17",
        ]);
        await on.becomes("the server says what it lacks", async () =>
            /^database address: parameter \/mlflow-test\/none-address cannot be read /m.test(
                await on.journal("mlflow.service"),
            ),
        );
    });

    it("waits for the data volume, where the host key of the SSH tunnel is (skipped without XFS)", async function () {
        if (!hasXfs) {
            this.skip();
        }
        const service = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecReload=/bin/true\n";
        const on = await installed(
            { tunnelPublicKey: publicKey },
            {
                disk: 1024,
                files: {
                    "usr/local/bin/sshd": "#!/bin/sh\n",
                    "etc/systemd/system/sshd.service": service,
                    "etc/systemd/system/mlflow-forwarder.socket.d/sshd.conf": "[Unit]\nWants=sshd.service\n",
                    "etc/ssh/sshd_config.d/empty.conf": "",
                    // It is attached some time after the installer has begun.
                    "usr/local/bin/lsblk":
                        '#!/bin/sh\n[ -e /run/installing ] || exit 0\n/usr/bin/sleep 3\necho "/dev/nvme1n1 vol0123456789abcdef0"\n',
                    "etc/systemd/system/mlflow-data.service.d/soon.conf": "[Service]\nRestartSec=1\n",
                },
            },
        );
        const key = "/var/lib/mlflow/ssh/host_ed25519_key";
        assert.strictEqual(
            (await on.output("findmnt", "--noheadings", "--output", "FSTYPE", "--target", key)).trim(),
            "xfs",
        );
        assert.strictEqual(await on.output("cat", key), await on.output("cat", "/etc/ssh/mlflow_host_ed25519_key"));
    });

    it("updates the system in the window: installs and restarts only when there is something", async () => {
        const on = await installed({ securityUpdates: "03:00" });
        await on.write("usr/local/bin/systemctl", '#!/bin/bash\necho "systemctl $*" >>/var/log/dnf-calls\n');
        const update = async (status: number) => {
            await on.write("var/log/updates", `${status}\n`);
            await on.write("var/log/dnf-calls", "");
            const { status: exit, stdout, stderr } = await on.run("/opt/mlflow/host/bin/security-updates");
            return { exit, said: stdout + stderr, calls: await calls(on) };
        };
        const check = "dnf check-upgrade --security --releasever=latest --quiet";
        assert.deepStrictEqual(await update(0), { exit: 0, said: "security updates: none\n", calls: [check] });
        assert.deepStrictEqual(await update(100), {
            exit: 0,
            said: "security updates: installed; restarting\n",
            calls: [check, "dnf upgrade --security --releasever=latest --assumeyes --quiet", "systemctl reboot"],
        });
        assert.deepStrictEqual(await update(1), {
            exit: 1,
            said: "security updates: dnf cannot say whether there are any (exit code 1)\n",
            calls: [check],
        });
    });
});
