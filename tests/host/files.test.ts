import assert from "node:assert";
import { accessSync, constants, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../commands/run";
import { hasProgram, repository, temporaryFolder } from "../support/sandbox";

// The files of the host as files: that shell and systemd can read them, and that locks are complete. Not proved: that they
// work on Amazon Linux 2023, whose systemd may be another version than the one here, nor that the pinned packages install.

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

const filesBelow = (folder: string): string[] =>
    readdirSync(path.join(repository, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(repository, path.join(entry.parentPath, entry.name)))
        .sort();

const env = { PATH: process.env.PATH, HOME: "/nonexistent" };

describe("the shell scripts", function () {
    this.timeout(60_000);
    const scripts = [".ci", ".github", "host", "scripts", "tests"]
        .flatMap(filesBelow)
        .filter((file) => /^#!.*\bbash\n/.test(read(file)));

    it("are all found", () => {
        for (const file of ["host/install.sh", "host/bin/data-volume", "host/bin/mlflow-server", "scripts/lock.sh"]) {
            assert.ok(scripts.includes(file), `${file} is not among ${scripts.join(", ")}`);
        }
    });

    scripts.forEach((file) => {
        it(`${file} is executable, and bash can read it`, async () => {
            accessSync(path.join(repository, file), constants.X_OK);
            const { status, stderr } = await run(["bash", "-n", path.join(repository, file)], { env });
            assert.deepStrictEqual([status, stderr], [0, ""]);
        });
    });

    it("give shellcheck nothing to say (skipped without shellcheck)", async function () {
        if (!hasProgram("shellcheck")) {
            this.skip();
        }
        const command = ["shellcheck", "--external-sources", ...scripts];
        const { status, stdout, stderr } = await run(command, { env, cwd: repository });
        assert.deepStrictEqual([status, stdout, stderr], [0, "", ""]);
    });
});

describe("the systemd units", function () {
    this.timeout(60_000);
    let folder: string;
    const names = readdirSync(path.join(repository, "host/systemd")).sort();
    const unit = (name: string) => read(`host/systemd/${name}`).split("\n");

    // systemd-analyze looks for the programs of the units, and this machine has none of them: /bin/sh takes their place.
    before(() => {
        folder = temporaryFolder();
        for (const name of names) {
            const text = read(`host/systemd/${name}`).replace(/^(Exec\w+)=\S+/gm, "$1=/bin/sh");
            writeFileSync(path.join(folder, name), text);
        }
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const analyze = (...words: string[]) => run(["systemd-analyze", "--no-pager", ...words], { env });

    it("are taken by systemd without a word (skipped without systemd-analyze)", async function () {
        if (!hasProgram("systemd-analyze")) {
            this.skip();
        }
        const files = names.map((name) => path.join(folder, name));
        const { status, stdout, stderr } = await analyze("verify", "--man=no", ...files);
        assert.deepStrictEqual([status, stdout, stderr], [0, "", ""]);
    });

    const exposures = {
        ...{ "mlflow.service": 1.5, "mlflow-forwarder.service": 1, "mlflow-data.service": 4 },
        "mlflow-report.service": 1.5,
    };
    for (const [name, most] of Object.entries(exposures)) {
        it(`${name} is exposed ${most} of 10 at most (skipped without systemd-analyze 250 or newer)`, async function () {
            const version = hasProgram("systemd-analyze") ? (await analyze("--version")).stdout : "";
            if (Number(/^systemd (\d+)/.exec(version)?.[1] ?? 0) < 250) {
                this.skip();
            }
            const { stdout, stderr } = await analyze("security", "--offline=true", path.join(folder, name));
            const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
            assert.ok(Number(exposure) <= most, `${name}: ${exposure}\n${stdout}${stderr}`);
        });
    }

    it("mlflow-data.service has no mount namespace of its own, in which its mount would stay", () => {
        const own =
            /^(Private(?!Network)|ProtectSystem|ProtectHome|ProtectProc|ProcSubset|ProtectKernel|ProtectControl|\w+Paths|DynamicUser)/;
        assert.deepStrictEqual(
            unit("mlflow-data.service").filter((line) => own.test(line)),
            [],
        );
    });

    const facts: Record<string, string[]> = {
        "mlflow.service": [
            "Requires=mlflow-data.service",
            "User=mlflow",
            "Group=mlflow",
            "Restart=always",
            "KillMode=control-group",
            "RuntimeDirectory=mlflow",
            "RuntimeDirectoryMode=0750",
            "RuntimeDirectoryPreserve=restart",
            "ReadWritePaths=/var/lib/mlflow/server",
            "ProtectSystem=strict",
            "CapabilityBoundingSet=",
        ],
        "mlflow-forwarder.service": [
            "Requires=mlflow-forwarder.socket",
            "DynamicUser=yes",
            "SupplementaryGroups=mlflow",
            "PrivateNetwork=yes",
        ],
        "mlflow-forwarder.socket": ["ListenStream=127.0.0.1:5000", "NoDelay=yes"],
        "mlflow-data.service": ["RemainAfterExit=yes", "Before=mlflow.service"],
    };
    for (const [name, lines] of Object.entries(facts)) {
        it(`${name} says ${lines.join(" ")}`, () => {
            for (const line of lines) {
                const [key] = line.split("=");
                assert.deepStrictEqual(
                    unit(name).filter((found) => found.startsWith(`${key}=`)),
                    [line],
                );
            }
        });
    }

    it("open one port in all, on loopback", () => {
        const listening = names.flatMap(unit).filter((line) => /^Listen\w*=/.test(line));
        assert.deepStrictEqual(listening, ["ListenStream=127.0.0.1:5000"]);
    });

    it("run programs that the bundle or systemd has", () => {
        const programs = names.flatMap(unit).flatMap((line) => /^Exec\w+=[-+!:@]*(\S+)/.exec(line)?.[1] ?? []);
        const bundled = programs.filter((program) => program !== "/usr/lib/systemd/systemd-socket-proxyd");
        for (const program of ["data-volume", "mlflow-server", "pause-before-start"]) {
            assert.ok(bundled.includes(`/opt/mlflow/host/bin/${program}`), bundled.join());
        }
        for (const program of bundled) {
            assert.match(program, /^\/opt\/mlflow\/host\/bin\/[a-z-]+$/);
            accessSync(path.join(repository, program.slice("/opt/mlflow/".length)), constants.X_OK);
        }
    });
});

describe("server.env", () => {
    /** systemd's syntax for a quoted value: no expansion, and a backslash only before these characters. */
    const assignments = () =>
        read("host/server.env")
            .split("\n")
            .filter((line) => line !== "" && !/^[#;]/.test(line))
            .map((line) => {
                const [, name, value] =
                    /^(\w+)="((?:[^"\\]|\\.)*)"$/.exec(line) ?? assert.fail(`cannot be read: ${line}`);
                return [name, value.replace(/\\(["\\`$])/g, "$1")] as const;
            });

    it("means the same to bash and to systemd", async () => {
        const script = 'set -a; . "$0"; exec env -0';
        const command = ["bash", "--norc", "-euc", script, path.join(repository, "host/server.env")];
        const { status, stdout, stderr } = await run(command, { env: { PATH: process.env.PATH } });
        assert.deepStrictEqual([status, stderr], [0, ""]);
        const own = new Set(["PATH", "PWD", "OLDPWD", "SHLVL", "_"]);
        const sourced = stdout.split("\0").filter((entry) => entry !== "" && !own.has(entry.split("=")[0]));
        assert.deepStrictEqual(
            sourced.sort(),
            assignments()
                .map(([name, value]) => `${name}=${value}`)
                .sort(),
        );
        assert.ok(sourced.includes("MLFLOW_SERVER_ALLOWED_HOSTS=localhost:*,127.0.0.1:*"), sourced.join("\n"));
    });

    it("has no name twice", () => {
        const names = assignments().map(([name]) => name);
        assert.deepStrictEqual(names, [...new Set(names)]);
    });
});

describe("the lock files", () => {
    const locks = [
        "host/requirements",
        "host/uv",
        "sandbox/emulator",
        "sandbox/client",
        "sandbox/linter",
        "sandbox/legacy",
    ];
    /** The requirements of a file, one a line, without comments. */
    const requirements = (file: string) =>
        read(file)
            .replace(/\\\n\s*/g, "")
            .split("\n")
            .filter((line) => line !== "" && !line.startsWith("#"));
    const versions = (lock: string) =>
        new Map(requirements(`${lock}.lock`).map((line) => /^([^=]+)==(\S+)/.exec(line)?.slice(1) as [string, string]));

    it("are all of them", () => {
        const found = ["host", "sandbox"].flatMap(filesBelow).filter((file) => file.endsWith(".lock"));
        assert.deepStrictEqual(found, locks.map((lock) => `${lock}.lock`).sort());
    });

    for (const lock of locks) {
        it(`${lock}.lock has nothing but exact versions with their hashes`, () => {
            for (const line of requirements(`${lock}.lock`)) {
                assert.match(line, /^[a-z0-9-]+==[\w.!+]+( ; [^\\]*?)?( *--hash=sha256:[0-9a-f]{64})+$/);
            }
        });

        it(`${lock}.lock has what ${lock}.in asks for`, () => {
            for (const line of requirements(`${lock}.in`)) {
                const [, name, version] = /^([a-z0-9-]+)(?:\[.*\])?(?:==(\S+))?$/.exec(line) ?? assert.fail(line);
                const locked = versions(lock).get(name);
                assert.ok(locked && (version ?? locked) === locked, `${line}: the lock has ${locked}`);
            }
        });
    }

    it("pin what the server needs, and the same MLflow for server and client", () => {
        const server = versions("host/requirements");
        for (const name of ["mlflow", "boto3", "psycopg2-binary", "uvloop"]) {
            assert.ok(server.has(name), name);
        }
        assert.strictEqual(versions("sandbox/client").get("mlflow-skinny"), server.get("mlflow"));
    });
});
