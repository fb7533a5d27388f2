import assert from "node:assert";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { files, giveProfile, keyLines, newKey, refused } from "../support/connectProfiles";
import { type ConnectScene, withConnectScene } from "../support/connectScene";

// When `npm run connect` leaves a teammate's AWS files alone, to the byte: there is no consent, no secret, or the profile is somebody
// else's. The emulator says whose key is whose; a stand-in says that a secret is wrong, which the emulator never does.

describe("the profile that npm run connect does not write", function () {
    this.timeout(180_000);
    let scene: ConnectScene;
    withConnectScene((made) => (scene = made));

    it("is not written without consent, where nobody can be asked", async () => {
        assert.deepStrictEqual(await refused(scene, ["--outputs", scene.write()]), [
            5,
            "profile mlflow-sandbox: got changes to write, and no terminal to ask whether they may be; allowed: a terminal, or --yes; " +
                "remedy: npm run connect -- <stack> --yes\n",
        ]);
    });

    it("is not written without the secret, where nobody can be asked", async () => {
        const [status, said] = await refused(scene, ["--outputs", scene.write({}, { secrets: false }), "--yes"]);
        assert.strictEqual(status, 5);
        assert.match(said, /^clientSecretAccessKey: got no secret from the outputs, and no terminal to ask for it; /);
    });

    it("is asked about at a terminal; no means no", async () => {
        const command = scene.connectAtTerminal(["--outputs", scene.write()]);
        await command.says(/Write it\?/);
        command.types("n\r");
        assert.strictEqual(await command.ended, 1);
        assert.match(command.stdout, /Nothing was changed\./);
        assert.deepStrictEqual(files(scene), [undefined, undefined]);
    });

    it("never takes the place of another user's", async () => {
        const { UserName, AccessKeyId, secret } = await newKey(scene, "somebody");
        giveProfile(scene, "region = us-west-1\n", keyLines(AccessKeyId, secret));
        const [status, said] = await refused(scene, ["--outputs", scene.write(), "--yes"]);
        assert.strictEqual(status, 3);
        const arn = `arn:aws:iam::123456789012:user/${UserName}`;
        assert.ok(said.includes(`not of stack sandbox: its key ${AccessKeyId} is of ${arn}; allowed:`), said);
        assert.ok(said.endsWith("nothing was changed\n"), said);
        assert.ok(!said.includes(secret));
    });

    it("never takes the place of one that nobody can tell whose it is", async () => {
        giveProfile(scene, "region = us-west-1\n", keyLines("AKIAUNKNOWN", "secret"));
        const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
        const [status, said] = await refused(scene, ["--outputs", scene.write(), "--yes"], nowhere);
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
            ["", `${keyLines("ASIA", "x")}aws_session_token = y\n`, /by aws_session_token;/],
        ] as const) {
            giveProfile(scene, config, credentials);
            const [status, said] = await refused(scene, ["--outputs", scene.write(), "--yes"]);
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
            const [status, said] = await refused(scene, ["--outputs", scene.write(), "--yes"], {
                AWS_ENDPOINT_URL: endpoint,
            });
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
});
