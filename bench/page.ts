import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

// What the benchmarks write: their own part of docs/benchmarks.md, between two markers.

export const root = path.join(__dirname, "..");

/** Writes the part of `npm run bench:<name>`, and prints it. */
export function writePart(name: string, text: string): void {
    const file = path.join(root, "docs", "benchmarks.md");
    writeFileSync(file, withPart(readFileSync(file, "utf8"), name, text));
    console.log(text);
}

function withPart(page: string, name: string, text: string): string {
    const begin = `<!-- ${name}: written by npm run bench:${name} -->`;
    const end = `<!-- end of ${name} -->`;
    const [before, rest] = page.split(begin);
    const [, after] = rest?.split(end) ?? [];
    if (after === undefined) {
        throw new Error(`docs/benchmarks.md needs the lines ${begin} and ${end}`);
    }
    return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
