import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { withSettingsTable } from "./settingsTable";

const file = path.join(__dirname, "..", "README.md");
writeFileSync(file, withSettingsTable(readFileSync(file, "utf8")));
console.log("README.md: settings table written");
