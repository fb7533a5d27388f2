// `artifactMode: direct` under enforcement: the stack's server, and a real MLflow client that has nothing but what the stack prints,
// the profile and the environment, pasted into a shell. It writes its artifacts to S3 itself, as the client user.
//
// Not proved: the printed tunnel, in whose place a forwarder stands; S3's check of the bucket's owner, which the emulator
// leaves out; that the client sends what AWS takes.
import assert from "node:assert";
import { appendFileSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { assumeServerRole, stackEnvironmentOf } from "../../sandbox/emulatedStack";
import { type Result } from "../../commands/run";
import { forward, freePort } from "../../sandbox/processes";
import { isHealthy, layOutHost, startServer } from "../../sandbox/server";
import { teammateShell } from "../../sandbox/teammateShell";
import { installedHost } from "../../sandbox/tools";
import { EnforcedStack, withEmulator } from "../support/enforced";

describe("a client that writes to S3 itself, under enforcement", function () {
    this.timeout(300_000);
    const cleanups: (() => Promise<void>)[] = [];
    let folder: string;
    let start: () => Promise<void>;
    let scene: EnforcedStack;
    withEmulator(({ endpoint }, itsFolder, python) => {
        folder = itsFolder;
        start = async () => {
            const localPort = await freePort();
            scene = await EnforcedStack.createAnew(endpoint, { artifactMode: "direct", localPort });
            const host = layOutHost(path.join(folder, "host"), stackEnvironmentOf(scene.stack.evaluation));
            const credentials = await assumeServerRole(scene.stack, endpoint);
            const server = startServer(host, {
                ...{ endpoint, credentials, python },
                logFile: path.join(folder, "server.log"),
            });
            cleanups.push(() => server.stop());
            const tunnel = await forward(localPort, host.socket);
            cleanups.push(() => tunnel.close());
            await server.answers(() => isHealthy(host), 240);
        };
    });
    before(() => start());
    // Before the emulator is stopped and the folder removed.
    after(async () => {
        for (const cleanup of cleanups.reverse()) {
            await cleanup();
        }
    });

    /** Runs the client in a home with this profile, in a shell where the printed environment was pasted. */
    async function client(name: string, credentialsFile: string): Promise<Result> {
        const home = path.join(folder, name);
        mkdirSync(path.join(home, ".aws"), { recursive: true });
        const [configName, credentialsName] = ["config", "credentials"].map((file) => path.join(home, ".aws", file));
        appendFileSync(configName, scene.stack.output("profileConfigSnippet"));
        appendFileSync(credentialsName, credentialsFile, { mode: 0o600 });
        const shell = teammateShell(home, scene.endpoint);
        const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
        const script = path.join(__dirname, "../support/directClient.py");
        return shell(`${scene.stack.output("clientEnvironment")}'${python}' '${script}'\n`);
    }

    it("is refused by S3 with the keys of somebody else, under the same profile name", async () => {
        const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = scene.stranger;
        const profile = `[${scene.stack.output("profileName")}]\n`;
        const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
        const before = await scene.objects();
        const { status, stderr } = await client("stranger", profile + keys);
        assert.strictEqual(status, 1);
        assert.match(stderr, /An error occurred \(AccessDenied\) when calling the \w+ operation/);
        assert.deepStrictEqual(await scene.objects(), before);
    });

    it("has its artifacts below the artifact root, and reads them back", async () => {
        const { status, stdout, stderr } = await client("teammate", scene.stack.output("profileCredentialsSnippet"));
        assert.strictEqual(status, 0, stderr);
        const found = JSON.parse(stdout.trim().split("\n").at(-1)!) as { artifactUri: string; listed: string[] };
        assert.ok(found.artifactUri.startsWith(`${scene.stack.output("artifactRoot")}/`), found.artifactUri);
        assert.deepStrictEqual(found.listed, ["files/large.bin", "files/small.bin"]);
        const prefix = `${new URL(found.artifactUri).pathname.slice(1)}/files`;
        const objects = (await scene.objects()).filter((key) => key.startsWith(prefix));
        assert.deepStrictEqual(objects, [`${prefix}/large.bin, 2 parts`, `${prefix}/small.bin`]);
    });
});
