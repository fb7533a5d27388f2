import assert from "node:assert";
import { rmSync } from "node:fs";
import * as net from "node:net";
import { type HostFolder, isHealthy } from "../../sandbox/server";
import type { Service } from "../../sandbox/processes";
import { install, startHost, temporaryFolder } from "../support/sandbox";

// Why answers must be whole: host/mlflow_host/whole.py. What comes of it when a tunnel drops: tests/teammate/connectDrops.test.ts.
// Not proved: that those which are longer than a packet arrive in one piece; no server can see to that.

describe("an answer of the server", function () {
    this.timeout(300_000);
    let folder: string;
    let host: HostFolder;
    let service: Service | undefined;

    before(async () => {
        folder = temporaryFolder();
        const started = startHost(await install(), folder);
        ({ host, service } = started);
        await service.answers(() => isHealthy(host), 240);
    });
    after(async () => {
        await service?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    /** The pieces in which an answer arrives. */
    const pieces = (request: string) =>
        new Promise<string[]>((resolve, reject) => {
            const found: string[] = [];
            const socket = net
                .connect(host.socket)
                .setEncoding("utf8")
                .on("data", (text: string) => found.push(text));
            socket.once("error", reject).once("end", () => resolve(found));
            socket.write(`${request}\r\nHost: localhost:5001\r\nConnection: close\r\n\r\n`);
        });

    it("arrives in one piece, head and body, whoever of the server's parts gives it", async () => {
        for (const [request, status] of [
            ["GET /api/2.0/mlflow/experiments/get?experiment_id=0 HTTP/1.1", 200],
            ["GET /api/2.0/mlflow/experiments/get?experiment_id=4711 HTTP/1.1", 404],
            ["GET /version HTTP/1.1", 200],
            ["GET /ajax-api/3.0/mlflow/server-info HTTP/1.1", 200],
        ] as const) {
            for (let count = 0; count < 50; count++) {
                const found = await pieces(request);
                assert.match(found[0], new RegExp(`^HTTP/1\\.1 ${status} `), request);
                assert.strictEqual(found.length, 1, `${request}: ${found.join(" | ")}`);
                assert.match(found[0], /\r\n\r\n[^]/, `${request}: without a body`);
            }
        }
    });
});
