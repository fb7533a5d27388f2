import { commandRights, lookupRights, typeRights } from "../bootstrap/rights";
import type { Grants, Rights } from "../bootstrap/rights/rights";
import { type ScopeName, scopes } from "../bootstrap/scopes";
import { withPart } from "./part";
import { markdownTable } from "./table";

const actionsIn = (grants: Grants | undefined, scope: ScopeName) =>
    [...(grants?.[scope] ?? [])]
        .sort()
        .map((action) => `\`${action}\``)
        .join(", ");

/** One row for each place that a right reaches, in the order of the code. */
function rowsOf(what: string, { read, change }: Rights): string[][] {
    const reached = new Set([...Object.keys(read ?? {}), ...Object.keys(change ?? {})] as ScopeName[]);
    return [...reached].map((scope) => [what, scopes[scope].words, actionsIn(read, scope), actionsIn(change, scope)]);
}

const table = (rights: Readonly<Record<string, Rights>>): string =>
    markdownTable(
        ["For", "On", "Both roles", "The deployment alone"],
        Object.entries(rights).flatMap(([what, given]) => rowsOf(what, given)),
    );

/** `aws:iam/role:Role` as people say it: `aws.iam.Role`. */
const short = (token: string) => `\`${token.replace(/\/[^:]+:|:/g, ".")}\``;
const named = (rights: Readonly<Record<string, Rights>>) =>
    Object.fromEntries(Object.entries(rights).map(([token, given]) => [short(token), given]));

const parts: Readonly<Record<string, () => string>> = {
    "rights for resources": () => table(named(typeRights)),
    "rights for look-ups": () =>
        markdownTable(
            ["For", "On", "Both roles"],
            Object.entries(lookupRights).flatMap(([token, read]) =>
                rowsOf(short(token), { read }).map((cells) => cells.slice(0, 3)),
            ),
        ),
    "rights for commands": () => table(commandRights),
};

/** The page on the rights of deployments with its tables as they should be. */
export const withDeploymentRights = (page: string): string =>
    Object.entries(parts).reduce(
        (text, [name, write]) => withPart(text, { name, command: "npm run docs" }, write()),
        page,
    );
