import { createHash } from "node:crypto";
import * as net from "node:net";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
    CreateBucketCommand,
    GetObjectCommand,
    ListMultipartUploadsCommand,
    ListObjectsV2Command,
    S3Client,
} from "@aws-sdk/client-s3";
import { startEmulator } from "../../sandbox/emulator";
import { freePort } from "../../sandbox/processes";
import { hostSettings } from "./hostSettings";

const Bucket = hostSettings.bucketName;

/** The emulator's S3 with the bucket of the host, behind a relay that can be shut. */
export class DrillStore {
    private relay?: net.Server;
    private readonly sockets = new Set<net.Socket>();

    private constructor(
        readonly s3: S3Client,
        /** Of the emulator itself. */
        readonly emulator: string,
        private readonly port: number,
        private readonly key: { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string },
        private readonly end: () => Promise<void>,
    ) {}

    static async start(python: string, folder: string): Promise<DrillStore> {
        const emulator = await startEmulator(python, folder);
        const credentials = { accessKeyId: "operator", secretAccessKey: "operator" };
        const { endpoint } = emulator;
        const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
        await s3.send(new CreateBucketCommand({ Bucket }));
        const key = await keyWithoutRights(endpoint);
        const store = new DrillStore(s3, endpoint, await freePort(), key, () => emulator.stop());
        await store.open();
        return store;
    }

    /** What the host needs to use it. */
    get env(): Record<string, string> {
        return { AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`, ...this.key };
    }

    open(): Promise<void> {
        const { hostname, port } = new URL(this.emulator);
        const relay = net.createServer((client) => {
            const upstream = net.connect(Number(port), hostname);
            for (const [from, to] of [
                [client, upstream],
                [upstream, client],
            ]) {
                this.sockets.add(from);
                from.once("close", () => this.sockets.delete(from)).on("error", () => to.destroy());
                from.pipe(to);
            }
        });
        this.relay = relay;
        return new Promise((resolve) => relay.listen(this.port, "127.0.0.1", () => resolve()));
    }

    /** From now on connections to it are refused; those that there are break. */
    shut(): Promise<void> {
        const { relay } = this;
        this.relay = undefined;
        const closed = new Promise<void>((resolve) => (relay ? relay.close(() => resolve()) : resolve()));
        this.sockets.forEach((socket) => socket.destroy());
        return closed;
    }

    /** The names of the objects below a prefix. */
    async keys(Prefix = ""): Promise<string[]> {
        const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
        return Contents.map(({ Key }) => Key!);
    }

    /** The hash of an artifact's content. */
    async sha256(run: string, name: string): Promise<string> {
        const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key: artifactKey(run, name) }));
        return createHash("sha256")
            .update((await Body?.transformToByteArray()) ?? "")
            .digest("hex");
    }

    /** How many uploads in parts have begun and not ended. */
    async unfinished(): Promise<number> {
        const { Uploads = [] } = await this.s3.send(new ListMultipartUploadsCommand({ Bucket }));
        return Uploads.length;
    }

    async stop(): Promise<void> {
        await this.shut();
        this.s3.destroy();
        await this.end();
    }
}

/** Of a caller who may do everything until the emulator looks at policies, and then nothing. */
async function keyWithoutRights(endpoint: string) {
    const credentials = { accessKeyId: "operator", secretAccessKey: "operator" };
    const iam = new IAMClient({ endpoint, region: "us-east-1", credentials });
    await iam.send(new CreateUserCommand({ UserName: "host" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "host" }));
    iam.destroy();
    return { AWS_ACCESS_KEY_ID: AccessKey!.AccessKeyId!, AWS_SECRET_ACCESS_KEY: AccessKey!.SecretAccessKey! };
}

/** Where an artifact lies in the bucket. */
export const artifactKey = (run: string, name: string): string => `artifacts/0/${run}/artifacts/${name}`;
