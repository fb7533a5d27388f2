import assert from "node:assert";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as iam from "@aws-sdk/client-iam";
import { roleProfileConfigSnippet } from "../../handover";
import { run } from "../../commands/run";
import { connected, files, giveProfile, keyLines, newKey, place } from "../support/connectProfiles";
import { type ConnectScene, withConnectScene } from "../support/connectScene";
import { hasProc, processesOf } from "../support/sandbox";

// What `npm run connect` does to a teammate's AWS files: the real AWS CLI writes them, an emulator says whose key is whose. Not
// proved here: IAM Identity Center's sign-in, AWS's own delays with a new key, and AWS CLI 2, which asks the same four questions. What it refuses:
// connectProfileRefusals.test.ts.

describe("the profile that npm run connect writes", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    withConnectScene((made) => (scene = made));

    it("is made where there is none, and is the stack's user", async () => {
        const { clientAccessKeyId, clientSecretAccessKey, profileName, region } = scene.outputs;
        const said = await connected(scene, ["--outputs", scene.write(), "--yes"]);
        assert.deepStrictEqual(files(scene), [
            `[profile ${profileName}]\nregion = ${region}\noutput = json\n`,
            `[${profileName}]\n${keyLines(clientAccessKeyId!, clientSecretAccessKey!)}`,
        ]);
        assert.strictEqual(statSync(place(scene, "credentials")).mode & 0o777, 0o600);
        assert.ok(!said.includes(clientSecretAccessKey!));
        const env = scene.environment();
        const { stdout } = await run(["aws", "sts", "get-caller-identity", "--profile", profileName], { env });
        const { Arn } = JSON.parse(stdout) as { Arn: string };
        assert.ok(said.includes(`Profile ${profileName} is ${Arn}.`), said);
        assert.match(
            await connected(scene, ["--outputs", scene.write()]),
            /^Profile mlflow-sandbox: nothing to change\.$/m,
        );
    });

    it("stands beside others, which stay as they are to the byte", async () => {
        giveProfile(scene, "", "");
        const [config, credentials] = files(scene);
        await connected(scene, ["--outputs", scene.write(), "--yes"]);
        const [after, secrets] = files(scene);
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

    it("is asked about at a terminal, the secret too, which is not shown; Ctrl-C ends it before", async () => {
        const words = ["--outputs", scene.write({}, { secrets: false })];
        const secret = scene.outputs.clientSecretAccessKey!;
        const first = scene.connectAtTerminal(words);
        await first.says(/Write it\?/);
        first.types("y\r");
        await first.says(/Secret access key of AKIA/);
        first.types("\x03");
        assert.strictEqual(await first.ended, 0, first.stdout);
        assert.deepStrictEqual(files(scene), [undefined, undefined]);

        const command = scene.connectAtTerminal(words);
        await command.says(/Write it\?/);
        command.types("y\r");
        await command.says(/Secret access key of AKIA/);
        command.types(`${secret}\r`);
        await command.says(/Ctrl-C ends/);
        command.types("\x03");
        assert.strictEqual(await command.ended, 0, command.stdout);
        assert.ok(files(scene)[1]!.includes(secret));
        assert.ok(!command.stdout.includes(secret));
        assert.strictEqual(scene.service.terminated.length, 1);
    });

    it("takes the place of one with an older key of the same user, whether the outputs name it or AWS does", async () => {
        const { clientUserName, clientAccessKeyId, clientAccessKeys = [] } = scene.outputs;
        const { AccessKeyId, secret } = await newKey(scene, clientUserName!);
        const named = [
            ...clientAccessKeys,
            { slot: "b", id: AccessKeyId, status: "Active", created: "2026-01-01T00:00:00Z" },
        ];
        for (const changes of [{}, { clientAccessKeys: named }]) {
            giveProfile(scene, "region = us-west-1\noutput = table\n", keyLines(AccessKeyId, secret));
            const said = await connected(scene, ["--outputs", scene.write(changes), "--yes"]);
            assert.ok(said.includes(`aws_access_key_id = ${AccessKeyId} -> ${clientAccessKeyId}\n`), said);
            assert.ok(files(scene)[1]!.includes(clientAccessKeyId!) && !files(scene)[1]!.includes(AccessKeyId));
            assert.match(files(scene)[0]!, /output = table/);
        }
        await scene.stack.clients.iam.send(new iam.DeleteAccessKeyCommand({ UserName: clientUserName, AccessKeyId }));
        giveProfile(scene, "region = us-west-1\n", keyLines(AccessKeyId, secret)); // a key that AWS knows no more
        await connected(scene, ["--outputs", scene.write(), "--yes"]);
        assert.ok(files(scene)[1]!.includes(clientAccessKeyId!));
    });

    it("is used whatever the shell says: an empty AWS_PROFILE, another user's keys, other files", async () => {
        const { AccessKeyId, secret } = await newKey(scene, "shell");
        const elsewhere = {
            AWS_CONFIG_FILE: path.join(scene.home, "elsewhere-config"),
            AWS_SHARED_CREDENTIALS_FILE: path.join(scene.home, "elsewhere-credentials"),
        };
        await connected(scene, ["--outputs", scene.write(), "--yes"], {
            ...elsewhere,
            AWS_PROFILE: "",
            AWS_ACCESS_KEY_ID: AccessKeyId,
            AWS_SECRET_ACCESS_KEY: secret,
        });
        assert.deepStrictEqual(files(scene), [undefined, undefined]);
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
        writeFileSync(place(scene, "credentials"), `[default]\n${keyLines(accessKeyId, secretAccessKey)}`);
        const { profileName: name, region } = scene.outputs;
        const outputs = scene.write({
            clientUserName: undefined,
            clientAccessKeyId: undefined,
            clientSecretAccessKey: undefined,
            clientAccessKeys: undefined,
            clientRoleArns: [Role!.Arn!],
            profileConfigSnippet: roleProfileConfigSnippet({ name, region, roleArn: Role!.Arn! }),
        });
        const said = await connected(scene, ["--outputs", outputs, "--yes"]);
        assert.match(said, /^Profile mlflow-sandbox is arn:aws:sts::123456789012:assumed-role\/scientist\//m);
        assert.strictEqual(
            scene.awsFile("config"),
            `[profile ${name}]\nrole_arn = ${Role!.Arn}\nsource_profile = default\nregion = ${region}\noutput = json\n`,
        );
        assert.match(await connected(scene, ["--outputs", outputs]), /nothing to change/);
    });
});
