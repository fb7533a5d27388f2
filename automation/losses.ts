import { architectureOf } from "../components/instanceTypes";
import { type Fault, fault } from "../settings/fault";
import type { Change } from "./changes";

// What must not happen unless somebody has named it.

/** By Pulumi type, what a resource is to people, and what is lost with it. */
const kinds: Readonly<Record<string, { readonly kind: string; readonly loss: string }>> = {
    "aws:rds/instance:Instance": { kind: "the database", loss: "experiments, runs and metrics" },
    "aws:rds/cluster:Cluster": { kind: "the database", loss: "experiments, runs and metrics" },
    "aws:ebs/volume:Volume": { kind: "the data volume", loss: "the database and backups on it" },
    "aws:s3/bucket:Bucket": { kind: "the bucket", loss: "artifacts and backups" },
    "aws:s3/bucketV2:BucketV2": { kind: "the bucket", loss: "artifacts and backups" },
    "aws:cloudwatch/logGroup:LogGroup": { kind: "the log group", loss: "what the host has logged" },
    "aws:iam/accessKey:AccessKey": { kind: "an access key in use", loss: "the access of teammates who have it" },
};

export const keyType = "aws:iam/accessKey:AccessKey";

/** Why a key counts as in use; nothing where nobody uses it. */
export type KeyUse = (id: string | undefined) => string | undefined;

export const isLoss = ({ operation }: Change): boolean => operation === "replace" || operation === "delete";

/**
 * What would be lost, as one fault per resource; and what was accepted in vain, because nothing of that name would be lost.
 *
 * @param accepted names of resources that may be lost
 */
export function losses(changes: readonly Change[], accepted: readonly string[], useOf: KeyUse): Fault[] {
    const lost = changes.filter(isLoss).flatMap((change) => {
        const kind = kinds[change.type];
        const use = change.type === keyType ? useOf(change.id) : "";
        return kind && use !== undefined ? [{ change, kind, use }] : [];
    });
    const refused = lost.filter(({ change }) => !accepted.includes(change.name));
    const needless = accepted.filter((name) => !lost.some(({ change }) => change.name === name));
    return [
        ...refused.map(({ change: { name, operation, id }, kind: { kind, loss }, use }) =>
            fault(
                name,
                `${kind} ${id ?? ""} ${operation === "delete" ? "deleted" : "replaced"}${use ? ` (${use})` : ""}`,
                `nothing that loses ${loss}`,
                `take the setting back, or, if it may be lost, add --accept ${name}`,
            ),
        ),
        ...needless.map((name) =>
            fault(
                "--accept",
                name,
                lost.map(({ change }) => change.name).join(", ") || "nothing: this update loses nothing",
                "leave it out, so that it does not accept another loss later",
            ),
        ),
    ];
}

const instanceType = "aws:ec2/instance:Instance";

/** An instance type of another architecture starts no image of this one. */
export function architectureFaults(changes: readonly Change[]): Fault[] {
    return changes
        .filter(({ type, operation }) => type === instanceType && operation !== "create" && operation !== "delete")
        .filter(({ old, new: made }) => old.ami === made.ami && architectures(old, made).size > 1)
        .map(({ old, new: made }) =>
            fault(
                "instanceType",
                `${String(made.instanceType)}, while the image of ${String(old.instanceType)} is kept`,
                `a type of the same architecture (${[...architectures(old)].join()}), or another image`,
                "for this one update, pulumi config set ami latest",
            ),
        );
}

const architectures = (...inputs: Readonly<Record<string, unknown>>[]) =>
    new Set(inputs.map(({ instanceType: type }) => architectureOf(String(type))));
