import assert from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../commands/userError";
import { freePort, Service } from "../../sandbox/processes";
import { hasProc, install, processesOf, repository, temporaryFolder, until } from "../support/sandbox";

// The sandbox as a newcomer starts it, and how it ends: of itself, by Ctrl-C, by kill -9 and by what is missing. Not proved:
// what its steps and proofs show (they prove that themselves), the first installation, and machines without /proc, where
// nobody looks for what is left running. After kill -9 its temporary folder is left; nobody is there to remove it.

/** The sandbox in a process of its own, with a temporary folder of its own. */
class SandboxProcess {
    readonly folder = temporaryFolder();
    readonly ended: Promise<number | null>;
    output = "";
    errors = "";
    private readonly child: ChildProcess;

    constructor(words: string[], env: Record<string, string> = {}) {
        this.child = spawn(process.execPath, ["-r", "ts-node/register", "sandbox/main.ts", ...words], {
            cwd: repository,
            env: { ...process.env, TMPDIR: this.folder, NO_COLOR: "1", ...env },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true, // a process group of its own, as in a terminal
        });
        this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.output += text));
        this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
        this.ended = new Promise((resolve) => this.child.once("close", resolve));
    }

    /** Waits until it has printed this, or has ended. */
    async prints(text: string): Promise<void> {
        await until(text, 300, () => this.output.includes(text) || this.child.exitCode !== null);
        assert.ok(this.output.includes(text), this.output + this.errors);
    }

    /** Reaches the sandbox alone. */
    kill(signal: NodeJS.Signals): void {
        this.child.kill(signal);
    }

    /** Reaches all that it has started as well, as a terminal's signals do. */
    fromTerminal(signal: NodeJS.Signals): void {
        process.kill(-this.child.pid!, signal);
    }

    /** What it says at last, after an empty line; nowhere is there a stack trace. */
    get message(): string {
        assert.doesNotMatch(this.output + this.errors, /^ +at /m);
        return this.errors.split("\n\n").at(-1)!;
    }

    /** The folder that the sandbox works in, if there is one. */
    get workFolder(): string | undefined {
        const name = readdirSync(this.folder).find((found) => found.startsWith("mlflow-sandbox-"));
        return name && path.join(this.folder, name);
    }

    /** What it has started and runs, by command line. */
    get running(): string[] {
        return hasProc ? processesOf(this.folder).map(({ command }) => command) : [];
    }

    /** Nothing is left of it, now that it has ended. */
    leftNothing(): void {
        assert.deepStrictEqual([this.running, this.workFolder], [[], undefined]);
    }
}

describe("the sandbox", function () {
    this.timeout(600_000);
    let sandbox: SandboxProcess;

    before(install);
    afterEach(async () => {
        sandbox.kill("SIGKILL");
        await sandbox.ended;
        await until("everything has ended", 60, () => sandbox.running.length === 0);
        rmSync(sandbox.folder, { recursive: true, force: true });
    });

    it("--once ends with its proof, prints no secret and leaves nothing", async () => {
        sandbox = new SandboxProcess(["--once", "--port", String(await freePort())]);
        // The secret as the teammate's profile has it, while there is one.
        const credentials = () => path.join(sandbox.workFolder ?? "", "home-with-profile/.aws/credentials");
        await sandbox.prints("✔ The printed profile works in the AWS CLI");
        const [, secret] = /aws_secret_access_key = (\S+)/.exec(readFileSync(credentials(), "utf8")) ?? [];
        assert.ok(secret, "the profile has no secret");

        assert.strictEqual(await sandbox.ended, 0, sandbox.output + sandbox.errors);
        const output = sandbox.output + sandbox.errors;
        assert.match(sandbox.output, /\nProof: 5 passed, 0 failed\n$/);
        assert.ok(!output.includes(secret), "the secret is in the output");
        assert.doesNotMatch(output, /aws_secret_access_key/i);
        for (const name of ["clientSecretAccessKey", "profileCredentialsSnippet", "profileSetupCommands"]) {
            assert.ok(output.includes(`  ${name}: [secret]\n`), output);
        }
        sandbox.leftNothing();
    });

    it("stays up until Ctrl-C, and leaves nothing", async () => {
        const port = await freePort();
        sandbox = new SandboxProcess(["--port", String(port)]);
        await sandbox.prints(`MLflow is at http://localhost:${port} until you press Ctrl-C.`);
        await sleep(4000); // longer than its end takes
        assert.strictEqual((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
        sandbox.fromTerminal("SIGINT");
        assert.strictEqual(await sandbox.ended, 0, sandbox.errors);
        assert.deepStrictEqual([sandbox.output.split("\n").slice(-2), sandbox.errors], [["Stopping.", ""], ""]);
        sandbox.leftNothing();
    });

    it("ends at once by Ctrl-C in the middle of a step, and leaves nothing", async () => {
        sandbox = new SandboxProcess(["--once", "--port", String(await freePort())]);
        await sandbox.prints("❯ A client without AWS settings logs a run");
        if (hasProc) {
            await until("the client runs", 60, () => sandbox.running.some((line) => line.includes("client.py")));
        }
        const start = Date.now();
        sandbox.fromTerminal("SIGINT");
        assert.strictEqual(await sandbox.ended, 130);
        assert.strictEqual(sandbox.errors, "\nInterrupted.\n");
        // A client whose server is gone tries again for four minutes.
        assert.ok(Date.now() - start < 60_000, `it took ${Date.now() - start} ms`);
        sandbox.leftNothing();
    });

    it("leaves nothing when its terminal is closed", async () => {
        sandbox = new SandboxProcess(["--once", "--port", String(await freePort())]);
        await sandbox.prints("✔ Start MLflow from host/");
        sandbox.fromTerminal("SIGHUP");
        assert.strictEqual(await sandbox.ended, 130);
        sandbox.leftNothing();
    });

    it("leaves nothing running after kill -9 (skipped where there is no /proc)", async function () {
        if (!hasProc) {
            this.skip();
        }
        sandbox = new SandboxProcess(["--once", "--port", String(await freePort())]);
        await sandbox.prints("✔ Start MLflow from host/");
        for (const program of ["sandbox/emulator.py", "mlflow_host.serve", "leash.py"]) {
            assert.ok(
                sandbox.running.some((line) => line.includes(program)),
                `${program} is not among\n${sandbox.running.join("\n")}`,
            );
        }
        sandbox.kill("SIGKILL");
        await until("everything has ended", 30, () => sandbox.running.length === 0);
    });

    it("says that the port is taken, and by what to go on, and leaves nothing", async () => {
        const holder = net.createServer();
        await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
        const { port } = holder.address() as net.AddressInfo;
        sandbox = new SandboxProcess(["--once", "--port", String(port)]);
        const status = await sandbox.ended;
        holder.close();
        assert.deepStrictEqual(
            [status, sandbox.message],
            [
                1,
                `--port: got ${port}, which another program on this machine holds; allowed: a free port from 1024 to 65535 ` +
                    `except 5000; remedy: npm start -- --port ${port < 6000 ? 6001 : 5001}\n`,
            ],
        );
        assert.doesNotMatch(sandbox.output, /Find Python|Proof:/);
        sandbox.leftNothing();
    });

    it("says that there is no Python, and how to get one", async () => {
        const programs = temporaryFolder();
        for (const name of ["bash", "env", "sh"]) {
            const folder = process.env.PATH!.split(path.delimiter).find((at) => existsSync(path.join(at, name)));
            symlinkSync(path.join(folder!, name), path.join(programs, name));
        }
        symlinkSync(process.execPath, path.join(programs, "node"));
        sandbox = new SandboxProcess(["--once"], { PATH: programs });
        const status = await sandbox.ended;
        rmSync(programs, { recursive: true, force: true });
        assert.deepStrictEqual(
            [status, sandbox.message],
            [
                1,
                "Python: got none of python3.12, python3.13, python3.11, python3.10, python3.14, python3 that is 3.10 or newer " +
                    "and has the modules venv and ensurepip; allowed: Python 3.10 or newer; remedy: on Debian and Ubuntu apt-get " +
                    "install python3 python3-venv, on Amazon Linux dnf install python3.12, on macOS brew install python@3.12\n",
            ],
        );
        assert.doesNotMatch(sandbox.output, /Install/);
        sandbox.leftNothing();
    });

    for (const port of ["80", "5000", "65536", "5001.5", "mlflow", ""]) {
        it(`refuses --port "${port}"`, async () => {
            sandbox = new SandboxProcess(["--once", "--port", port]);
            assert.strictEqual(await sandbox.ended, 1);
            assert.deepStrictEqual(
                [sandbox.output, sandbox.errors],
                [
                    "",
                    `error: option '--port <port>' argument '${port}' is invalid. allowed: an integer from 1024 to 65535, but ` +
                        "not 5000; remedy: --port 5001\n",
                ],
            );
            sandbox.leftNothing();
        });
    }
});

describe("a program of the sandbox", function () {
    this.timeout(600_000);

    it("that ends too early is reported at once, with what it said", async () => {
        const python = await install();
        const folder = temporaryFolder();
        const command = ["sh", "-c", "sleep 1; echo the reason; exit 3"];
        const service = new Service("the program", path.join(folder, "log"), { python, command, env: process.env });
        try {
            await assert.rejects(
                service.answers(() => Promise.resolve(false), 60),
                new UserError("the program ended before it was ready. The end of its log:\nthe reason"),
            );
        } finally {
            await service.stop();
            rmSync(folder, { recursive: true, force: true });
        }
    });
});
