import { existsSync, mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../commands/run";
import { Service } from "../../sandbox/processes";
import { cleanEnvironment } from "../../sandbox/tools";

const unshare = ["unshare", "--mount", "--propagation", "private", "--"];

/** Whether this machine lets these tests mount what nobody else sees. */
export async function canMount(): Promise<boolean> {
    const attempt = [...unshare, "mount", "-t", "tmpfs", "none", "/mnt"];
    const done = await run(attempt, { env: cleanEnvironment() }).catch(() => undefined);
    return done?.status === 0;
}

/** A file system of this size at a folder, in memory, which only the processes of its own mount namespace see. */
export class SmallDisk {
    private constructor(
        private readonly holder: Service,
        /** A process in that namespace. */
        readonly namespace: number,
    ) {}

    static async mount(folder: string, options: { at: string; mebibytes: number; python: string }): Promise<SmallDisk> {
        const { at, mebibytes, python } = options;
        mkdirSync(at, { recursive: true });
        const file = path.join(folder, "holder");
        const script = 'mount -t tmpfs -o "size=$1m" none "$0" && echo $$ >"$2" && exec sleep infinity';
        const holder = new Service("the small disk", path.join(folder, "holder.log"), {
            python,
            command: [...unshare, "sh", "-c", script, at, String(mebibytes), file],
            env: cleanEnvironment(),
        });
        await holder.answers(() => Promise.resolve(existsSync(file) && readFileSync(file, "utf8").endsWith("\n")), 30);
        return new SmallDisk(holder, Number(readFileSync(file, "utf8")));
    }

    stop(): Promise<void> {
        return this.holder.stop();
    }
}
