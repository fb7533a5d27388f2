import { databaseScopes } from "./scopes/databases";
import { costScopes } from "./scopes/costs";
import { identityScopes } from "./scopes/identities";
import { machineScopes } from "./scopes/machines";
import { monitoringScopes } from "./scopes/monitoring";
import { networkScopes } from "./scopes/network";
import type { Definition } from "./scopes/scope";
import { storageScopes } from "./scopes/storage";
import { tagScopes } from "./scopes/tags";

const anything = { words: "`*`: AWS can't limit it", of: () => ({ Resource: ["*"] }) } satisfies Definition;

/** What a right may reach, and under which condition, by the policy of a deployment that has it. */
export const areas = {
    storage: storageScopes,
    databases: databaseScopes,
    identities: identityScopes,
    machines: { anything, ...machineScopes },
    network: networkScopes,
    tags: tagScopes,
    costs: costScopes,
    monitoring: monitoringScopes,
} as const satisfies Record<string, Record<string, Definition>>;

export type Area = keyof typeof areas;
export type ScopeName = { [A in Area]: keyof (typeof areas)[A] }[Area];

export const scopes: Readonly<Record<ScopeName, Definition>> = {
    ...areas.storage,
    ...areas.databases,
    ...areas.identities,
    ...areas.machines,
    ...areas.network,
    ...areas.tags,
    ...areas.costs,
    ...areas.monitoring,
};
