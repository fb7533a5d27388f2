import assert from "node:assert";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as iam from "@aws-sdk/client-iam";
import { roleProfileConfigSnippet } from "../../handover";
import { run } from "../../sandbox/processes";
import { Command, ConnectScene, smallServer } from "../support/connectScene";
import { hasProc, processesOf } from "../support/sandbox";

// What `npm run connect` does to a teammate's AWS files: the real AWS CLI writes them, an emulator says whose key is whose. Not
// proved here: IAM Identity Center's sign-in, AWS's own delays with a new key, and AWS CLI 2, which asks the same four questions.

describe("the profile that npm run connect writes", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    let server: http.Server;
    let socket: string;

    before(async () => {
        scene = await ConnectScene.start();
        socket = path.join(scene.folder, "mlflow.sock");
        server = await smallServer(socket);
    });
    beforeEach(() => scene.reset(socket));
    afterEach(() => Command.endAll());
    after(async () => {
        server?.close();
        await scene?.stop();
    });

    const files = () => [scene.awsFile("config"), scene.awsFile("credentials")];
    const place = (name: string) => path.join(scene.home, ".aws", name);
    /** Files with a profile of the stack's name, between others. */
    const give = (config: string, credentials: string): void => {
        const other = "[profile other]\n# mine\nregion=eu-west-3\n\n";
        writeFileSync(place("config"), `${other}${config && `[profile ${scene.outputs.profileName}]\n${config}`}`);
        writeFileSync(
            place("credentials"),
            `${credentials && `[${scene.outputs.profileName}]\n${credentials}\n`}[other]\naws_access_key_id = AKIAOTHER\n`,
        );
    };
    const key = (id: string, secret: string) => `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    const newKey = async (UserName: string) => {
        const client = scene.stack.clients.iam;
        await client.send(new iam.CreateUserCommand({ UserName })).catch(() => undefined);
        const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
        return { UserName, AccessKeyId: AccessKey!.AccessKeyId!, secret: AccessKey!.SecretAccessKey! };
    };

    /** Connects, ends by Ctrl-C, and returns what was said. */
    async function connected(words: string[], extra?: Record<string, string>): Promise<string> {
        const command = scene.connect(words, extra);
        await command.says(/Ctrl-C ends/);
        assert.strictEqual(await command.interrupt(), 0);
        assert.strictEqual(command.stderr, "");
        return command.stdout;
    }

    async function refused(words: string[], extra?: Record<string, string>): Promise<[number | null, string]> {
        const before = files();
        const command = scene.connect(words, extra);
        const status = await command.ended;
        assert.deepStrictEqual(files(), before, "the files have changed");
        assert.deepStrictEqual(scene.service.started, [], "a session was started");
        assert.doesNotMatch(command.stderr, /\n {4}at /, "a stack trace");
        return [status, command.stderr];
    }

    it("is made where there is none, and is the stack's user", async () => {
        const { clientAccessKeyId, clientSecretAccessKey, profileName, region } = scene.outputs;
        const said = await connected(["--outputs", scene.write(), "--yes"]);
        assert.deepStrictEqual(files(), [
            `[profile ${profileName}]\nregion = ${region}\noutput = json\n`,
            `[${profileName}]\n${key(clientAccessKeyId!, clientSecretAccessKey!)}`,
        ]);
        assert.strictEqual(statSync(place("credentials")).mode & 0o777, 0o600);
        assert.ok(!said.includes(clientSecretAccessKey!));
        const env = scene.environment();
        const { stdout } = await run(["aws", "sts", "get-caller-identity", "--profile", profileName], { env });
        const { Arn } = JSON.parse(stdout) as { Arn: string };
        assert.ok(said.includes(`Profile ${profileName} is ${Arn}.`), said);
        assert.match(await connected(["--outputs", scene.write()]), /^Profile mlflow-sandbox: nothing to change\.$/m);
    });

    it("stands beside others, which stay as they are to the byte", async () => {
        give("", "");
        const [config, credentials] = files();
        await connected(["--outputs", scene.write(), "--yes"]);
        const [after, secrets] = files();
        assert.ok(after!.startsWith(config!) && secrets!.startsWith(credentials!), `${after}${secrets}`);
    });

    (hasProc ? it : it.skip)("never has the secret in the arguments of a process, needs /proc", async () => {
        const command = scene.connect(["--outputs", scene.write(), "--yes"]);
        const seen = new Set<string>();
        let up = false;
        const watch = (async () => {
            for (; !up; await sleep(5)) {
                processesOf(scene.home).forEach(({ command }) => seen.add(command));
            }
        })();
        await command.says(/Ctrl-C ends/);
        up = true;
        await watch;
        await command.interrupt();
        const all = [...seen].join("\n");
        assert.match(all, /aws configure --profile mlflow-sandbox/);
        assert.match(all, /aws ssm start-session --profile mlflow-sandbox/);
        const secret = scene.outputs.clientSecretAccessKey!;
        assert.ok(!all.includes(secret) && !(command.stdout + command.stderr).includes(secret));
    });

    it("is not written without consent, where nobody can be asked", async () => {
        assert.deepStrictEqual(await refused(["--outputs", scene.write()]), [
            5,
            "profile mlflow-sandbox: got changes to write, and no terminal to ask whether they may be; allowed: a terminal, or --yes; " +
                "remedy: npm run connect -- <stack> --yes\n",
        ]);
    });

    it("is not written without the secret, where nobody can be asked", async () => {
        const [status, said] = await refused(["--outputs", scene.write({}, { secrets: false }), "--yes"]);
        assert.strictEqual(status, 5);
        assert.match(said, /^clientSecretAccessKey: got no secret from the outputs, and no terminal to ask for it; /);
    });

    it("is asked about at a terminal; no means no", async () => {
        const command = scene.connectAtTerminal(["--outputs", scene.write()]);
        await command.says(/Write it\?/);
        command.types("n\r");
        assert.strictEqual(await command.ended, 1);
        assert.match(command.stdout, /Nothing was changed\./);
        assert.deepStrictEqual(files(), [undefined, undefined]);
    });

    it("is asked about at a terminal, the secret too, which is not shown; Ctrl-C ends it before", async () => {
        const words = ["--outputs", scene.write({}, { secrets: false })];
        const secret = scene.outputs.clientSecretAccessKey!;
        const first = scene.connectAtTerminal(words);
        await first.says(/Write it\?/);
        first.types("y\r");
        await first.says(/Secret access key of AKIA/);
        first.types("\x03");
        assert.strictEqual(await first.ended, 0, first.stdout);
        assert.deepStrictEqual(files(), [undefined, undefined]);

        const command = scene.connectAtTerminal(words);
        await command.says(/Write it\?/);
        command.types("y\r");
        await command.says(/Secret access key of AKIA/);
        command.types(`${secret}\r`);
        await command.says(/Ctrl-C ends/);
        command.types("\x03");
        assert.strictEqual(await command.ended, 0, command.stdout);
        assert.ok(files()[1]!.includes(secret));
        assert.ok(!command.stdout.includes(secret));
        assert.strictEqual(scene.service.terminated.length, 1);
    });

    it("takes the place of one with an older key of the same user, whether the outputs name it or AWS does", async () => {
        const { clientUserName, clientAccessKeyId, clientAccessKeys = [] } = scene.outputs;
        const { AccessKeyId, secret } = await newKey(clientUserName!);
        const named = [
            ...clientAccessKeys,
            { slot: "b", id: AccessKeyId, status: "Active", created: "2026-01-01T00:00:00Z" },
        ];
        for (const changes of [{}, { clientAccessKeys: named }]) {
            give("region = us-west-1\noutput = table\n", key(AccessKeyId, secret));
            const said = await connected(["--outputs", scene.write(changes), "--yes"]);
            assert.ok(said.includes(`aws_access_key_id = ${AccessKeyId} -> ${clientAccessKeyId}\n`), said);
            assert.ok(files()[1]!.includes(clientAccessKeyId!) && !files()[1]!.includes(AccessKeyId));
            assert.match(files()[0]!, /output = table/);
        }
        await scene.stack.clients.iam.send(new iam.DeleteAccessKeyCommand({ UserName: clientUserName, AccessKeyId }));
        give("region = us-west-1\n", key(AccessKeyId, secret)); // a key that AWS knows no more
        await connected(["--outputs", scene.write(), "--yes"]);
        assert.ok(files()[1]!.includes(clientAccessKeyId!));
    });

    it("never takes the place of another user's", async () => {
        const { UserName, AccessKeyId, secret } = await newKey("somebody");
        give("region = us-west-1\n", key(AccessKeyId, secret));
        const [status, said] = await refused(["--outputs", scene.write(), "--yes"]);
        assert.strictEqual(status, 3);
        const arn = `arn:aws:iam::123456789012:user/${UserName}`;
        assert.ok(said.includes(`not of stack sandbox: its key ${AccessKeyId} is of ${arn}; allowed:`), said);
        assert.ok(said.endsWith("nothing was changed\n"), said);
        assert.ok(!said.includes(secret));
    });

    it("never takes the place of one that nobody can tell whose it is", async () => {
        give("region = us-west-1\n", key("AKIAUNKNOWN", "secret"));
        const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
        const [status, said] = await refused(["--outputs", scene.write(), "--yes"], nowhere);
        assert.strictEqual(status, 3);
        assert.match(said, /its key AKIAUNKNOWN may be anybody's, for AWS does not say whose it is \(.*ECONNREFUSED/);
    });

    it("never takes the place of another kind", async () => {
        for (const [config, credentials, reason] of [
            [
                "role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = other\n",
                "",
                /by role_arn = arn.*, source_pro/,
            ],
            [
                "sso_session = corporate\nsso_account_id = 1\nsso_role_name = r\n",
                "",
                /by sso_session, sso_account_id = 1, /,
            ],
            ["credential_process = /opt/secret-4711\n", "", /by credential_process;/],
            ["region = eu-west-3\n", "", /it has no credentials, but region = eu-west-3;/],
            ["", `${key("ASIA", "x")}aws_session_token = y\n`, /by aws_session_token;/],
        ] as const) {
            give(config, credentials);
            const [status, said] = await refused(["--outputs", scene.write(), "--yes"]);
            assert.strictEqual(status, 3, said);
            assert.match(said, reason);
            assert.doesNotMatch(said, /4711/);
        }
    });

    it("is not written with a secret that is not the key's", async () => {
        const body =
            "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>wrong</Message></Error></ErrorResponse>";
        const strict = http.createServer((_, response) => response.writeHead(403).end(body));
        await new Promise<void>((resolve) => strict.listen(0, "127.0.0.1", resolve));
        try {
            const endpoint = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`;
            const [status, said] = await refused(["--outputs", scene.write(), "--yes"], { AWS_ENDPOINT_URL: endpoint });
            assert.strictEqual(status, 1);
            assert.match(
                said,
                /^key AKIA\w+: got SignatureDoesNotMatch: wrong; allowed: user mlflow-sandbox-client of account /,
            );
            assert.match(said, /remedy: ask an operator for this key's secret, .*; nothing was changed\n$/);
        } finally {
            strict.close();
        }
    });

    it("is used whatever the shell says: an empty AWS_PROFILE, another user's keys, other files", async () => {
        const { AccessKeyId, secret } = await newKey("shell");
        const elsewhere = {
            AWS_CONFIG_FILE: path.join(scene.home, "elsewhere-config"),
            AWS_SHARED_CREDENTIALS_FILE: path.join(scene.home, "elsewhere-credentials"),
        };
        await connected(["--outputs", scene.write(), "--yes"], {
            ...elsewhere,
            AWS_PROFILE: "",
            AWS_ACCESS_KEY_ID: AccessKeyId,
            AWS_SECRET_ACCESS_KEY: secret,
        });
        assert.deepStrictEqual(files(), [undefined, undefined]);
        assert.match(readFileSync(elsewhere.AWS_CONFIG_FILE, "utf8"), /^\[profile mlflow-sandbox\]$/m);
        assert.strictEqual(scene.service.started[0].keyId, scene.outputs.clientAccessKeyId);
    });

    it("is a role's where there is no user, made from the profile default", async () => {
        const AssumeRolePolicyDocument = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Action: "sts:AssumeRole",
                    Principal: { AWS: "arn:aws:iam::123456789012:user/operator" },
                },
            ],
        });
        const client = scene.stack.clients.iam;
        const { Role } = await client.send(
            new iam.CreateRoleCommand({ RoleName: "scientist", AssumeRolePolicyDocument }),
        );
        const { accessKeyId, secretAccessKey } = await client.config.credentials();
        writeFileSync(place("credentials"), `[default]\n${key(accessKeyId, secretAccessKey)}`);
        const { profileName: name, region } = scene.outputs;
        const outputs = scene.write({
            clientUserName: undefined,
            clientAccessKeyId: undefined,
            clientSecretAccessKey: undefined,
            clientAccessKeys: undefined,
            clientRoleArns: [Role!.Arn!],
            profileConfigSnippet: roleProfileConfigSnippet({ name, region, roleArn: Role!.Arn! }),
        });
        const said = await connected(["--outputs", outputs, "--yes"]);
        assert.match(said, /^Profile mlflow-sandbox is arn:aws:sts::123456789012:assumed-role\/scientist\//m);
        assert.strictEqual(
            scene.awsFile("config"),
            `[profile ${name}]\nrole_arn = ${Role!.Arn}\nsource_profile = default\nregion = ${region}\noutput = json\n`,
        );
        assert.match(await connected(["--outputs", outputs]), /nothing to change/);
    });
});
