import assert from "node:assert";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import {
    CreateAccessKeyCommand,
    DeleteAccessKeyCommand,
    ListAccessKeysCommand,
    UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startEmulator, type Emulator } from "../../sandbox/emulator";
import { createStack, type EmulatedStack } from "../../sandbox/emulatedStack";
import { type Result, run } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { copyProject } from "../support/projectCopy";
import { install, temporaryFolder } from "../support/sandbox";
import { valuesOf } from "../support/stack";

// A whole rotation by `npm run keys`, on the keys of a stack in the AWS emulator, which enforces IAM. What `pulumi up` does with
// each setting is done here through IAM's API: that the program declares it is in tests/unit/accessKeys.test.ts. Not proved: how
// soon AWS knows of a use.

const stackFile = "# Ours.\nconfig:\n  mlflow-aws:localPort: 5003 # taken by nobody else\n";

describe("npm run keys", function () {
    this.timeout(300_000);
    let folder: string;
    let project: string;
    let emulator: Emulator;
    let stack: EmulatedStack;
    let outputs: Record<string, unknown>;
    const said: string[] = [];

    async function keys(...words: string[]): Promise<Result> {
        const file = path.join(folder, "outputs.json");
        writeFileSync(file, JSON.stringify(outputs));
        const credentials = await stack.clients.iam.config.credentials();
        const env = cleanEnvironment({
            HOME: folder,
            AWS_ENDPOINT_URL: emulator.endpoint,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        });
        const command = [process.execPath, "-r", "ts-node/register", "operating/keys.ts"];
        const result = await run([...command, ...words, "--outputs", file], { env, cwd: project });
        said.push(result.stdout, result.stderr);
        return result;
    }

    /** Somebody uses a key. */
    async function use(accessKeyId: string, secretAccessKey: string): Promise<void> {
        const options = { endpoint: emulator.endpoint, region: "us-west-1" };
        const sts = new STSClient({ ...options, credentials: { accessKeyId, secretAccessKey } });
        await sts.send(new GetCallerIdentityCommand({}));
        sts.destroy();
    }

    const setting = (name: string) =>
        new RegExp(`^  mlflow-aws:${name}: (\\w+)$`, "m").exec(
            readFileSync(path.join(project, "Pulumi.dev.yaml"), "utf8"),
        )?.[1];

    before(async () => {
        const python = await install();
        folder = temporaryFolder();
        project = copyProject({ dev: stackFile });
        emulator = await startEmulator(python, folder);
        stack = await createStack(emulator.endpoint, {});
        outputs = { ...valuesOf(stack.evaluation.outputs), stack: "dev" };
    });

    after(async () => {
        await emulator?.stop();
        for (const made of [folder, project]) {
            rmSync(made, { recursive: true, force: true });
        }
    });

    it("shows a key that needs nothing", async () => {
        const { status, stdout, stderr } = await keys("dev");
        assert.strictEqual(status, 0, stderr);
        const id = String(outputs.clientAccessKeyId);
        assert.match(
            stdout,
            new RegExp(
                `^a  ${id}  active  0 days old  never used\\n\\nNothing to do: key a is 0 of 90 days old\\.\\n$`,
            ),
        );
    });

    it("rotates it, with somebody always let in", async () => {
        const { iam } = stack.clients;
        const UserName = String(outputs.clientUserName);
        const old = { id: String(outputs.clientAccessKeyId), secret: String(outputs.clientSecretAccessKey) };
        const list = outputs.clientAccessKeys as { slot: string; id: string; status: string; created: string }[];
        await use(old.id, old.secret);

        const added = await keys("dev", "add");
        assert.strictEqual(
            added.stdout,
            "Pulumi.dev.yaml: accessKeyB is active now. Next: npx pulumi up --stack dev\n",
        );
        assert.strictEqual(setting("accessKeyB"), "active");
        const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
        const fresh = { id: AccessKey!.AccessKeyId!, secret: AccessKey!.SecretAccessKey! };
        outputs.clientAccessKeys = [
            ...list,
            { slot: "b", id: fresh.id, status: "Active", created: new Date(Date.now() + 1000).toISOString() },
        ];

        assert.match((await keys("dev")).stdout, /Hand key b over: .*Nobody has used it yet\.\n$/);
        const early = await keys("dev", "deactivate");
        assert.strictEqual(early.status, 3);
        assert.match(early.stderr, /^deactivate: refused, for key b, which replaces it, was never used/);
        await use(fresh.id, fresh.secret);
        const inUse = await keys("dev", "deactivate");
        assert.strictEqual(inUse.status, 3);
        assert.match(inUse.stderr, /^deactivate: refused, for key a was used less than an hour ago \(sts, us-/);
        assert.strictEqual(setting("accessKeyA"), undefined);

        const forced = await keys("dev", "deactivate", "--force");
        assert.strictEqual(forced.status, 0, forced.stderr);
        assert.strictEqual(setting("accessKeyA"), "inactive");
        await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: old.id, Status: "Inactive" }));

        const waiting = await keys("dev", "remove");
        assert.strictEqual(waiting.status, 3);
        assert.match(waiting.stderr, /^remove: refused, for key a was used less than an hour ago/);
        assert.strictEqual((await keys("dev", "remove", "--force")).status, 0);
        assert.strictEqual(setting("accessKeyA"), "absent");
        await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: old.id }));
        await use(fresh.id, fresh.secret);
        const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
        assert.deepStrictEqual(
            AccessKeyMetadata?.map(({ AccessKeyId, Status }) => [AccessKeyId, Status]),
            [[fresh.id, "Active"]],
        );
    });

    it("has left the rest of the stack's file as it was", () => {
        assert.strictEqual(
            readFileSync(path.join(project, "Pulumi.dev.yaml"), "utf8"),
            `${stackFile}  mlflow-aws:accessKeyB: active\n  mlflow-aws:accessKeyA: absent\n`,
        );
    });

    it("says it in JSON for programs, with a key that was made by hand as such", async () => {
        outputs.clientAccessKeys = [];
        const { stdout } = await keys("dev", "--json");
        const {
            stack: name,
            keys: found,
            next,
        } = JSON.parse(stdout) as { stack: string; keys: object[]; next: unknown };
        assert.strictEqual(name, "dev");
        assert.deepStrictEqual(
            found.map((key) => "slot" in key),
            [false],
        );
        assert.strictEqual(next, null);
        assert.match((await keys("dev")).stdout, /^by hand {2}AKIA\w+ {2}active /);
    });

    it("says what it needs where the caller may not look, without a stack trace", async () => {
        const { AWS_ENDPOINT_URL, ...rest } = { AWS_ENDPOINT_URL: emulator.endpoint, HOME: folder };
        const file = path.join(folder, "outputs.json");
        const env = cleanEnvironment({
            ...rest,
            AWS_ENDPOINT_URL,
            AWS_ACCESS_KEY_ID: "AKIAUNKNOWN",
            AWS_SECRET_ACCESS_KEY: "nothing",
        });
        const command = [process.execPath, "-r", "ts-node/register", "operating/keys.ts", "dev", "--outputs", file];
        const { status, stderr } = await run(command, { env, cwd: project });
        assert.strictEqual(status, 5);
        assert.match(
            stderr,
            /^credentials: got InvalidClientTokenId: .*; remedy: an operator's credentials: AWS_PROFILE=/,
        );
        assert.doesNotMatch(stderr, /^\s+at /m);
    });

    it("has nothing to say about a stack whose teammates have roles", async () => {
        const { clientUserName, ...others } = outputs;
        assert.ok(clientUserName);
        outputs = { ...others, clientRoleArns: ["arn:aws:iam::123456789012:role/DataScientist"] };
        const { status, stderr } = await keys("dev");
        assert.strictEqual(status, 5);
        assert.match(
            stderr,
            /^stack dev has no user: its teammates sign in with arn:aws:iam::123456789012:role\/DataScientist, and/,
        );
    });

    it("never shows a secret", () => {
        assert.ok(said.length > 10);
        assert.ok(!said.join("").includes(String(outputs.clientSecretAccessKey)));
    });
});
