import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { generated } from "./generated";

async function writePages() {
    for (const [page, write] of Object.entries(generated)) {
        const file = path.join(__dirname, "..", page);
        writeFileSync(file, await write(readFileSync(file, "utf8")));
        console.log(`${page}: tables written`);
    }
}

void writePages();
