import assert from "node:assert";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as path from "node:path";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { run } from "../../commands/run";
import { freePort, Service } from "../../sandbox/processes";
import { type HostFolder, isHealthy } from "../../sandbox/server";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { storeDatabase } from "../support/databaseParameters";
import { hostSettings } from "../support/hostSettings";
import { hasProc, install, listeningPorts, repository, startHost, temporaryFolder, until } from "../support/sandbox";

// The real server, started by host/bin/mlflow-server as the unit does. Not proved: systemd's own part (users, sandboxing,
// restarts, the forwarder's unit), a real database, and AWS itself: parameters come from an emulator that checks no caller.

/** Searches for experiments, as a client does, and returns the answer's status and text. */
function search(to: http.RequestOptions, host: string): Promise<{ status?: number; text: string }> {
    const headers = { Host: host, "Content-Type": "application/json" };
    const options = { ...to, method: "POST", path: "/api/2.0/mlflow/experiments/search", headers };
    return new Promise((resolve, reject) => {
        const request = http.request(options, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part));
            response.once("end", () => resolve({ status: response.statusCode, text }));
        });
        request.once("error", reject).end(JSON.stringify({ max_results: 1 }));
    });
}

describe("the server", function () {
    this.timeout(600_000);
    let python: string;
    let folder: string;
    let server: ReturnType<typeof startHost>;
    let host: HostFolder;

    before(async () => {
        python = await install();
        folder = temporaryFolder();
        server = startHost(python, folder);
        host = server.host;
        await server.service.answers(() => isHealthy(host), 240);
    });
    after(async () => {
        await server.service.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    it("listens on its unix socket and on no TCP port (skipped where there is no /proc)", async function () {
        if (!hasProc) {
            this.skip();
        }
        const control = net.createServer();
        await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
        const { port } = control.address() as net.AddressInfo;
        const seen = listeningPorts([process.pid]);
        control.close();
        assert.ok(seen.includes(port), "this test would not see a port");

        const pids = server.processes().map(({ pid }) => pid);
        assert.ok(pids.length > 0);
        assert.deepStrictEqual(listeningPorts(pids), []);
        assert.ok(statSync(host.socket).isSocket());
    });

    it("is three processes of one group with two workers (skipped where there is no /proc)", function () {
        if (!hasProc) {
            this.skip();
        }
        const found = server.processes();
        assert.strictEqual(found.length, 3, found.map(({ command }) => command).join("\n"));
        assert.strictEqual(new Set(found.map(({ group }) => group)).size, 1);
    });

    for (const name of ["localhost:5001", "127.0.0.1:5001"]) {
        it(`answers callers of ${name}`, async () => {
            const { status, text } = await search({ socketPath: host.socket }, name);
            assert.strictEqual(status, 200, text);
            assert.match(text, /"name": "Default"/);
        });
    }

    for (const name of ["evil.example", "evil.example:5001", "localhost", "10.0.0.7:5000"]) {
        it(`refuses callers of ${name}`, async () => {
            const { status, text } = await search({ socketPath: host.socket }, name);
            assert.deepStrictEqual(
                [status, text],
                [403, "Invalid Host header - possible DNS rebinding attack detected"],
            );
        });
    }

    const proxyd = ["/usr/lib/systemd", "/lib/systemd"].map((at) => `${at}/systemd-socket-proxyd`).find(existsSync);

    it("answers through systemd's forwarder (skipped without systemd-socket-proxyd)", async function () {
        if (!proxyd) {
            this.skip();
        }
        // What systemd does for the unit: the listening socket is file 3, and the environment says so.
        const launcher = [
            "import os, socket, sys",
            "listening = socket.create_server(('127.0.0.1', int(sys.argv[1])))",
            "os.dup2(listening.fileno(), 3)",
            "os.set_inheritable(3, True)",
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))",
            "os.execv(sys.argv[2], sys.argv[2:])",
        ];
        const port = await freePort();
        const forwarder = new Service("the forwarder", path.join(folder, "forwarder.log"), {
            python,
            command: [python, "-c", launcher.join("\n"), String(port), proxyd, host.socket],
            env: cleanEnvironment(),
        });
        try {
            const through = () => search({ host: "127.0.0.1", port }, `localhost:${port}`);
            await forwarder.answers(async () => (await through()).status === 200, 60);
            assert.match((await through()).text, /"name": "Default"/);
            assert.strictEqual((await search({ host: "127.0.0.1", port }, "evil.example")).status, 403);
        } finally {
            await forwarder.stop();
        }
    });

    it("writes nothing outside its root", () => {
        server.empty.forEach((name) => assert.deepStrictEqual(readdirSync(name), [], name));
        assert.ok(existsSync(path.join(host.root, "var/lib/mlflow/server/mlflow.db")));
    });

    it("ends as a whole at SIGTERM (skipped where there is no /proc)", async function () {
        if (!hasProc) {
            this.skip();
        }
        const found = server.processes();
        process.kill(-found[0].group, "SIGTERM");
        const leader = ({ pid, group }: { pid: number; group: number }) => pid === group;
        await until("the leader has ended", 60, () => !server.processes().some(leader));
        // The leash would kill what is left 5 s after the leader.
        await until("all have ended", 3, () => server.processes().length === 0);
    });
});

describe("the database's address", function () {
    this.timeout(600_000);
    const parameter = "/mlflow-test/database";
    let python: string;
    let folder: string;
    let emulator: Emulator;
    let env: Record<string, string>;
    let address: string;

    before(async () => {
        python = await install();
        folder = temporaryFolder();
        emulator = await startEmulator(python, folder);
        const { endpoint } = emulator;
        env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "host", AWS_SECRET_ACCESS_KEY: "role" };
        env.AWS_EC2_METADATA_DISABLED = "true";
        address = `postgresql+psycopg2://mlflow@127.0.0.1:${await freePort()}/mlflow`;
        const credentials = { accessKeyId: "operator", secretAccessKey: "operator" };
        const client = new SSMClient({ endpoint, region: hostSettings.region, credentials });
        await storeDatabase(client, parameter, { address, passwords: ["s3cret&x"] });
        client.destroy();
    });
    after(async () => {
        await emulator.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    /** Prints a parameter with the host's own script, as mlflow-server calls it. */
    const print = (name: string, environment: Record<string, string>) =>
        run([path.join(installedHost, "opt/mlflow/venv/bin/python"), "-m", "mlflow_host.address"], {
            env: cleanEnvironment({
                PYTHONPATH: path.join(repository, "host"),
                PYTHONDONTWRITEBYTECODE: "1",
                HOST_DATABASE_PARAMETER: name,
                AWS_DEFAULT_REGION: hostSettings.region,
                HOME: folder,
                ...environment,
            }),
        });

    it("is printed without a password, and nothing else", async () => {
        assert.deepStrictEqual(await print(parameter, env), { status: 0, stdout: `${address}\n`, stderr: "" });
    });

    it("that does not exist is one line that names the parameter", async () => {
        const { status, stdout, stderr } = await print("/mlflow-test/unknown", env);
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.match(
            stderr,
            /^database address: parameter \/mlflow-test\/unknown-address cannot be read with .*NotFound.*\n$/,
        );
    });

    it("without credentials is one line that names the parameter", async () => {
        const { AWS_ENDPOINT_URL, AWS_EC2_METADATA_DISABLED } = env;
        const { status, stdout, stderr } = await print(parameter, { AWS_ENDPOINT_URL, AWS_EC2_METADATA_DISABLED });
        assert.deepStrictEqual([status, stdout], [1, ""]);
        assert.match(stderr, /^database address: parameter \/mlflow-test\/database-address cannot be read with .*\n$/);
        assert.match(stderr, /Unable to locate credentials/);
    });

    it("reaches the server without a password: none is in log, command line, environment or file (skipped where there is no /proc)", async function () {
        if (!hasProc) {
            this.skip();
        }
        const server = startHost(python, folder, { databaseParameter: parameter }, env);
        const lines: string[] = [];
        const environments = new Set<string>();
        try {
            // Nobody listens at the address: it is tried again and again.
            await until("the server has tried to connect", 240, () => {
                for (const { pid, command } of server.processes()) {
                    lines.push(command);
                    environments.add(environmentOf(pid));
                }
                return /^database: not usable yet: .*Connection refused/m.test(readFileSync(server.log, "utf8"));
            });
        } finally {
            await server.service.stop();
        }
        assert.ok([...environments].some((text) => text.includes(`MLFLOW_BACKEND_STORE_URI=${address}\0`)));
        assert.doesNotMatch([...environments].join("\n"), /s3cret/);
        const files = readdirSync(server.host.root, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile() && !entry.parentPath.includes("/opt/mlflow"))
            .map((entry) => path.join(entry.parentPath, entry.name));
        assert.ok(files.length > 1);
        assert.deepStrictEqual(
            files.filter((file) => readFileSync(file, "latin1").includes("s3cret")),
            [],
        );
        assert.ok(
            lines.some((line) => line.includes("mlflow_host.serve")),
            "the command line was not seen",
        );
        assert.doesNotMatch(lines.join("\n"), /s3cret/);
        assert.doesNotMatch(readFileSync(server.log, "utf8"), /s3cret/);
    });
});

/** What a process was started with; nothing where it has ended. */
function environmentOf(pid: number): string {
    try {
        return readFileSync(`/proc/${pid}/environ`, "latin1");
    } catch {
        return "";
    }
}
