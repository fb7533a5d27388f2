import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import * as ssm from "@aws-sdk/client-ssm";
import { type Emulator, startEmulator } from "../../sandbox/emulator";
import { createStack, type EmulatedStack, enforceIam } from "../../sandbox/emulatedStack";
import type { Places } from "./enforcedCalls";
import { install, temporaryFolder } from "./sandbox";

const otherBucket = "another-team";
const otherUser = "somebody-else";
const parameter = "/another-team/password";

/** Keys of the stack's bucket, beside the host's bundle. */
export const planted = ["artifacts/changing", "artifacts/planted", "artifactsX/planted", "backups/planted", "planted"];

/** For the tests of a suite: an emulator of their own, and a folder that goes with it. */
export function withEmulator(use: (emulator: Emulator, folder: string, python: string) => void): void {
    let folder: string | undefined;
    let emulator: Emulator | undefined;
    before(async () => {
        const python = await install();
        folder = temporaryFolder();
        emulator = await startEmulator(python, folder);
        use(emulator, folder, python);
    });
    after(async () => {
        await emulator?.stop();
        if (folder) {
            rmSync(folder, { recursive: true, force: true });
        }
    });
}

type Kinds = Record<string, Record<string, unknown[]>>;

/** A stack in an emulator that checks every caller, alone but for what another team has in the same account. */
export class EnforcedStack {
    private constructor(
        readonly endpoint: string,
        readonly stack: EmulatedStack,
        readonly places: Places,
        /** Keys of a user of the account who has nothing to do with the stack. */
        readonly stranger: Readonly<Record<string, string>>,
    ) {}

    /** Forgets everything that the emulator holds, and creates the stack with these settings. */
    static async createAnew(endpoint: string, settings: Record<string, unknown>): Promise<EnforcedStack> {
        await enforceIam(endpoint, false);
        await fetch(`${endpoint}/moto-api/reset`, { method: "POST" });
        const stack = await createStack(endpoint, settings);
        const bucket = stack.output("bucketName");
        const { clients } = stack;
        const put = async (Bucket: string, Key: string) =>
            (await clients.s3.send(new s3.PutObjectCommand({ Bucket, Key, Body: `planted as ${Key}` }))).VersionId!;
        const CreateBucketConfiguration = { LocationConstraint: clients.region as s3.BucketLocationConstraint };
        await clients.s3.send(new s3.CreateBucketCommand({ Bucket: otherBucket, CreateBucketConfiguration }));
        await put(otherBucket, "artifacts/planted");
        const oldVersion = await put(bucket, "artifacts/changing");
        for (const key of planted) {
            await put(bucket, key);
        }
        await clients.iam.send(new iam.CreateUserCommand({ UserName: otherUser }));
        const { AccessKey } = await clients.iam.send(new iam.CreateAccessKeyCommand({ UserName: otherUser }));
        await clients.ssm.send(new ssm.PutParameterCommand({ Name: parameter, Type: "SecureString", Value: "secret" }));
        const inputs = (type: string) => stack.evaluation.resources.find((resource) => resource.type === type)!.inputs;
        const places = {
            ...{ bucket, otherBucket, oldVersion, otherUser, parameter },
            bundle: String(inputs("aws:s3/bucketObjectv2:BucketObjectv2").key),
            user: stack.output("clientUserName"),
            userKey: stack.output("clientAccessKeyId"),
            otherKey: AccessKey!.AccessKeyId!,
            group: String(inputs("aws:iam/groupPolicy:GroupPolicy").group),
            roleArn: stack.output("serverRoleArn"),
            role: stack.output("serverRoleArn").split("/").at(-1)!,
            instance: stack.output("instanceId"),
        };
        const stranger = {
            AWS_ACCESS_KEY_ID: AccessKey!.AccessKeyId!,
            AWS_SECRET_ACCESS_KEY: AccessKey!.SecretAccessKey!,
        };
        return new EnforcedStack(endpoint, stack, places, stranger);
    }

    /**
     * A digest of all things of a kind that the emulator holds, over all services: what it knows of buckets, objects and their
     * versions, users, keys, policies, machines and parameters. When a key or a role was last used is left out.
     */
    async state(): Promise<Record<string, string>> {
        const text = await (await fetch(`${this.endpoint}/moto-api/data.json`)).text();
        const all = JSON.parse(text, (key, value: unknown) => (/last_used$/.test(key) ? undefined : value)) as Kinds;
        const kinds = Object.entries(all).flatMap(([service, held]) =>
            Object.entries(held).map(([kind, things]) => [`${service} ${kind}`, things] as const),
        );
        // A service that is asked for the first time appears with nothing in it.
        const digest = (things: unknown[]) => createHash("sha256").update(JSON.stringify(things)).digest("hex");
        return Object.fromEntries(
            kinds.filter(([, things]) => things.length > 0).map(([kind, things]) => [kind, digest(things)]),
        );
    }

    /** What the operator sees of the bucket: keys, without the host's bundle, and whether an object came in parts. */
    async objects(): Promise<string[]> {
        const { Contents } = await this.stack.clients.s3.send(
            new s3.ListObjectsV2Command({ Bucket: this.places.bucket }),
        );
        const others = Contents!.filter(({ Key }) => Key !== this.places.bundle);
        return others.map(({ Key, ETag }) => (/-2"$/.test(ETag!) ? `${Key}, 2 parts` : Key!));
    }

    /** The text of the version that was there before. */
    async oldText(): Promise<string> {
        const request = { Bucket: this.places.bucket, Key: "artifacts/changing", VersionId: this.places.oldVersion };
        return (await this.stack.clients.s3.send(new s3.GetObjectCommand(request))).Body!.transformToString();
    }
}
