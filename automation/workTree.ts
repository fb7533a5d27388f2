import { run } from "../commands/run";
import { root } from "./engine";

/** Files that differ from the last commit, new ones too; nothing where this is no git checkout. */
export async function changedFiles(): Promise<string[] | undefined> {
    try {
        const { status, stdout } = await run(["git", "status", "--porcelain"], { cwd: root, env: process.env });
        const lines = stdout.split("\n").filter((line) => line !== "");
        return status === 0 ? lines.map((line) => line.slice(3)) : undefined;
    } catch {
        return undefined;
    }
}
