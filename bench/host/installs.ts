import * as path from "node:path";
import { rmSync } from "node:fs";
import { runOrFail } from "../../commands/run";
import { cleanEnvironment } from "../../sandbox/tools";
import { root } from "../page";

/** Seconds that an installation into an empty folder takes, without anything kept from an earlier one. */
async function secondsOf(
    what: string,
    folder: string,
    commands: string[][],
    extra: Record<string, string>,
): Promise<number> {
    const env = cleanEnvironment(extra);
    const start = process.hrtime.bigint();
    for (const command of commands) {
        await runOrFail(what, command, { env });
    }
    const taken = Number(process.hrtime.bigint() - start) / 1e9;
    rmSync(folder, { recursive: true, force: true });
    return taken;
}

/** By the host's own installer, into another root. */
export function byInstaller(python: string, folder: string): Promise<number> {
    const extra = { HOST_ROOT: folder, HOST_PYTHON: python };
    return secondsOf("host/install.sh", folder, [[path.join(root, "host", "install.sh")]], extra);
}

/** By pip, from the same list with the same hashes. */
export function byPip(python: string, folder: string): Promise<number> {
    const pip = [
        path.join(folder, "venv/bin/pip"),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ];
    const commands = [
        [python, "-m", "venv", path.join(folder, "venv")],
        [...pip, "--requirement", path.join(root, "host", "requirements.lock")],
    ];
    return secondsOf("pip", folder, commands, { PIP_CACHE_DIR: path.join(folder, "cache") });
}
