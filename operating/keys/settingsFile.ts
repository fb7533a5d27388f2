import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import type { Change } from "./rotation";

const root = path.join(__dirname, "../..");

/** Writes a setting into `Pulumi.<stack>.yaml`, and leaves all else there as it is, comments too. */
export function writeSetting(project: string, stack: string, { setting, state }: Change, folder = root): string {
    const name = `Pulumi.${stack}.yaml`;
    const file = path.join(folder, name);
    const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
    document.setIn(["config", `${project}:${setting}`], state);
    writeFileSync(file, document.toString({ lineWidth: 0 }));
    return name;
}
