import { fault } from "../settings/fault";
import type { Values } from "./values";

/** A resource as rules see it. */
export interface Resource {
    readonly urn: string;
    readonly type: string;
    /** What the program declares. */
    readonly values: Values;
    /** What it has become, with all that only AWS decides. A rule for single resources comes before that, and sees what is declared. */
    readonly made: Values;
    /** Refuse to delete it. */
    readonly protect: boolean;
    /** URNs of the resources that an input is made from, by the input's name. */
    readonly madeFrom: Readonly<Record<string, readonly string[]>>;
}

/** What is wrong with a resource: which property, and what it has. Never a secret. */
export interface Finding {
    readonly property: string;
    readonly got: unknown;
}

interface About {
    readonly name: string;
    /** A mandatory rule stops the preview or the update; an advisory one is shown. */
    readonly enforcement: "mandatory" | "advisory";
    /** Why it is one or the other. */
    readonly why: string;
    readonly refuses: string;
    /**
     * Ids of AWS Foundational Security Best Practices (`EC2.8`) and CIS AWS Foundations Benchmark 3.0.0 (`CIS 5.6`); where neither has
     * one, of the AWS Well-Architected Framework (`SEC02-BP03`).
     */
    readonly controls: readonly string[];
    readonly allowed: string;
    readonly remedy: string;
}

/** Judges each resource by itself, before it is made or changed. */
export interface ResourceRule extends About {
    /** The resource types that it looks at. */
    readonly types: readonly string[];
    readonly judge: (resource: Resource) => Finding[];
}

/** Judges all resources of a stack together, at the end of the preview or the update. */
export interface StackRule extends About {
    readonly judgeStack: (resources: readonly Resource[]) => (Finding & { readonly resource: Resource })[];
}

export type Rule = ResourceRule | StackRule;

export interface Violation {
    readonly urn: string;
    readonly message: string;
}

/** What a rule says of resources. */
export function violations(rule: Rule, resources: readonly Resource[]): Violation[] {
    const found =
        "judgeStack" in rule
            ? rule.judgeStack(resources)
            : resources
                  .filter(({ type }) => rule.types.includes(type))
                  .flatMap((resource) => rule.judge(resource).map((finding) => ({ ...finding, resource })));
    return found.map(({ resource, property, got }) => ({
        urn: resource.urn,
        message: `${fault(property, got ?? "nothing", rule.allowed, rule.remedy)} (${rule.controls.join(", ")})`,
    }));
}
