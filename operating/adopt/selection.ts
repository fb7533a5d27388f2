import type { StackOutputs } from "../../commands/outputs";
import { exitCodes } from "../../commands/exitCodes";
import { UserError } from "../../commands/userError";
import { fault } from "../../settings/fault";

/** What of a bucket is copied to below its artifacts' folder. */
export interface Selection {
    readonly bucket: string;
    /** Folder of the artifacts, without slashes at its ends. */
    readonly prefix: string;
    /** Folder whose objects are taken along, with a slash at its end; `""` is the whole bucket. Without it: what MLflow names. */
    readonly from?: string;
}

/** What MLflow puts below its artifact root: `<experiment>/<run>/artifacts/…`, and since 3.0 models and traces of an experiment. */
const ofMlflow = /^\d+\/([0-9a-f]{32}|models\/[^/]+|traces\/[^/]+)\/artifacts\//;

/** The folders that this program keeps for itself. */
const own = ({ prefix }: Selection) => [`${prefix}/`, "host/", "backups/"];

/** Whether an object is taken along, left where it is, or none of the command's business. */
export function kindOf(key: string, selection: Selection): "taken" | "left" | "own" {
    if (own(selection).some((folder) => key.startsWith(folder))) {
        return "own";
    }
    const { from } = selection;
    return (from === undefined ? ofMlflow.test(key) : key.startsWith(from)) ? "taken" : "left";
}

/** Where the copy of an object lies: the server finds it by the address without its bucket. */
export const targetOf = (key: string, { prefix }: Selection): string => `${prefix}/${key}`;

/**
 * @param from value of `--from`
 * @throws UserError when the stack or the address is not one to copy for
 */
export function selectionOf({ artifactRoot, artifactMode }: StackOutputs, from: string | undefined): Selection {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.+)$/.exec(artifactRoot)!;
    if (artifactMode !== "proxied") {
        throw new UserError(
            fault(
                "artifactMode",
                `${artifactMode}, whose clients use S3 themselves`,
                "proxied",
                "pulumi config set artifactMode proxied, pulumi up",
            ),
            exitCodes.refused,
        );
    }
    if (from === undefined) {
        return { bucket, prefix };
    }
    const [, named, folder] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(from) ?? [];
    if (named === undefined) {
        throw refusal(from, `s3://${bucket}/<folder>`, "the address without the name of a file");
    }
    if (named !== bucket) {
        const place = `s3://${named}/${folder}`;
        throw refusal(
            from,
            `a folder of s3://${bucket}, whose copies S3 makes by itself`,
            `aws s3 sync ${place} ${artifactRoot}, and later mlflow-adopt --from ${place}`,
        );
    }
    const selection = { bucket, prefix, from: folder === "" ? "" : `${folder}/` };
    if (folder !== "" && kindOf(`${folder}/`, selection) === "own") {
        throw refusal(
            from,
            `a folder outside of ${own(selection).join(", ")}`,
            "leave it: the server already uses what is there",
        );
    }
    return selection;
}

const refusal = (from: string, allowed: string, remedy: string) =>
    new UserError(fault("--from", from, allowed, remedy), exitCodes.input);
