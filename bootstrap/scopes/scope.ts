import type { Environment } from "../environment";

/** What stands in a statement beside its actions. */
export interface Scope {
    /** ARNs. None: the statement is left out. */
    readonly Resource: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where state and secrets of all environments are kept. */
export interface StateStore {
    readonly bucketArn: string;
    readonly keyArn: string;
}

/** What a right may reach. */
export interface Definition {
    /** For people: what it is, and under which condition. */
    readonly words: string;
    readonly of: (environment: Environment, store: StateStore) => Scope;
}
