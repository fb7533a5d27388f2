import { listOf, recordOf, textsOf, unknown, type Values } from "./values";

// Policy documents of IAM, as text or as objects.

/** The statements of a document; none where it is not known yet, or is no document: AWS refuses it. */
export function statementsOf(document: unknown): readonly Values[] {
    return listOf(recordOf(parsed(document)).Statement).map(recordOf);
}

export function parsed(document: unknown): unknown {
    if (typeof document !== "string") {
        return document;
    }
    try {
        return JSON.parse(document) as unknown;
    } catch {
        return undefined;
    }
}

/** Where a list of a statement may hold this: it does, or part of the list is not known yet. */
export const mayHold = (list: unknown, fits: (text: string) => boolean): boolean =>
    listOf(list).includes(unknown) || textsOf(list).some(fits);

/** A condition of a statement: `{ "Bool": { "aws:SecureTransport": "false" } }` is one. */
export interface Condition {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly unknown[];
}

export const conditionsOf = (statement: Values): Condition[] =>
    Object.entries(recordOf(statement.Condition)).flatMap(([operator, keys]) =>
        Object.entries(recordOf(keys)).map(([key, value]) => ({
            operator,
            key: key.toLowerCase(),
            values: listOf(value),
        })),
    );

/** Principals of a statement, of every kind: `*`, ARNs, services. */
export const principalsOf = ({ Principal }: Values): string[] =>
    typeof Principal === "string" ? [Principal] : Object.values(recordOf(Principal)).flatMap(textsOf);
