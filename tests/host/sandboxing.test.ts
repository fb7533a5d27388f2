import assert from "node:assert";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { findPython, installServer } from "../../sandbox/tools";
import { repository, temporaryFolder, skipFor } from "../support/sandbox";
import { hasXfs, lacksMachines, Machine } from "../support/systemd";

// What systemd and the kernel make of the units' restrictions: facts about the running services, and a program that runs in the
// server's place and tries things. Not proved: that nothing else is possible; and see tests/host/systemd.test.ts.

describe("the sandbox of the host's services (skipped unless root on Linux, with systemd)", function () {
    this.timeout(300_000);
    let folder: string;
    let machine: Machine;

    before(async function () {
        skipFor(await lacksMachines(), this);
        const python = await findPython();
        await installServer(python);
        folder = temporaryFolder();
        machine = new Machine(folder, {
            python,
            disk: hasXfs ? 512 : undefined,
            files: {
                "usr/local/lib/probe.py": readFileSync(path.join(repository, "tests/support/probe.py"), "utf8"),
            },
        });
        await machine.booted();
        await machine.healthy();
    });
    after(async () => {
        await machine?.stop();
        rmSync(folder ?? "", { recursive: true, force: true });
    });

    const status = async (pid: string) => {
        const text = await machine.output("cat", `/proc/${pid}/status`);
        const pairs = text.split("\n").map((line) => line.split(/:\s+/));
        return Object.fromEntries(pairs) as Record<string, string>;
    };

    for (const unit of ["mlflow.service", "mlflow-forwarder.service"]) {
        it(`${unit} has a user of its own, no capability, no way to new ones, and filtered system calls`, async () => {
            const { MainPID } = await machine.show(unit, "MainPID");
            const { Uid, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp } = await status(MainPID);
            const [uid] = Uid.split("\t");
            const mlflow = (await machine.output("id", "-u", "mlflow")).trim();
            assert.strictEqual(uid === mlflow, unit === "mlflow.service", `${uid} ${mlflow}`);
            assert.notStrictEqual(uid, "0");
            const none = "0".repeat(16);
            assert.deepStrictEqual([CapPrm, CapEff, CapBnd, CapAmb], [none, none, none, none]);
            assert.deepStrictEqual({ NoNewPrivs, Seccomp }, { NoNewPrivs: "1", Seccomp: "2" });
        });
    }

    it("bounds the memory of the server, in the kernel too (skipped without a memory controller)", async function () {
        const { MemoryMax, ControlGroup } = await machine.show("mlflow.service", "MemoryMax", "ControlGroup");
        const files = [
            `/sys/fs/cgroup/memory${ControlGroup}/memory.limit_in_bytes`,
            `/sys/fs/cgroup${ControlGroup}/memory.max`,
        ];
        const found = await machine.run("cat", ...files);
        if (found.stdout === "") {
            this.skip();
        }
        assert.strictEqual(found.stdout.trim(), MemoryMax);
        const total = Number(/MemTotal: *(\d+)/.exec(await machine.output("cat", "/proc/meminfo"))?.[1]) * 1024;
        assert.ok(Math.abs(Number(MemoryMax) / total - 0.85) < 0.001, `${MemoryMax} of ${total}`);
    });

    it("lets nobody but the server and the forwarder into the folder of the socket", async () => {
        assert.strictEqual(await machine.output("stat", "--format", "%U:%G %a", "/run/mlflow"), "mlflow:mlflow 750\n");
        const { status, stderr } = await machine.runAs("nobody", "ls", "/run/mlflow");
        assert.deepStrictEqual([status, stderr], [2, "ls: cannot open directory '/run/mlflow': Permission denied\n"]);
    });

    /** Runs the probe as the server's unit would: all of its settings but those for its own program. */
    const probe = async (user: string) => {
        const unit = await machine.output("cat", "/etc/systemd/system/mlflow.service");
        const own = /^(Exec|Restart|RuntimeDirectory|Kill|Timeout|Type|User|Group|WantedBy|Requires|After|\[Install\])/;
        const lines = unit.split("\n").filter((line) => !own.test(line));
        const result = "/run/probe.json";
        lines.push(
            ...["Type=oneshot", `User=${user}`, `Group=${user}`, `StandardOutput=truncate:${result}`],
            "ExecStart=/opt/mlflow/venv/bin/python /usr/local/lib/probe.py",
        );
        await machine.write("etc/systemd/system/probe.service", lines.join("\n"));
        await machine.output("systemctl", "daemon-reload");
        await machine.output("systemctl", "start", "probe.service");
        return JSON.parse(await machine.output("cat", result)) as { write: Record<string, string> };
    };

    it("leaves the server its own folders, and nothing of the machine", async () => {
        const { write, ...rest } = await probe("mlflow");
        const written = Object.entries(write).filter(([, outcome]) => outcome === "done");
        // /var/tmp is the service's own, and goes with it.
        assert.deepStrictEqual(
            written.map(([name]) => name),
            ["/var/tmp", "/var/lib/mlflow/server"],
        );
        assert.deepStrictEqual(rest, {
            others: [],
            "run from the data volume": hasXfs ? "EACCES" : "done",
            "memory to write and run": "EPERM",
            "open the disk": "ENOENT",
            "set the host name": "EPERM",
            "change a kernel setting": "ENOENT",
            "talk to the kernel": "EAFNOSUPPORT",
            "make a namespace": "EPERM",
            mount: "EPERM",
        });
        assert.strictEqual((await machine.run("ls", "/var/tmp/probe")).status, 2);
    });

    it("would hold even root", async () => {
        const { write } = await probe("root");
        assert.deepStrictEqual(write, {
            "/etc": "EROFS",
            "/usr": "EROFS",
            "/opt/mlflow": "EROFS",
            "/home": "EACCES",
            "/root": "EACCES",
            "/boot": "EROFS",
            "/run": "EROFS",
            "/var/lib/mlflow": "EROFS",
            "/var/tmp": "done",
            // Another user's, and this root has no right over other users.
            "/var/lib/mlflow/server": "EACCES",
        });
    });
});
