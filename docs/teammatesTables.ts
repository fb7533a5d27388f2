import { checks } from "../teammate/doctor/checks";
import { exitCodeMeanings, exitCodes } from "../teammate/exitCodes";
import { architectures, installLine, systems, type System, type Tool, tools } from "../teammate/tools";
import { withPart } from "./part";
import { markdownTable } from "./table";

const processors = { x64: "x86", arm64: "ARM" };

/** What to paste for each tool, by system; one row for both architectures where the lines are the same. */
function installTable(): string {
    const shown = ["aws", "session-manager-plugin"] as const satisfies readonly Tool[];
    const rows = (Object.keys(systems) as System[]).flatMap((system) => {
        const byArchitecture = architectures.map((architecture) => ({
            name: `${systems[system]} (${processors[architecture]})`,
            lines: shown.map((tool) => `\`${installLine(tool, system, architecture)}\``),
        }));
        const [first, ...others] = byArchitecture;
        const same = others.every(({ lines }) => lines.join() === first.lines.join());
        return same ? [[systems[system], ...first.lines]] : byArchitecture.map(({ name, lines }) => [name, ...lines]);
    });
    return markdownTable(["System", ...shown.map((tool) => tools[tool])], rows);
}

const checksTable = (): string =>
    markdownTable(
        ["Check", "What is true when it is ok", "What it finds", "What usually helps"],
        checks.map(({ id, title, looksFor, remedy }) => [`\`${id}\``, title, looksFor, remedy]),
    );

const exitCodeTable = (): string =>
    markdownTable(
        ["Code", "Means"],
        Object.entries(exitCodeMeanings).map(([name, meaning]) => [
            String(exitCodes[name as keyof typeof exitCodes]),
            meaning,
        ]),
    );

const parts: Readonly<Record<string, () => string>> = {
    "install lines": installTable,
    checks: checksTable,
    "exit codes": exitCodeTable,
};

/** The teammates' page with its tables as they should be. */
export const withTeammatesTables = (page: string): string =>
    Object.entries(parts).reduce(
        (text, [name, table]) => withPart(text, { name, command: "npm run docs" }, table()),
        page,
    );
