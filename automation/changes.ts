import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

// What the engine announces, as what happens to each resource.

export type Operation = "create" | "update" | "replace" | "delete";

/** What happens to one resource. Secrets in its inputs are masked by the engine. */
export interface Change {
    readonly operation: Operation;
    /** Such as `aws:s3/bucket:Bucket`. */
    readonly type: string;
    /** Such as `mlflow-dev-artifacts-bucket`. */
    readonly name: string;
    /** Of what exists. */
    readonly id: string | undefined;
    /** Inputs that differ, sorted. */
    readonly keys: readonly string[];
    readonly old: Readonly<Record<string, unknown>>;
    readonly new: Readonly<Record<string, unknown>>;
}

/** What a policy says of a resource. */
export interface Finding {
    readonly policy: string;
    /** Refuses the update; else it is advice. */
    readonly mandatory: boolean;
    readonly resource: string;
    readonly message: string;
}

const operations: Readonly<Record<string, Operation>> = {
    create: "create",
    import: "create",
    update: "update",
    replace: "replace",
    "create-replacement": "replace",
    delete: "delete",
    // Alone: what goes with what it depends on, and does not come back.
    "delete-replaced": "delete",
};

/** Which of a resource's steps says what happens to it. */
const precedence: readonly Operation[] = ["replace", "create", "update", "delete"];

/** Providers, and resources that are nothing but the parents of others. */
const isInner = ({ type, new: made, old }: StepEventMetadata): boolean =>
    type.startsWith("pulumi:") || (made ?? old)?.custom !== true;

const topLevel = (place: string) => place.split(/[.[]/)[0];

/**
 * One change for each resource that the events announce a change of, in their order. What an earlier replacement could not delete has
 * the URN of what has replaced it: it is told apart by its id, or the other's update would hide that it goes.
 */
export function changesOf(events: readonly EngineEvent[]): Change[] {
    const steps = new Map<string, StepEventMetadata[]>();
    for (const { resourcePreEvent } of events) {
        const step = resourcePreEvent?.metadata;
        if (step && step.op in operations && !isInner(step)) {
            const one = `${step.urn} ${step.old?.id ?? ""}`;
            steps.set(one, [...(steps.get(one) ?? []), step]);
        }
    }
    return [...steps.values()].map(changeOf);
}

function changeOf(steps: readonly StepEventMetadata[]): Change {
    const of = (operation: Operation) => steps.find(({ op }) => operations[op] === operation);
    const operation = precedence.find((one) => of(one))!;
    const step = of(operation)!;
    const keys = step.detailedDiff ? Object.keys(step.detailedDiff).map(topLevel) : (step.diffs ?? []);
    return {
        operation,
        type: step.type,
        name: nameOf(step.urn),
        id: step.old?.id,
        keys: [...new Set(keys)].sort(),
        old: step.old?.inputs ?? {},
        new: step.new?.inputs ?? {},
    };
}

/** What the policies say, each thing once. */
export function findingsOf(events: readonly EngineEvent[]): Finding[] {
    const findings = events.flatMap(({ policyEvent }) =>
        policyEvent
            ? [
                  {
                      policy: policyEvent.policyName,
                      mandatory: policyEvent.enforcementLevel === "mandatory",
                      resource: policyEvent.resourceUrn ? nameOf(policyEvent.resourceUrn) : "",
                      message: plain(policyEvent.message),
                  },
              ]
            : [],
    );
    return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Without the engine's words for colours. */
export const plain = (text: string): string => text.replace(/<\{%[^%]*%\}>/g, "").trim();

/** Whether nothing but these differs. */
export const isOnly = (keys: readonly string[], ...these: readonly string[]): boolean =>
    keys.every((key) => these.includes(key));
