import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const scripts = path.join(__dirname, "../../host/bin");

/** A folder in place of `/`, and programs that note how they were called. */
export class RecordedMachine {
    readonly root = mkdtempSync(path.join(os.tmpdir(), "host-"));
    private readonly programs = path.join(this.root, "programs");
    private readonly record = path.join(this.root, "calls");

    constructor(environment: Record<string, string>, programs: Record<string, string>) {
        for (const folder of ["etc/mlflow", "etc/ssh/sshd_config.d", "programs"]) {
            mkdirSync(path.join(this.root, folder), { recursive: true });
        }
        const lines = Object.entries({ HOST_DATA_VOLUME_ID: "", HOST_TUNNEL_PUBLIC_KEY: "", ...environment });
        writeFileSync(
            path.join(this.root, "etc/mlflow/stack.env"),
            lines.map(([name, value]) => `${name}="${value}"\n`).join(""),
        );
        writeFileSync(this.record, "");
        const defaults = { sleep: "", chown: "", id: "", systemctl: "", sshd: "", useradd: "" };
        for (const [name, body] of Object.entries({ ...defaults, ...programs })) {
            const file = path.join(this.programs, name);
            writeFileSync(file, `#!/bin/bash\necho "${name} $*" >>"${this.record}"\n${body}\n`);
            chmodSync(file, 0o755);
        }
    }

    run(script: string): { status: number | null; output: string } {
        const env = { PATH: `${this.programs}:${process.env.PATH}`, HOST_ROOT: this.root };
        const result = spawnSync(path.join(scripts, script), [], { env, encoding: "utf8" });
        return { status: result.status, output: (result.stdout + result.stderr).replaceAll(this.root, "") };
    }

    /** How the programs were called, without those that only look or wait. */
    calls(): string[] {
        const lines = readFileSync(this.record, "utf8").replaceAll(this.root, "").trim().split("\n");
        return lines.filter((line) => !/^(lsblk|mountpoint|sleep|id) /.test(line));
    }

    remove(): void {
        const closed = path.join(this.root, "var/lib/mlflow");
        if (existsSync(closed)) {
            chmodSync(closed, 0o755);
        }
        rmSync(this.root, { recursive: true, force: true });
    }

    text(file: string): string {
        return readFileSync(path.join(this.root, file), "utf8").replaceAll(this.root, "");
    }

    mode(file: string): string {
        return (statSync(path.join(this.root, file)).mode & 0o777).toString(8);
    }
}
