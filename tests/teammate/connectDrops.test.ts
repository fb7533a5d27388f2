import assert from "node:assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isHealthy } from "../../sandbox/server";
import { toolFolder } from "../../sandbox/tools";
import { Command, ConnectScene } from "../support/connectScene";
import { SshScene } from "../support/connectSsh";
import { lacksSshServers } from "../support/sshServer";
import { hasProc, processesOf, repository, startHost, until, skipFor } from "../support/sandbox";

// The tunnel is killed 20 times under a client that logs metrics as fast as it can: the client loses nothing. Server and client
// are real. Not proved here: drops of the service's own kind, and those that last longer than the client tries (some minutes).

const kills = 20;
const results = path.join(repository, "test-artifacts/reconnects.json");

interface Scene {
    readonly connect: Command;
    /** Starts a command in the same place. */
    readonly start: (command: string[]) => Command;
    /** Process group of the program that holds the tunnel; nothing while there is none. */
    readonly tunnel: () => number | undefined;
}

/** @returns seconds from each kill until MLflow answered again */
async function drops({ connect, start, tunnel }: Scene): Promise<number[]> {
    const exports = /^export .*$/gm;
    const lines = connect.stdout.match(exports)!.join("\n");
    const python = path.join(toolFolder("client"), "python");
    const client = start([
        "bash",
        "--norc",
        "-euc",
        `${lines}\nexec "$0" "$@"`,
        python,
        path.join(repository, "tests/support/connectClient.py"),
    ]);
    // MLflow prints lines of its own.
    const acknowledged = () => [...client.stdout.matchAll(/^step (\d+)$/gm)].map(([, step]) => Number(step));
    const logsMore = async () => {
        const before = acknowledged().length;
        await until(`the client logs more: ${client.stderr}`, 150, () => acknowledged().length > before + 2);
    };
    const seconds: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
        await logsMore();
        await sleep((kill * 1379) % 6000); // anywhere in its work, and before and after the tunnel counts as settled
        const said = connect.stdout.length;
        process.kill(-tunnel()!, "SIGKILL");
        const start = performance.now();
        await connect.says(/Connected again after/, said);
        seconds.push((performance.now() - start) / 1000);
    }
    await logsMore();
    client.endInput();
    assert.strictEqual(await client.ended, 0, client.stderr);
    const steps = acknowledged();
    assert.deepStrictEqual(
        steps,
        steps.map((_, index) => index),
    );
    const stored = JSON.parse(/^stored (.*)$/m.exec(client.stdout)![1]) as number[];
    assert.deepStrictEqual(
        stored.sort((a, b) => a - b),
        steps,
    );
    return seconds;
}

/** For the docs. */
function note(way: string, seconds: readonly number[]): string {
    const sorted = [...seconds].sort((a, b) => a - b);
    const rounded = (value: number) => Number(value.toFixed(1));
    const summary = {
        kills: sorted.length,
        median: rounded((sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2),
        most: rounded(sorted.at(-1)!),
        seconds: seconds.map(rounded),
    };
    mkdirSync(path.dirname(results), { recursive: true });
    const known = (() => {
        try {
            return JSON.parse(readFileSync(results, "utf8")) as object;
        } catch {
            return {};
        }
    })();
    writeFileSync(results, `${JSON.stringify({ ...known, [way]: summary }, undefined, 2)}\n`);
    return `${summary.kills} kills, connected again after ${summary.median} s (median), ${summary.most} s (most)`;
}

(hasProc ? describe : describe.skip)("a tunnel that is killed 20 times, needs /proc", function () {
    this.timeout(600_000);

    it("costs a client nothing over Session Manager", async function () {
        const scene = await ConnectScene.start();
        const folder = path.join(scene.folder, "server");
        mkdirSync(folder);
        const { host, service } = startHost(scene.python, folder);
        try {
            await service.answers(() => isHealthy(host), 240);
            scene.reset(host.socket);
            const connect = scene.connect(["--outputs", scene.write(), "--yes"]);
            await connect.says(/Ctrl-C ends/);
            const seconds = await drops({
                connect,
                start: (command) => new Command(command, scene.environment()),
                tunnel: () => processesOf(scene.home).find(({ command }) => command.includes("start-session"))?.group,
            });
            assert.strictEqual(await connect.interrupt(), 0);
            assert.deepStrictEqual(scene.left(), []);
            this.test!.title += `: ${note("Session Manager (stand-in for the service and its plugin)", seconds)}`;
        } finally {
            await Command.endAll();
            await service.stop();
            await scene.stop();
        }
    });

    it("costs a client nothing over SSH (skipped unless root on Linux, with systemd and sshd)", async function () {
        skipFor(await lacksSshServers(), this);
        const scene = await SshScene.start();
        try {
            const connect = scene.connect();
            await connect.says(/Ctrl-C ends/);
            const seconds = await drops({
                connect,
                start: (command) => scene.start(command),
                tunnel: () => scene.tunnel(),
            });
            assert.strictEqual(await connect.interrupt(), 0);
            await until("nothing is left running", 5, () => scene.left().length === 0);
            this.test!.title += `: ${note("SSH", seconds)}`;
        } finally {
            await Command.endAll();
            await scene.stop();
        }
    });
});
