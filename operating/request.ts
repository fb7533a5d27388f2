import { z } from "zod";
import { UserError } from "../commands/userError";
import { fault } from "../settings/fault";
import { rules } from "../settings/rules";

/** What an operator asks for: the objects of this folder as they were at this moment. */
export interface Request {
    readonly bucket: string;
    /** Without slashes at its ends. */
    readonly prefix: string;
    readonly moment: Date;
}

/** An offset or `Z` is demanded: a time without one would mean another moment on another machine. */
const time = z.iso.datetime({ offset: true });

/** A backup's name begins with its time in this form, which a file name can hold: 20261125T101500Z. */
const ofBackup = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** @throws UserError that names every fault */
export function requestOf(address: string, text: string, now: Date): Request {
    const faults: string[] = [];
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
    if (
        !rules.existingBucketName.schema.safeParse(bucket).success ||
        !rules.artifactPrefix.schema.safeParse(prefix).success
    ) {
        faults.push(
            fault(
                "address",
                JSON.stringify(address),
                "s3://<bucket>/<prefix>, no slash at its end, a prefix that artifactPrefix may be",
                "the stack's output artifactRoot: pulumi stack output artifactRoot --stack <stack>",
            ),
        );
    }
    const iso = text.replace(ofBackup, "$1-$2-$3T$4:$5:$6Z");
    const moment = new Date(iso);
    if (!time.safeParse(iso).success || !(moment < now)) {
        faults.push(
            fault(
                "moment",
                JSON.stringify(text),
                `a time with its zone, before now (${now.toISOString()}), such as 2026-11-25T10:15:00Z or 20261125T101500Z`,
                "the time that the name of the database's backup begins with",
            ),
        );
    }
    if (faults.length > 0) {
        throw new UserError(faults.join("\n"));
    }
    return { bucket, prefix, moment };
}
