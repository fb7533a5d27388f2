import assert from "node:assert";
import { spawn } from "node:child_process";
import * as net from "node:net";
import * as path from "node:path";
import { ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { Result } from "../../commands/run";
import { cleanEnvironment, toolFolder } from "../../sandbox/tools";
import type { StepReport } from "../../teammate/smoke/steps";
import { hostSettings } from "./hostSettings";
import { writeOutputs } from "./outputsFile";
import { repository } from "./sandbox";
import { api, TeammateServer } from "./teammate";

// What tests of `npm run smoke` share: the command, the real server, and what is left in it.

const Bucket = hostSettings.bucketName;
export const clientPython = path.join(toolFolder("client"), "python");

/** What the command says to programs. */
export interface Report {
    readonly stack: string;
    readonly steps: readonly StepReport[];
    readonly passed: boolean;
}

export const detailOf = ({ steps }: Report, name: string): string =>
    steps.find((step) => step.name === name)?.detail ?? "";

interface Experiment {
    readonly experiment_id: string;
    readonly name: string;
}

/** The command, as npm starts it. Other words of the shell stand in its environment, which must not matter. */
export function smoke(words: readonly string[], extra: Record<string, string> = {}) {
    const node = ["-r", "./scripts/compileCache.js", "-r", "ts-node/register", "teammate/smoke.ts", ...words];
    const env = cleanEnvironment({ AWS_PROFILE: "nobody", MLFLOW_TRACKING_URI: "http://localhost:1", ...extra });
    const child = spawn(process.execPath, node, { cwd: repository, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<Result>((resolve, reject) =>
        child.once("close", (status) =>
            /X-Amz-(Signature|Credential)/.test(stdout + stderr)
                ? reject(new Error("a signed address is shown"))
                : resolve({ status, stdout, stderr }),
        ),
    );
    return { child, ended };
}

/** The real server, and a stack's outputs that lead to it. */
export class SmokeScene {
    /** What is in the bucket without a smoke test. */
    planted: readonly string[] = [];

    private constructor(readonly server: TeammateServer) {}

    static async start(): Promise<SmokeScene> {
        const scene = new SmokeScene(await TeammateServer.start());
        scene.planted = await scene.keys();
        return scene;
    }

    /** A file for --outputs. */
    async outputs(name: string, settings: Record<string, unknown> = {}): Promise<string> {
        const file = path.join(this.server.folder, `${name}.json`);
        await writeOutputs(file, { localPort: this.server.port, ...settings });
        return file;
    }

    async keys(): Promise<string[]> {
        const { Contents = [] } = await this.server.s3.send(new ListObjectsV2Command({ Bucket }));
        return Contents.map(({ Key }) => Key!);
    }

    async unfinishedUploads(): Promise<number> {
        const { Uploads = [] } = await this.server.s3.send(new ListMultipartUploadsCommand({ Bucket }));
        return Uploads.length;
    }

    async experiments(view_type: "ACTIVE_ONLY" | "ALL"): Promise<Experiment[]> {
        const body = { max_results: 100, view_type };
        const found = await this.server.ask<{ experiments?: Experiment[] }>("POST", `${api}/experiments/search`, body);
        return found.experiments ?? [];
    }

    /** Nothing that a person would see, and nothing in S3. */
    async nothingIsLeft(): Promise<void> {
        assert.deepStrictEqual(await this.keys(), this.planted);
        assert.strictEqual(await this.unfinishedUploads(), 0);
        const active = await this.experiments("ACTIVE_ONLY");
        assert.deepStrictEqual(
            active.map(({ name }) => name),
            ["Default"],
        );
        const experiment_ids = (await this.experiments("ALL")).map(({ experiment_id }) => experiment_id);
        const body = { experiment_ids, run_view_type: "ACTIVE_ONLY" };
        const { runs = [] } = await this.server.ask<{ runs?: unknown[] }>("POST", `${api}/runs/search`, body);
        assert.deepStrictEqual(runs, []);
    }

    /** Runs the command, and reads what it says to programs. */
    async report(file: string, ...words: string[]): Promise<Report & Result> {
        const result = await smoke(["--outputs", file, "--python", clientPython, "--json", ...words]).ended;
        return { ...result, ...(JSON.parse(result.stdout) as Report) };
    }
}

/** A tunnel that passes everything but requests to this place, and says when one has come. */
export async function holding(port: number, place: string) {
    let come: () => void;
    const arrived = new Promise<void>((resolve) => (come = resolve));
    const sockets: net.Socket[] = [];
    const proxy = net.createServer((client) => {
        const server = net.connect(port, "127.0.0.1");
        sockets.push(client, server);
        server.on("error", () => client.destroy()).pipe(client);
        client
            .on("error", () => server.destroy())
            .on("data", (data: Buffer) => {
                if (data.includes(place)) {
                    come();
                } else {
                    server.write(data);
                }
            });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const close = () => {
        sockets.forEach((socket) => socket.destroy());
        proxy.close();
    };
    return { port: (proxy.address() as net.AddressInfo).port, arrived, close };
}
