import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as s3 from "@aws-sdk/client-s3";
import { anybodysClients } from "../../sandbox/aws/emulatedAws";
import type { Clients } from "../../sandbox/aws/handlers";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { type Result, run } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { install, repository, temporaryFolder } from "../support/sandbox";

const Bucket = "models";
const region = "us-west-1";

export const address = `s3://${Bucket}/artifacts`;
export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Ends when a new second has begun, so that whatever comes now is later than the moment that it returns. */
export async function endOfSecond(): Promise<Date> {
    const moment = new Date();
    await sleep(1050 - moment.getMilliseconds());
    return moment;
}

/** For the tests of a suite: an emulator of their own, and before each of them an empty bucket. */
export function withEmulatedBucket(use: (bucket: EmulatedBucket) => void): void {
    let folder: string | undefined;
    let emulator: Emulator | undefined;
    let bucket: EmulatedBucket;
    before(async () => {
        folder = temporaryFolder();
        emulator = await startEmulator(await install(), folder);
        bucket = new EmulatedBucket(emulator.endpoint, folder);
        use(bucket);
    });
    beforeEach(() => bucket.createAnew());
    after(async () => {
        await emulator?.stop();
        if (folder) {
            rmSync(folder, { recursive: true, force: true });
        }
    });
}

/** A bucket of the emulator, and the command that works on it. */
export class EmulatedBucket {
    public readonly name = Bucket;
    public readonly clients: Clients;

    /** @param home an empty folder, so that no profile of this machine is used */
    constructor(
        readonly endpoint: string,
        private readonly home: string,
    ) {
        this.clients = anybodysClients(endpoint, region);
    }

    /** Forgets everything that the emulator holds. */
    public async createAnew(): Promise<void> {
        await fetch(`${this.endpoint}/moto-api/reset`, { method: "POST" });
        const CreateBucketConfiguration = { LocationConstraint: region } as const;
        await this.clients.s3.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    }

    public async setVersioning(Status: "Enabled" | "Suspended"): Promise<void> {
        const VersioningConfiguration = { Status };
        await this.clients.s3.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }

    public async put(Key: string, body: string | Buffer, extra: Partial<s3.PutObjectCommandInput> = {}): Promise<void> {
        await this.clients.s3.send(new s3.PutObjectCommand({ Bucket, Key, Body: Buffer.from(body), ...extra }));
    }

    public async remove(Key: string): Promise<void> {
        await this.clients.s3.send(new s3.DeleteObjectCommand({ Bucket, Key }));
    }

    public async contentOf(Key: string): Promise<string> {
        const { Body } = await this.clients.s3.send(new s3.GetObjectCommand({ Bucket, Key }));
        return Buffer.from(await Body!.transformToByteArray()).toString("base64");
    }

    /** The content of everything that is there now. */
    public async objects(): Promise<Record<string, string>> {
        const found: Record<string, string> = {};
        for await (const { Contents = [] } of s3.paginateListObjectsV2({ client: this.clients.s3 }, { Bucket })) {
            for (const { Key } of Contents) {
                found[Key!] = await this.contentOf(Key!);
            }
        }
        return found;
    }

    /** Every version and every marker. */
    public async versions(): Promise<string[]> {
        const found: string[] = [];
        for (let page: s3.ListObjectVersionsCommandOutput | undefined; !page || page.IsTruncated;) {
            const markers = { KeyMarker: page?.NextKeyMarker, VersionIdMarker: page?.NextVersionIdMarker };
            page = await this.clients.s3.send(new s3.ListObjectVersionsCommand({ Bucket, ...markers }));
            const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
            found.push(...entries.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId} ${IsLatest}`));
        }
        return found.sort();
    }

    /** Runs the command restore-artifacts as an operator does, with these credentials and no region. */
    public command(words: string[], accessKeyId?: string, secretAccessKey?: string): Promise<Result> {
        const command = ["npm", "run", "--silent", "restore-artifacts", "--", ...words];
        return run(command, { env: this.environment(accessKeyId, secretAccessKey), cwd: repository });
    }

    /** Of an operator's shell, with these credentials and no region. */
    public environment(accessKeyId = "anybody", secretAccessKey = "anything"): NodeJS.ProcessEnv {
        return cleanEnvironment({
            HOME: this.home,
            AWS_ENDPOINT_URL: this.endpoint,
            AWS_EC2_METADATA_DISABLED: "true",
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
        });
    }
}
