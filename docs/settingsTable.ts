import { readProject } from "../plan/stackConfig";
import { withPart } from "./part";
import { markdownTable } from "./table";
import { type Key, ruleOf, rules } from "../settings/rules";

const shown = (value: unknown): string => {
    const text = JSON.stringify(value);
    return ['""', "[]", "{}"].includes(text) ? "" : `\`${typeof value === "string" ? value : text}\``;
};

/** Every setting with its default and meaning (from Pulumi.yaml) and what is allowed (from settings/rules.ts). */
function settingsTable(): string {
    const { declarations } = readProject();
    const rows = Object.keys(rules).map((key) => {
        const { default: value, description = "" } = declarations[key] ?? {};
        return [`\`${key}\``, shown(value), description, ruleOf(key as Key).allowed];
    });
    return markdownTable(["Setting", "Default", "Meaning", "Allowed"], rows);
}

/** The README with its settings table as it should be. */
export const withSettingsTable = (readme: string): string =>
    withPart(readme, { name: "settings", command: "npm run docs" }, settingsTable());
