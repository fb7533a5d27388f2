import { checks } from "../teammate/doctor/checks";
import { readersExitCodes } from "../commands/exitCodes";
import { installsOf, type Tool, tools } from "../teammate/tools";
import { exitCodeTable } from "./exitCodesTable";
import { withPart } from "./part";
import { markdownTable } from "./table";

/** What to paste for each tool, by system. */
function installTable(): string {
    const shown = ["aws", "session-manager-plugin"] as const satisfies readonly Tool[];
    const rows = installsOf(shown).map(({ system, lines }) => [system, ...lines.map((line) => `\`${line}\``)]);
    return markdownTable(["System", ...shown.map((tool) => tools[tool])], rows);
}

const checksTable = (): string =>
    markdownTable(
        ["Check", "What is true when it is ok", "What it finds", "What usually helps"],
        checks.map(({ id, title, looksFor, remedy }) => [`\`${id}\``, title, looksFor, remedy]),
    );

const parts: Readonly<Record<string, () => string>> = {
    "install lines": installTable,
    checks: checksTable,
    "exit codes": () => exitCodeTable(readersExitCodes),
};

/** The teammates' page with its tables as they should be. */
export const withTeammatesTables = (page: string): string =>
    Object.entries(parts).reduce(
        (text, [name, table]) => withPart(text, { name, command: "npm run docs" }, table()),
        page,
    );
