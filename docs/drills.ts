import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { declaredDrills, drillFiles } from "../tests/support/declaredDrills";
import { figuresFile, nameOf, type Row } from "../tests/support/drills";
import { withDrills } from "./reliabilityTable";

// Runs all drills and writes what they saw to docs/reliability.md: `npm run drills`.

const root = path.join(__dirname, "..");
const page = path.join(root, "docs", "reliability.md");
const folder = mkdtempSync(path.join(os.tmpdir(), "mlflow-drills-"));
const figures = path.join(folder, "figures");

try {
    const drills = declaredDrills();
    const { status } = spawnSync("npx", ["mocha", ...drillFiles], {
        cwd: root,
        stdio: "inherit",
        env: { ...process.env, [figuresFile]: figures },
    });
    const lines = existsSync(figures) ? readFileSync(figures, "utf8").trim().split("\n") : [];
    const rows = lines.map((line) => JSON.parse(line) as Row);
    const missing = drills.filter((name) => !rows.some((row) => nameOf(row) === name));
    if (missing.length > 0) {
        console.error(
            `docs/reliability.md is left as it is: these drills have failed or were skipped:\n${missing.join("\n")}`,
        );
        process.exitCode = 1;
    } else {
        writeFileSync(page, withDrills(readFileSync(page, "utf8"), rows));
        process.exitCode = status ?? 1;
    }
} finally {
    rmSync(folder, { recursive: true });
}
