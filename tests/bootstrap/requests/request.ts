import type { DeclaredResource } from "../../../plan/evaluate";

/** What AWS is asked: an action, the resource, and what else the request says. */
export type Request = readonly [action: string, resource: string, context?: Readonly<Record<string, string>>];

/**
 * What the provider asks AWS for, for one resource. Not proved: that it asks for exactly this; it is read from the provider's
 * documentation and source, and from AWS's service authorization reference.
 */
export interface Operations {
    readonly create: readonly Request[];
    readonly read: readonly Request[];
    readonly update: readonly Request[];
    readonly delete: readonly Request[];
}

/** A resource of the stack `dev`, and what is known of it only when it exists. */
export interface Subject {
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly name: DeclaredResource["name"];
}

export type Asks = (subject: Subject) => Operations;

export const account = "123456789012";
export const region = "us-west-1";
export const stackTags = { Project: "mlflow-aws", Environment: "dev" };
export const boundary = { "iam:PermissionsBoundary": `arn:aws:iam::${account}:policy/github-mlflow-dev-boundary` };

/** Several actions on one resource. */
export const each = (actions: readonly string[], resource: string, context: Request[2] = {}): Request[] =>
    actions.map((action) => [action, resource, context]);

/** Tags as condition keys. */
export const asKeys = (where: "aws:RequestTag" | "aws:ResourceTag" | "ssm:resourceTag", tags: object) =>
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${where}/${key}`, String(value)]));

export const text = (value: unknown): string => String(value);
