import { randomBytes } from "node:crypto";
import {
    DeleteObjectCommand,
    GetObjectCommand,
    HeadObjectCommand,
    ListObjectsV2Command,
    PutObjectCommand,
} from "@aws-sdk/client-s3";
import { isDenied, reasonOf } from "./awsAnswers";
import { type Context, once } from "./context";

// What the profile can do with artifacts, tried with one object under a name of its own. No other object is changed.

/** What came of one step. */
export type Outcome =
    | { readonly kind: "done"; readonly what: string }
    | { readonly kind: "denied" }
    | { readonly kind: "fault"; readonly reason: string }
    | { readonly kind: "skipped"; readonly reason: string };

export const steps = ["list", "write", "read", "delete"] as const;
export type Step = (typeof steps)[number];

const done = (what: string): Outcome => ({ kind: "done", what });
const skipped = (reason: string): Outcome => ({ kind: "skipped", reason });

async function attempt(work: () => Promise<string>): Promise<Outcome> {
    try {
        return done(await work());
    } catch (error) {
        return isDenied(error) ? { kind: "denied" } : { kind: "fault", reason: reasonOf(error) };
    }
}

/** Tries each step, once begun to the end: an object that was or may have been written is removed again. */
export const exercise = once((context: Context): Promise<Record<Step, Outcome>> => {
    const all = tryAll(context);
    context.unfinished.push(all);
    return all;
});

async function tryAll({ aws: { s3 }, outputs, signal }: Context): Promise<Record<Step, Outcome>> {
    const { bucketName: Bucket, accountId: ExpectedBucketOwner, artifactRoot } = outputs;
    const folder = `${artifactRoot.slice(`s3://${Bucket}/`.length)}/`;
    const inBucket = { Bucket, ExpectedBucketOwner };
    const probe = { ...inBucket, Key: `${folder}.doctor-${randomBytes(8).toString("hex")}` };
    const text = `probe of npm run doctor, stack ${outputs.stack}: may be deleted\n`;

    let first: string | undefined;
    const list = await attempt(async () => {
        const answer = await s3.send(new ListObjectsV2Command({ ...inBucket, Prefix: folder, MaxKeys: 1 }));
        first = answer.Contents?.[0]?.Key;
        return first ? "it has objects" : "it is empty";
    });
    if (signal.aborted) {
        const interrupted = skipped("interrupted");
        return { list, write: interrupted, read: interrupted, delete: interrupted };
    }

    const write = await attempt(async () => {
        await s3.send(new PutObjectCommand({ ...probe, Body: text, ContentType: "text/plain" }));
        return `s3://${Bucket}/${probe.Key}`;
    });
    if (write.kind === "denied") {
        return { list, write, read: await readOther(), delete: skipped("nothing was written that could be deleted") };
    }
    const read =
        write.kind !== "done"
            ? skipped("nothing was written")
            : await attempt(async () => {
                  const { Body } = await s3.send(new GetObjectCommand(probe));
                  if ((await Body?.transformToString()) !== text) {
                      throw new Error("what came back is not what was written");
                  }
                  return "what came back is what was written";
              });
    // Also after a write without an answer: the object may be there all the same.
    const removed = await attempt(async () => {
        await s3.send(new DeleteObjectCommand(probe));
        return "the object is removed again";
    });
    return { list, write, read, delete: removed };

    /** Where nothing may be written: looks at an artifact that is there, or at one that is not. */
    async function readOther(): Promise<Outcome> {
        const outcome = await attempt(async () => {
            await s3.send(new HeadObjectCommand({ ...inBucket, Key: first ?? probe.Key }));
            return `s3://${Bucket}/${first}`;
        });
        if (first || list.kind === "denied") {
            return outcome;
        }
        // S3 may answer either way for an object that is not there.
        return skipped("there is no artifact yet that could be read");
    }
}
