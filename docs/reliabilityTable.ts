import { nameOf, type Row } from "../tests/support/drills";
import { split, withPart } from "./part";

const part = { name: "drills", command: "npm run drills" };
const heads = ["What fails", "What happens", "Seen"];

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** The page with a row for each drill. */
export function withDrills(page: string, rows: readonly Row[]): string {
    const table = [
        heads,
        heads.map(() => "---"),
        ...rows.map(({ title, happens, figure }) => [title, happens, figure]),
    ];
    return withPart(page, part, table.map(line).join("\n"));
}

/** The names of the drills that the page has rows of. */
export function drillsOn(page: string): string[] {
    const rows = split(page, part).text.split("\n").slice(2);
    return rows.map((row) => {
        const [title, happens] = row.slice(2).split(" | ");
        return nameOf({ title, happens });
    });
}
