import { nameOf, type Row } from "../tests/support/drills";

const begin = "<!-- drills: written by npm run drills -->";
const end = "<!-- end of drills -->";
const heads = ["What fails", "What happens", "Seen"];

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** The page with a row for each drill. */
export function withDrills(page: string, rows: readonly Row[]): string {
    const [before, , after] = parts(page);
    const table = [
        heads,
        heads.map(() => "---"),
        ...rows.map(({ title, happens, figure }) => [title, happens, figure]),
    ];
    return `${before}${begin}\n\n${table.map(line).join("\n")}\n\n${end}${after}`;
}

/** The names of the drills that the page has rows of. */
export function drillsOn(page: string): string[] {
    const rows = parts(page)[1].trim().split("\n").slice(2);
    return rows.map((row) => {
        const [title, happens] = row.slice(2).split(" | ");
        return nameOf({ title, happens });
    });
}

function parts(page: string): [before: string, table: string, after: string] {
    const [before, rest] = page.split(begin);
    const [table, after] = rest?.split(end) ?? [];
    if (after === undefined) {
        throw new Error(`docs/reliability.md needs the lines ${begin} and ${end}`);
    }
    return [before, table, after];
}
