import { existsSync } from "node:fs";
import * as path from "node:path";

/**
 * Where the user's own Pulumi CLI is installed, if it is: npm puts the project's one, which may first have to be downloaded,
 * before it on the PATH.
 */
export function installedPulumi(): string | undefined {
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
    const bin = folders.find((folder) => path.basename(folder) === "bin" && existsSync(path.join(folder, "pulumi")));
    return bin && path.dirname(bin);
}

/** The lines in which the Pulumi CLI says what is wrong, without what the SDK puts around them. */
export function reasonOf(message: string): string {
    const lines = message.split("\n").map((line) => line.replace(/^\s*(std(out|err)|err\??):\s*/, "").trim());
    const said = [...new Set(lines.filter((line) => line.startsWith("error:")))];
    return (said.length > 0 ? said : lines.filter((line) => line !== "" && !line.startsWith("code:")).slice(0, 2)).join(
        " ",
    );
}
