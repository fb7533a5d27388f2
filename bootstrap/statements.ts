import type { PolicyStatement } from "@pulumi/aws/iam";
import { useOwnSessions } from "../components/clientStatements";
import { tunnelDocument } from "../components/tunnelDocument";
import { boundaryStatements } from "./boundary";
import type { Environment } from "./environment";
import { commandRights, lookupRights, typeRights } from "./rights";
import type { Grants, Rights } from "./rights/rights";
import { type Area, areas, type ScopeName, scopes } from "./scopes";
import { tags } from "./scopes/ec2";
import type { StateStore } from "./scopes/scope";

type Statements = PolicyStatement[];
type Writer = (environment: Environment, store: StateStore) => Statements;

const everyRight: readonly Rights[] = [...Object.values(typeRights), ...Object.values(commandRights)];
const merged = (grants: readonly (Grants | undefined)[]): Map<ScopeName, Set<string>> => {
    const byScope = new Map<ScopeName, Set<string>>();
    for (const [scope, actions] of grants.flatMap((grant) => Object.entries(grant ?? {}))) {
        const name = scope as ScopeName;
        byScope.set(name, new Set([...(byScope.get(name) ?? []), ...actions]));
    }
    return byScope;
};
const grants = {
    Read: merged([...Object.values(lookupRights), ...everyRight.map(({ read }) => read)]),
    Change: merged(everyRight.map(({ change }) => change)),
};

/** One statement for each scope of these areas that has a resource in this environment. */
const statements =
    (verb: keyof typeof grants, ...named: Area[]): Writer =>
    (environment, store) =>
        [...grants[verb]]
            .filter(([scope]) => named.some((area) => scope in areas[area]))
            .flatMap(([scope, actions]) => {
                const { Resource, Condition } = scopes[scope].of(environment, store);
                const statement = {
                    Sid: `${verb}${scope[0].toUpperCase()}${scope.slice(1)}`,
                    Effect: "Allow" as const,
                    Action: [...actions].sort(),
                    Resource: [...Resource],
                    ...(Condition && { Condition: Condition as PolicyStatement["Condition"] }),
                };
                return Resource.length === 0 ? [] : [statement];
            });

/** What preview and deployment may both do: look at everything of the stack, and decrypt its secrets. */
export const readParts = {
    read: statements("Read", "storage", "databases", "machines", "network", "tags", "costs", "monitoring"),
    "read-identities": statements("Read", "identities"),
} as const satisfies Record<string, Writer>;

/** What only a deployment may do. In parts, as all of this is: a managed policy takes 6,144 characters. */
export const changeParts = {
    "change-storage": statements("Change", "storage", "costs"),
    "change-identities": statements("Change", "identities"),
    "change-machines": statements("Change", "machines"),
    "change-network": (environment, store) => [
        ...statements("Change", "network")(environment, store),
        ...tunnelStatements(environment),
    ],
    "change-tags": statements("Change", "tags"),
    "change-services": statements("Change", "databases", "monitoring"),
} as const satisfies Record<string, Writer>;

/** Every policy of an environment, by the last part of its name. */
export const policyParts: Readonly<Record<string, Writer>> = {
    boundary: boundaryStatements,
    ...readParts,
    ...changeParts,
};

/** The way of the health check: forwards a port of the stack's instances, and runs nothing on them. */
function tunnelStatements(environment: Environment): Statements {
    const { partition, region, accountId, existingInstance } = environment;
    const instance = (id: string) => `arn:${partition}:ec2:${region}:${accountId}:instance/${id}`;
    const checked = { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } };
    const open = (Sid: string, Resource: string[], more = {}): PolicyStatement => ({
        Sid,
        Effect: "Allow",
        Action: ["ssm:StartSession"],
        Resource,
        Condition: { ...checked, ...more },
    });
    return [
        open("OpenTunnel", [instance("*")], { StringEquals: tags("ssm:resourceTag", environment) }),
        open("OpenTunnelByDocument", [
            `arn:${partition}:ssm:${region}::document/${tunnelDocument}`,
            ...(existingInstance ? [instance(existingInstance)] : []),
        ]),
        ...useOwnSessions.role(environment),
    ];
}
