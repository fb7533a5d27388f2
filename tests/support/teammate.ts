import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import {
    CreateBucketCommand,
    DeleteObjectCommand,
    GetObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import type { HostSettings } from "../../components/hostInstaller";
import { startEmulator } from "../../sandbox/emulator";
import { type Result, run } from "../../commands/run";
import { forward, freePort } from "../../sandbox/processes";
import { isHealthy } from "../../sandbox/server";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "./hostSettings";
import { install, repository, startHost, temporaryFolder } from "./sandbox";

export interface Answer {
    readonly status: number;
    readonly text: string;
}

export interface Call {
    /** Sent as JSON; a text as it is. */
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
}

export const api = "/api/2.0/mlflow";

/** What no answer may hold. */
export const secret = "planted-secret-4711";

/** Objects beside the artifacts, in the server's bucket and in another one that its credentials reach too. */
const planted: readonly (readonly [bucket: string, key: string])[] = [
    [hostSettings.bucketName, "backups/secret"],
    [hostSettings.bucketName, "host/secret"],
    [hostSettings.bucketName, "artifactsX/secret"],
    ["other-team", "secret"],
];

/** The real server from host/ with the emulator's S3, and a teammate who reaches it through a forwarder. */
export class TeammateServer {
    private constructor(
        readonly folder: string,
        readonly port: number,
        readonly s3: S3Client,
        readonly log: string,
        private readonly database: string,
        private readonly environment: Record<string, string>,
        private readonly cleanups: (() => Promise<void> | void)[],
    ) {}

    static async start(settings: Partial<HostSettings> = {}): Promise<TeammateServer> {
        const python = await install();
        const folder = temporaryFolder();
        const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
        const emulator = await startEmulator(python, folder);
        cleanups.push(() => emulator.stop());
        const credentials = { accessKeyId: "host", secretAccessKey: "role" };
        const s3 = new S3Client({
            endpoint: emulator.endpoint,
            region: "us-east-1",
            credentials,
            forcePathStyle: true,
        });
        cleanups.push(() => s3.destroy());
        const environment = {
            AWS_ENDPOINT_URL: emulator.endpoint,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_EC2_METADATA_DISABLED: "true",
        };
        const { host, log, service } = startHost(python, folder, settings, environment);
        cleanups.push(() => service.stop());
        const port = await freePort();
        const tunnel = await forward(port, host.socket);
        cleanups.push(() => tunnel.close());
        const database = path.join(host.root, "var/lib/mlflow/server/mlflow.db");
        const server = new TeammateServer(folder, port, s3, log, database, environment, cleanups);
        try {
            await server.plant();
            await service.answers(() => isHealthy(host), 240);
        } catch (error) {
            await server.stop();
            throw error;
        }
        return server;
    }

    async stop(): Promise<void> {
        for (const cleanup of this.cleanups.reverse()) {
            await cleanup();
        }
    }

    /** Runs one of the host's commands, as an operator does there; by default with the right to everything in S3. */
    command(name: string, words: string[] = [], extra: Record<string, string> = {}): Promise<Result> {
        const env = {
            HOST_ROOT: path.join(this.folder, "root"),
            ...this.environment,
            ...extra,
        };
        return run([path.join(repository, "host/bin", name), ...words], { env: cleanEnvironment(env) });
    }

    /** A file on the host that is no artifact. */
    get secretFile(): string {
        return path.join(this.folder, "planted/secret");
    }

    private async plant(): Promise<void> {
        for (const Bucket of new Set(planted.map(([bucket]) => bucket))) {
            await this.s3.send(new CreateBucketCommand({ Bucket }));
        }
        for (const [bucket, key] of planted) {
            await this.put(bucket, key);
        }
        mkdirSync(path.dirname(this.secretFile));
        writeFileSync(this.secretFile, secret);
    }

    async put(Bucket: string, Key: string, Body = secret): Promise<void> {
        await this.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    }

    async remove(Bucket: string, Key: string): Promise<void> {
        await this.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }

    /** What lies outside of the artifacts, in S3: every key, with its text. */
    async outside(): Promise<Record<string, string | undefined>> {
        const found: Record<string, string | undefined> = {};
        for (const Bucket of new Set(planted.map(([bucket]) => bucket))) {
            const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket }));
            const keys = Contents.map(({ Key }) => Key!);
            for (const Key of keys.filter(
                (key) => Bucket !== hostSettings.bucketName || !key.startsWith("artifacts/"),
            )) {
                const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
                found[`${Bucket}/${Key}`] = await Body?.transformToString();
            }
        }
        return found;
    }

    /** A request with its path as it is given; the address of a tunnel for a host, where nothing else is said. */
    call(method: string, target: string, { body, headers = {} }: Call = {}): Promise<Answer> {
        const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
        const all: http.OutgoingHttpHeaders = { Host: `localhost:${this.port}`, ...headers };
        if (text !== undefined) {
            all["Content-Type"] ??= "application/json";
            all["Content-Length"] = Buffer.byteLength(text);
        }
        return new Promise((resolve, reject) => {
            const options = { host: "127.0.0.1", port: this.port, method, path: target, headers: all };
            const request = http.request(options, (response) => {
                let answer = "";
                response.setEncoding("utf8").on("data", (part: string) => (answer += part));
                response.once("end", () => resolve({ status: response.statusCode!, text: answer }));
            });
            request.once("error", reject).end(text);
        });
    }

    /** @throws with the answer, when it is not a success; returns what it holds */
    async ask<T>(method: string, target: string, body?: unknown): Promise<T> {
        const { status, text } = await this.call(method, target, { body });
        if (status !== 200) {
            throw new Error(`${method} ${target}: ${status} ${text}`);
        }
        return JSON.parse(text) as T;
    }

    async makeExperiment(name: string, artifact_location?: string): Promise<string> {
        const body = { name, artifact_location };
        return (await this.ask<{ experiment_id: string }>("POST", `${api}/experiments/create`, body)).experiment_id;
    }

    async makeRun(experiment_id: string): Promise<{ run_id: string; artifact_uri: string }> {
        type Created = { run: { info: { run_id: string; artifact_uri: string } } };
        return (await this.ask<Created>("POST", `${api}/runs/create`, { experiment_id })).run.info;
    }

    /** Changes rows of the database behind the server's back, as somebody did who was there before it. */
    async sql(statement: string, ...values: string[]): Promise<void> {
        const script =
            "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=20) as connection:\n" +
            "    assert connection.execute(sys.argv[2], sys.argv[3:]).rowcount == 1";
        const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
        const { status, stderr } = await run([python, "-c", script, this.database, statement, ...values], {
            env: cleanEnvironment(),
        });
        if (status !== 0) {
            throw new Error(stderr);
        }
    }

    /** Whether everything outside is as it was planted. */
    async unchanged(): Promise<boolean> {
        const wanted = Object.fromEntries(planted.map(([bucket, key]) => [`${bucket}/${key}`, secret]));
        const found = await this.outside();
        return (
            JSON.stringify(Object.entries(found).sort()) === JSON.stringify(Object.entries(wanted).sort()) &&
            JSON.stringify(readdirSync(path.dirname(this.secretFile))) === '["secret"]' &&
            readFileSync(this.secretFile, "utf8") === secret
        );
    }
}
