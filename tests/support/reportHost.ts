import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Result, run } from "../../commands/run";
import { layOutHost } from "../../sandbox/server";
import { cleanEnvironment } from "../../sandbox/tools";

/** A line of the imitated journal; whatever is not given is that of a line of the server, now. */
export interface Line {
    /** Text, or bytes that are none. */
    readonly text: string | number[];
    readonly milliseconds?: number;
    readonly more?: Record<string, string>;
}

/** Answers like the real program, as far as mlflow-report asks it: the lines after a cursor, or all. */
const journalctl = `#!/bin/bash
echo "journalctl $*" >>"$HOST_ROOT/calls"
cursor=
for word; do [ "\${word%%=*}" != --after-cursor ] || cursor=\${word#*=}; done
awk -v cursor="\\"__CURSOR\\":\\"$cursor\\"" 'from; index($0, cursor) { from = 1 }' from="$([ -n "$cursor" ] || echo 1)" "$HOST_ROOT/journal"
`;

/** A host as far as mlflow-report goes: its settings, and a journal that the test writes. */
export class ReportHost {
    private written = 0;
    private readonly journal: string;

    /** @param environment how it reaches AWS, and as whom */
    constructor(
        readonly root: string,
        stackEnvironment: string,
        private readonly environment: Readonly<Record<string, string>>,
    ) {
        layOutHost(root, stackEnvironment);
        this.journal = path.join(root, "journal");
        for (const [name, text] of Object.entries({
            "programs/journalctl": journalctl,
            "var/lib/cloud/data/instance-id": "i-0123456789abcdef0\n",
            journal: "",
            calls: "",
        })) {
            const file = path.join(root, name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text, { mode: 0o755 });
        }
    }

    write(...lines: (Line | string)[]): void {
        const entries = lines.map((line) => {
            const { text, milliseconds = Date.now(), more } = typeof line === "string" ? { text: line } : line;
            this.written++;
            return JSON.stringify({
                __CURSOR: `s=0a1b;i=${this.written};b=2c3d`,
                __REALTIME_TIMESTAMP: String(milliseconds * 1000),
                MESSAGE: text,
                SYSLOG_IDENTIFIER: "mlflow-server",
                _PID: "123",
                ...more,
            });
        });
        appendFileSync(this.journal, entries.map((entry) => `${entry}\n`).join(""));
    }

    /** How journalctl was called. */
    calls(): string[] {
        return readFileSync(path.join(this.root, "calls"), "utf8").split("\n").filter(Boolean);
    }

    /** Where the report has noted that it ended. */
    notes(topic: "log" | "metrics"): Record<string, unknown> | undefined {
        const file = path.join(this.root, "var/lib/mlflow-report", `${topic}.json`);
        return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : undefined;
    }

    report(other: Record<string, string> = {}): Promise<Result> {
        return run([this.command], { env: this.env(other) });
    }

    start(): ChildProcess {
        return spawn(this.command, { env: this.env(), stdio: "ignore" });
    }

    private get command(): string {
        return path.join(this.root, "opt/mlflow/host/bin/mlflow-report");
    }

    private env(other: Record<string, string> = {}): NodeJS.ProcessEnv {
        return cleanEnvironment({
            ...{ HOST_ROOT: this.root, PATH: `${path.join(this.root, "programs")}:${process.env.PATH}` },
            ...{ AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1", ...this.environment, ...other },
        });
    }
}
