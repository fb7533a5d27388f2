import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentFile, type HostSettings, stackEnvironment } from "../../components/hostInstaller";
import { Service } from "../../sandbox/processes";
import { layOutHost } from "../../sandbox/server";
import { cleanEnvironment, findPython, installServer, installTools } from "../../sandbox/tools";
import { hostSettings } from "./hostSettings";

// What tests of real processes share.

export const repository = path.join(__dirname, "../..");

/** Looking into other processes needs it; macOS has none. */
export const hasProc = existsSync("/proc/self/environ");

export const hasProgram = (name: string): boolean =>
    (process.env.PATH ?? "").split(path.delimiter).some((folder) => existsSync(path.join(folder, name)));

/** Skips a test, or those of a suite, and says why; goes on where there is no reason. */
export function skipFor(reason: string | undefined, context: Mocha.Context): void {
    if (reason) {
        console.log(`    ${reason}`);
        context.skip();
    }
}

/** A folder of the test's own, under a name that no other process has in its environment. */
export const temporaryFolder = (): string => realpathSync(mkdtempSync(path.join(os.tmpdir(), "mlflow-test-")));

/** Installs what the sandbox installs, where it is not up to date, and returns the Python for it. */
export async function install(): Promise<string> {
    const python = await findPython();
    await installServer(python);
    await installTools("emulator", python);
    await installTools("client", python);
    return python;
}

/** @throws when it does not come true in time */
export async function until(what: string, seconds: number, condition: () => boolean): Promise<void> {
    for (const deadline = Date.now() + seconds * 1000; !condition(); await sleep(50)) {
        if (Date.now() > deadline) {
            throw new Error(`within ${seconds} s it did not come true: ${what}`);
        }
    }
}

export interface FoundProcess {
    readonly pid: number;
    readonly group: number;
    readonly command: string;
}

/** The processes that have this folder in their command line or in their environment. */
export function processesOf(folder: string): FoundProcess[] {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    return pids.flatMap((pid) => {
        try {
            const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
            if (!`${command} ${readFileSync(`/proc/${pid}/environ`, "latin1")}`.includes(folder)) {
                return [];
            }
            // After the name in parentheses: state, parent, group.
            const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
            const [, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
            return [{ pid: Number(pid), group: Number(group), command }];
        } catch {
            return []; // it has ended meanwhile, or is somebody else's
        }
    });
}

/** The TCP ports that these processes listen on, of any address. */
export function listeningPorts(pids: number[]): number[] {
    const held = pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
    const rows = ["tcp", "tcp6"].map((kind) => `/proc/net/${kind}`).filter((file) => existsSync(file));
    return rows
        .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
        .map((row) => row.trim().split(/\s+/))
        .filter(([, , , state, , , , , , inode]) => state === "0A" && held.includes(`socket:[${inode}]`))
        .map(([, local]) => parseInt(local.split(":")[1], 16));
}

function linkOf(file: string): string {
    try {
        return readlinkSync(file);
    } catch {
        return ""; // closed meanwhile
    }
}

/** Starts the server by the host's own script, with nothing outside its root that it might write to but empty folders. */
export function startHost(
    python: string,
    folder: string,
    settings: Partial<HostSettings> = {},
    extra: Record<string, string> = {},
) {
    const text = environmentFile(stackEnvironment({ ...hostSettings, ...settings }));
    const host = layOutHost(path.join(folder, "root"), text);
    const [home, tmp, cwd] = ["home", "tmp", "cwd"].map((name) => path.join(folder, name));
    [home, tmp, cwd].forEach((name) => mkdirSync(name));
    const log = path.join(folder, "server.log");
    const service = new Service("MLflow", log, {
        python,
        command: [path.join(host.root, "opt/mlflow/host/bin/mlflow-server")],
        env: cleanEnvironment({ HOST_ROOT: host.root, HOME: home, TMPDIR: tmp, ...extra }),
        cwd,
    });
    /** All processes of the server, without the leash that ends them with the test. */
    const processes = () => processesOf(host.root).filter(({ command }) => !command.includes("leash.py"));
    return { host, log, service, processes, empty: [home, tmp, cwd] };
}
