import { spawnSync } from "node:child_process";
import * as path from "node:path";

const root = path.join(__dirname, "../..");

/** What mocha needs to run the drills, and nothing else of their folder. */
export const drillFiles = ["tests/drills/**/*.test.ts", "--ignore", "tests/drills/page.test.ts"];

/** The names of all drills, in their order; none of them runs. */
export function declaredDrills(): string[] {
    const words = ["mocha", ...drillFiles, "--dry-run", "--reporter", "json"];
    const { status, stdout, stderr } = spawnSync("npx", words, { cwd: root, encoding: "utf8" });
    if (status !== 0) {
        throw new Error(stdout + stderr);
    }
    const { tests } = JSON.parse(stdout) as { tests: { title: string }[] };
    return tests.map(({ title }) => title);
}
