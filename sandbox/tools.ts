import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { UserError } from "../commands/userError";
import { run, runOrFail } from "../commands/run";

const root = path.join(__dirname, "..");

/** Where the sandbox keeps what it installs, for its next start. */
const kept = path.join(root, ".sandbox");

/** Folder that stands for `/` of the host; its `opt/mlflow/venv` holds the server. */
export const installedHost = path.join(kept, "host");

/** What is installed beside the server: emulator and AWS CLI, a teammate's MLflow, or (for tests) a linter for Python, the notes' MLflow. */
type Tools = "emulator" | "client" | "linter" | "legacy";

/** Programs of an installed environment. */
export const toolFolder = (name: Tools): string => path.join(kept, name, "bin");

/** The Python that the host has, then whatever this machine has. */
const pythons = ["python3.12", "python3.13", "python3.11", "python3.10", "python3.14", "python3"];

/**
 * The environment of every program that the sandbox starts: nothing about AWS, MLflow or Python from this shell. What is
 * left says how to reach the network, and its package registries.
 */
export function cleanEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
    const neutral = Object.entries(process.env).filter(
        ([name]) => !/^(AWS_(?!CA_BUNDLE$)|MLFLOW_|PYTHON|VIRTUAL_ENV|PULUMI_|npm_|NODE_OPTIONS)/.test(name),
    );
    return { ...Object.fromEntries(neutral), ...extra };
}

/** @throws UserError when this machine has no Python that can make a virtual environment */
export async function findPython(): Promise<string> {
    const check = "import sys, venv, ensurepip; sys.exit(0 if (3, 10) <= sys.version_info else 1)";
    for (const python of pythons) {
        const found = await run([python, "-c", check], { env: cleanEnvironment() }).catch(() => undefined);
        if (found?.status === 0) {
            return python;
        }
    }
    throw new UserError(
        `Python: got none of ${pythons.join(", ")} that is 3.10 or newer and has the modules venv and ensurepip; ` +
            "allowed: Python 3.10 or newer; remedy: on Debian and Ubuntu apt-get install python3 python3-venv, on Amazon Linux " +
            "dnf install python3.12, on macOS brew install python@3.12",
    );
}

/** Installs the server just as the instance does: by `host/install.sh`. Does nothing when it is up to date. */
export async function installServer(python: string): Promise<void> {
    const env = cleanEnvironment({ HOST_ROOT: installedHost, HOST_PYTHON: python });
    await runOrFail("host/install.sh", [path.join(root, "host", "install.sh")], { env });
}

/** Installs an environment from its lock file, with the host's uv. */
export async function installTools(name: Tools, python: string): Promise<void> {
    const lock = path.join(root, "sandbox", `${name}.lock`);
    const folder = path.join(kept, name);
    const stamp = path.join(folder, "installed-lock");
    const wanted = readFileSync(lock, "utf8");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
        return;
    }
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(kept, { recursive: true });
    const uv = path.join(installedHost, "opt/mlflow/uv/bin/uv");
    const env = cleanEnvironment({ UV_CACHE_DIR: path.join(kept, "cache") });
    await runOrFail("uv venv", [uv, "venv", "--quiet", "--no-config", "--python", python, folder], { env });
    await runOrFail(
        "uv pip install",
        [
            ...[uv, "pip", "install", "--quiet", "--no-config", "--python", path.join(folder, "bin/python")],
            ...["--require-hashes", "--only-binary", ":all:", "--no-deps", "--compile-bytecode", "--requirement", lock],
        ],
        { env },
    );
    rmSync(path.join(kept, "cache"), { recursive: true, force: true });
    writeFileSync(stamp, wanted);
}
