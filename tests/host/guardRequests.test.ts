import assert from "node:assert";
import { readFileSync } from "node:fs";
import * as net from "node:net";
import { until } from "../support/sandbox";
import { api, secret, TeammateServer } from "../support/teammate";

// What a teammate with the tunnel might do by the form of a request: paths that climb, refused features in other spellings,
// pages of other people in the teammate's browser, and addresses that have the server call a service of its own network. Not
// proved: what a name of the outer world resolves to when a webhook is delivered; MLflow looks at every connection's address.

describe("a teammate's requests", function () {
    this.timeout(600_000);
    let server: TeammateServer;
    let run: { run_id: string };

    before(async () => {
        server = await TeammateServer.start();
        run = await server.makeRun("0");
    });
    after(() => server?.stop());
    afterEach(async () => {
        assert.ok(await server.unchanged(), JSON.stringify(await server.outside()));
    });

    /** Paths out of a folder to a planted object or file, as they stand in a request. */
    const climbing = () => {
        const up = ["..", "%2e%2e", "%252e%252e", "..%00", ".%2e", "%2e%2e%2f..", "..%5c..", "..;"];
        const ways = up.flatMap((step) => [`${step}/backups/secret`, `x/${step}/${step}/backups/secret`]);
        const absolute = [server.secretFile, "/backups/secret", "file:///etc/hostname", "%2Fetc%2Fhostname", "C:%5Cx"];
        return [...ways, ...absolute];
    };

    it("climb out of nothing", async () => {
        for (const way of climbing()) {
            const query = way.replaceAll("%", "%25").replaceAll("&", "%26");
            const calls: [string, string, unknown?][] = [
                ...[way, query].flatMap((given): [string, string, unknown?][] => [
                    ["GET", `/get-artifact?run_id=${run.run_id}&path=${given}`],
                    ["GET", `${api}/artifacts/list?run_id=${run.run_id}&path=${given}`],
                    ["POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run.run_id}&path=${given}`, "owned"],
                    ["GET", `/api/2.0/mlflow-artifacts/artifacts?path=${given}`],
                ]),
                ["GET", `/api/2.0/mlflow-artifacts/artifacts/${way}`],
                ["PUT", `/api/2.0/mlflow-artifacts/artifacts/${way}`, "owned"],
                ["DELETE", `/api/2.0/mlflow-artifacts/artifacts/${way}`],
                ["GET", `/api/2.0/mlflow-artifacts/presigned/${way}`],
                ["POST", `/api/2.0/mlflow-artifacts/mpu/create/${way}`, { path: way, num_parts: 1 }],
                ["POST", `/api/2.0/mlflow-artifacts/mpu/create/x`, { path: decodeURIComponent(way), num_parts: 1 }],
                [
                    "POST",
                    `${api}/artifacts/presigned-upload-url`,
                    { run_id: run.run_id, path: decodeURIComponent(way) },
                ],
                [
                    "POST",
                    `${api}/artifacts/presigned-download-url`,
                    { run_id: run.run_id, path: decodeURIComponent(way) },
                ],
                ["GET", `/static-files/${way}`],
                ["GET", `/build/${way}`],
            ];
            for (const [method, target, body] of calls) {
                const { status, text } = await server.call(method, target, { body });
                assert.ok(!text.includes(secret), `${method} ${target}: ${status}`);
                for (const [signed] of text.matchAll(/https?:\/\/127[^"]+/g)) {
                    const key = decodeURIComponent(decodeURIComponent(signed.split(/[?#]/)[0]));
                    assert.match(key, /^http:\/\/[\d.:]+\/team-artifacts\/artifacts\/(?!.*\.\.\/)/, target);
                }
            }
        }
    });

    const refusals: [string, RegExp][] = [
        ["/ajax-api/3.0/mlflow/assistant/config", /^the Assistant is off: /],
        ["/ajax-api/3.0/mlflow/assistant/config/", /^the Assistant is off: /],
        ["//ajax-api/3.0//mlflow/assistant///config", /^the Assistant is off: /],
        ["/AJAX-API/3.0/MLflow/Assistant/config", /^the Assistant is off: /],
        ["/ajax-api/3.0/mlflow/%61ssistant/config", /^the Assistant is off: /],
        ["/ajax-api/3.0/mlflow/%2561ssistant/config", /^the Assistant is off: /],
        ["/ajax-api/3.0/mlflow/assistant%2Fconfig", /^the Assistant is off: /],
        ["/ajax-api/3.0/mlflow/assistant?x=/health", /^the Assistant is off: /],
        ["/api/3.0/mlflow/assistant/config", /^the Assistant is off: /],
        ["/ajax-api/4.0/mlflow/assistant/new", /^the Assistant is off: /],
        ["/ajax-api/3.0/jobs", /^jobs are off: /],
        ["/gateway", /^the AI gateway is off: /],
        ["/gateway//openai/v1/chat/completions", /^the AI gateway is off: /],
        ["/api/3.0/mlflow/gateway/secrets/list", /^the AI gateway is off: /],
    ];
    for (const [target, reason] of refusals) {
        it(`are refused in any spelling: ${target}`, async () => {
            for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
                const { status, text } = await server.call(method, target);
                assert.strictEqual(status, 403, `${method}: ${text}`);
                assert.match((JSON.parse(text) as { message: string }).message, reason);
            }
        });
    }

    for (const target of [
        "/api/2.0/mlflow/experiments/get?experiment_id=0&x=/ajax-api/3.0/mlflow/assistant",
        "/ajax-api/3.0/mlflow/scorers/online-configs?experiment_id=0",
        "/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=api/2.0/endpoints",
        "/api/3.0/mlflow/mcp-servers",
    ]) {
        it(`are taken where only the name is alike: ${target}`, async () => {
            assert.notStrictEqual((await server.call("GET", target)).status, 403);
        });
    }

    it("by a web page of somebody else's are refused on every route that changes something", async () => {
        const foreign = { Origin: "https://evil.example" };
        const blocked = "Cross-origin request blocked";
        for (const target of [
            `${api}/experiments/create`,
            "/graphql",
            "/v1/traces",
            "/ajax-api/2.0/mlflow/runs/create",
        ]) {
            const { status, text } = await server.call("POST", target, { body: {}, headers: foreign });
            assert.strictEqual(status, 403, target);
            assert.ok(text.includes(blocked), text);
        }
        for (const origin of [
            "null",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example:5001",
            "file://",
        ]) {
            const { status, text } = await server.call("POST", "/graphql", { body: {}, headers: { Origin: origin } });
            assert.deepStrictEqual([status, text.includes(blocked)], [403, true], origin);
        }
        const own = { Origin: `http://localhost:${server.port}` };
        const query = { query: '{ test(inputString: "x") { output } }' };
        assert.strictEqual((await server.call("POST", "/graphql", { body: query, headers: own })).status, 200);
    });

    it("with the name of another host are refused", async () => {
        for (const Host of ["evil.example", `evil.example:${server.port}`, "10.0.0.7:5000", "169.254.169.254"]) {
            for (const target of ["/", "/graphql", `${api}/experiments/search`, "/get-artifact", "/v1/traces"]) {
                const { status, text } = await server.call("POST", target, { body: {}, headers: { Host } });
                assert.deepStrictEqual(
                    [status, text],
                    [403, "Invalid Host header - possible DNS rebinding attack detected"],
                    `${Host} ${target}`,
                );
            }
        }
    });

    it("have the server call nobody of its own network", async () => {
        let connections = 0;
        const listener = net.createServer((socket) => {
            connections += 1;
            socket.destroy();
        });
        await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
        const { port } = listener.address() as net.AddressInfo;
        await new Promise((resolve) => net.connect(port, "127.0.0.1").once("close", resolve));
        assert.strictEqual(connections, 1, "this test would not see a connection");

        const proxied = "/api/2.0/mlflow-artifacts/artifacts/x";
        for (const scheme of ["http", "https", "ftp", "sftp", "hdfs", "r2", "b2", "mlflow-artifacts"]) {
            const place = `${scheme}://127.0.0.1:${port}${proxied}`;
            await server.sql("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", place, run.run_id);
            await server.call("GET", `/get-artifact?run_id=${run.run_id}&path=x`);
            await server.call("GET", `${api}/artifacts/list?run_id=${run.run_id}`);
            await server.call("POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run.run_id}&path=x`, {
                body: "x",
            });
        }
        const hook = (url: string) => ({
            name: "hook",
            url,
            events: [{ entity: "REGISTERED_MODEL", action: "CREATED" }],
        });
        const names = [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0.0.0.0",
        ];
        const others = ["169.254.169.254", "[fd00:ec2::254]", "10.0.0.5", "172.16.0.1", "192.168.0.1", "100.64.0.1"];
        for (const name of [...names, ...others, "1.1.1.1@127.0.0.1"]) {
            const { status, text } = await server.call("POST", `${api}/webhooks`, {
                body: hook(`https://${name}:${port}/`),
            });
            assert.deepStrictEqual(
                [status, /must not resolve to a non-public IP address/.test(text)],
                [400, true],
                text,
            );
        }
        for (const url of [`http://127.0.0.1:${port}/`, "http://1.1.1.1/", "file:///etc/hostname", "ftp://1.1.1.1/"]) {
            const { status, text } = await server.call("POST", `${api}/webhooks`, { body: hook(url) });
            assert.deepStrictEqual([status, /Allowed schemes are: https\./.test(text)], [400, true], text);
        }
        // A public address was given, and names something else now; both the trial and a real event look again.
        const { webhook } = await server.ask<{ webhook: { webhook_id: string } }>(
            "POST",
            `${api}/webhooks`,
            hook("https://1.1.1.1/"),
        );
        await server.sql("UPDATE webhooks SET url = ?", `https://127.0.0.1:${port}/`);
        const trial = await server.call("POST", `${api}/webhooks/${webhook.webhook_id}/test`, { body: {} });
        assert.match(trial.text, /must not resolve to a non-public IP address/);
        await server.ask("POST", `${api}/registered-models/create`, { name: "after the webhook" });
        await until("the delivery has failed", 60, () =>
            /Failed to send webhook to https:\/\/127/.test(readFileSync(server.log, "utf8")),
        );
        await server.call("POST", "/ajax-api/2.0/mlflow/gateway-proxy", {
            body: { gateway_path: `gateway/127.0.0.1:${port}/invocations` },
        });
        listener.close();
        assert.strictEqual(connections, 1);
    });
});
