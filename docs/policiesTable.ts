import { exceptions } from "../policies/exceptions";
import { rules } from "../policies/rules";
import { withPart } from "./part";
import { markdownTable } from "./table";

const rulesTable = (): string =>
    markdownTable(
        ["Rule", "Level", "What it refuses, and why", "What it allows", "Control", "Remedy"],
        rules.map(({ name, enforcement, refuses, why, allowed, controls, remedy }) => [
            `\`${name}\``,
            enforcement,
            `${refuses}. Why: ${why}`,
            allowed,
            controls.join(", "),
            remedy,
        ]),
    );

const listed = (actions: readonly string[]) => actions.map((action) => `\`${action}\``).join(", ");

const exceptionsTable = (): string =>
    markdownTable(
        ["Actions", "Why"],
        exceptions.map(({ actions, but, why }) => [listed(actions) + (but ? `, but not ${listed(but)}` : ""), why]),
    );

const parts: Readonly<Record<string, () => string>> = { policies: rulesTable, exceptions: exceptionsTable };

/** The policies' page with its tables as they should be. */
export const withPoliciesTables = (page: string): string =>
    Object.entries(parts).reduce(
        (text, [name, table]) => withPart(text, { name, command: "npm run docs" }, table()),
        page,
    );
