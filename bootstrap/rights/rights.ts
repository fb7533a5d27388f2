import type { ScopeName } from "../scopes";

/** Actions by what they may reach. */
export type Grants = Partial<Record<ScopeName, readonly string[]>>;

/** What AWS is asked for. Both roles may read; only deployments may change. */
export interface Rights {
    readonly read?: Grants;
    readonly change?: Grants;
}
