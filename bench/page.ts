import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { withPart } from "../docs/part";

// What the benchmarks write: their own part of a page, between two markers.

export const root = path.join(__dirname, "..");

/** Writes the part of `npm run bench:<name>`, and prints it. */
export function writePart(name: string, text: string, page = "benchmarks.md"): void {
    const file = path.join(root, "docs", page);
    writeFileSync(file, withPart(readFileSync(file, "utf8"), { name, command: `npm run bench:${name}` }, text));
    console.log(text);
}
