import assert from "node:assert";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { startEmulator } from "../../sandbox/emulator";
import { assumeServerRole, createStack, enforceIam, stackEnvironmentOf } from "../../sandbox/emulatedStack";
import { forward, freePort } from "../../sandbox/processes";
import { clientLogsRun } from "../../sandbox/proof";
import { isHealthy, layOutHost, startServer } from "../../sandbox/server";
import { Postgresql, postgresqlPrograms } from "../support/postgresql";
import { hasProc, install, processesOf, temporaryFolder } from "../support/sandbox";

// backend: external, from the setting to the row: the program stores the address, the host's script fetches it with
// credentials of the server's role, and the real MLflow keeps a run in a real PostgreSQL that talks TLS
// only. Not proved: AWS's encryption of the parameter, a database on another machine, verification of its certificate.

const user = "mlflow";
const password = "p@ss/w:rd?#[]%&=+ !$'()*,;\"<>\\^`{|}~é";

describe("a server with an external PostgreSQL (skipped where there is none on this machine)", function () {
    this.timeout(600_000);
    const cleanups: (() => Promise<void> | void)[] = [];

    before(function () {
        if (!postgresqlPrograms) {
            this.skip();
        }
    });
    after(async () => {
        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    it("keeps runs there, and the password out of log and command lines", async () => {
        const python = await install();
        const folder = temporaryFolder();
        cleanups.push(() => rmSync(folder, { recursive: true, force: true }));

        const databasePort = await freePort();
        const database = new Postgresql(folder, databasePort);
        cleanups.push(() => database.stop());
        await database.start(user, password);

        const emulator = await startEmulator(python, folder);
        cleanups.push(() => emulator.stop());
        const { endpoint } = emulator;

        const localPort = await freePort();
        const stack = await createStack(endpoint, {
            localPort,
            backend: "external",
            databaseHost: "127.0.0.1",
            databasePort,
            databaseName: user,
            databaseUser: user,
            databasePassword: password,
        });
        const host = layOutHost(path.join(folder, "host"), stackEnvironmentOf(stack.evaluation));
        const forwarder = await forward(localPort, host.socket);
        cleanups.push(() => forwarder.close());
        const logFile = path.join(folder, "server.log");
        const credentials = await assumeServerRole(stack, endpoint);
        // The emulator compares no resource but S3's: a right to one parameter is none to it. tests/access judges that right.
        await enforceIam(endpoint, false);
        const server = startServer(host, { python, endpoint, credentials, logFile });
        cleanups.push(() => server.stop());
        await server.answers(() => isHealthy(host), 240);

        await clientLogsRun({ stack, endpoint, folder }, "through the server");
        const connection = ["-h", "127.0.0.1", "-p", String(databasePort), "-U", user, "-d", user];
        const rows = database.query(password, connection, "SELECT key, value FROM metrics");
        assert.strictEqual(rows, "loss|0.5");
        const ways = database.query(
            password,
            connection,
            "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL",
        );
        assert.strictEqual(ways, "t");

        const log = readFileSync(logFile, "utf8");
        const commands = hasProc ? processesOf(host.root).map(({ command }) => command) : [];
        assert.ok(!hasProc || commands.some((command) => /mlflow_host\.serve/.test(command)), commands.join("\n"));
        for (const secret of [password, encodeURIComponent(password)]) {
            assert.ok(![log, ...commands].some((text) => text.includes(secret)));
        }
    });
});
