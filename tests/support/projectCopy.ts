import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "./sandbox";

const copied = [
    ...["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts", "config.ts", "outputs.ts", "surroundings.ts"],
    ...[
        "automation",
        "commands",
        "components",
        "settings",
        "handover",
        "host",
        "lookups",
        "plan",
        "teammate",
        "operating",
        "policies",
        "scripts",
    ],
];

/** A copy of the project, for commands that write into it, with the text of `Pulumi.<stack>.yaml` by stack. */
export function copyProject(stacks: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(path.join(os.tmpdir(), "mlflow-project-"));
    for (const name of copied) {
        cpSync(path.join(repository, name), path.join(folder, name), { recursive: true });
    }
    symlinkSync(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
    for (const [stack, text] of Object.entries(stacks)) {
        writeFileSync(path.join(folder, `Pulumi.${stack}.yaml`), text);
    }
    return folder;
}
