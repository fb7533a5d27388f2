import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentFile, type HostSettings, stackEnvironment } from "../../components/hostInstaller";
import { type Result, run } from "../../commands/run";
import { forward, freePort } from "../../sandbox/processes";
import { type HostFolder, layOutHost } from "../../sandbox/server";
import { cleanEnvironment } from "../../sandbox/tools";
import { answers, call } from "./drillClient";
import { hostSettings } from "./hostSettings";
import { type FoundProcess, processesOf, repository, until } from "./sandbox";

interface Options {
    readonly python: string;
    readonly folder: string;
    readonly settings?: Partial<HostSettings>;
    readonly env?: Record<string, string>;
    /** The process in whose mount namespace the server runs; without it, in that of the tests. */
    readonly namespace?: number;
}

/**
 * The real server, started by the host's script, and again whenever it ends, as the unit has it: after a second and whatever
 * pause-before-start adds, once all that it has started has ended. Callers come through a forwarder.
 */
export class DrillHost {
    readonly log: string;
    readonly host: HostFolder;
    private child?: ChildProcess;
    private ended = Promise.resolve();
    private wanted = true;
    starts = 0;

    private constructor(
        private readonly options: Options,
        readonly port: number,
    ) {
        const { folder, settings } = options;
        const text = environmentFile(stackEnvironment({ ...hostSettings, ...settings }));
        this.host = layOutHost(path.join(folder, "root"), text);
        this.log = path.join(folder, "server.log");
    }

    private close: () => Promise<void> = () => Promise.resolve();

    /** Starts it, and does not wait until it answers. */
    static async start(options: Options): Promise<DrillHost> {
        const server = new DrillHost(options, await freePort());
        const forwarder = await forward(server.port, server.host.socket);
        server.close = () => forwarder.close();
        server.ended = server.supervise();
        return server;
    }

    private async supervise(): Promise<void> {
        while (this.wanted) {
            this.starts++;
            const log = openSync(this.log, "a", 0o600);
            const bin = path.join(this.host.root, "opt/mlflow/host/bin");
            const script = '"$0/pause-before-start" && exec "$0/mlflow-server"';
            const command = this.inside(["bash", "-c", script, bin]);
            const child = spawn(this.options.python, [path.join(repository, "sandbox/leash.py"), ...command], {
                stdio: ["pipe", log, log],
                env: this.env,
            });
            closeSync(log);
            this.child = child;
            await new Promise((resolve) => child.once("close", resolve));
            await sleep(1000);
        }
    }

    private get env(): NodeJS.ProcessEnv {
        const { folder, env } = this.options;
        return cleanEnvironment({ HOST_ROOT: this.host.root, HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...env });
    }

    private inside(command: string[]): string[] {
        const { namespace } = this.options;
        return namespace === undefined ? command : ["nsenter", `--mount=/proc/${namespace}/ns/mnt`, "--", ...command];
    }

    /** Runs a command with the environment of the server. */
    run(...command: string[]): Promise<Result> {
        return run(this.inside(command), { env: this.env });
    }

    /** Runs one of the host's commands. */
    command(name: string, ...words: string[]): Promise<Result> {
        return this.run(path.join(this.host.root, "opt/mlflow/host/bin", name), ...words);
    }

    /** What SQLite finds in the database's file: `ok`, or what is damaged. */
    async integrity(): Promise<string> {
        const script =
            "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone())";
        const [python, file] = ["opt/mlflow/venv/bin/python", "var/lib/mlflow/server/mlflow.db"].map((name) =>
            path.join(this.host.root, name),
        );
        const { stdout, stderr } = await this.run(python, "-c", script, file);
        return stdout.trim() || stderr;
    }

    /** Everything that the server has written. */
    get text(): string {
        return readFileSync(this.log, "utf8");
    }

    /** All processes of the server, without the leash that ends them with the test. */
    processes(): FoundProcess[] {
        return processesOf(this.host.root).filter(
            ({ pid, command }) => pid !== this.child?.pid && !command.includes("leash.py"),
        );
    }

    workers(): FoundProcess[] {
        // Copies of the first one, under its name.
        return this.processes().filter(
            ({ command, pid, group }) => command.includes("mlflow_host.serve") && pid !== group,
        );
    }

    signal(signal: NodeJS.Signals): void {
        const [{ group }] = this.processes();
        process.kill(-group, signal);
    }

    /** Waits until a search is answered from the database. */
    usable(seconds = 120): Promise<void> {
        return answers(
            () => call(this.port, "POST", "/api/2.0/mlflow/experiments/search", { max_results: 1 }),
            seconds,
            () => this.text,
        );
    }

    /** Waits until it says something that it had not yet said at a length of its log. */
    async says(pattern: RegExp, since = 0): Promise<void> {
        await until(`the server says ${String(pattern)}`, 60, () => pattern.test(this.text.slice(since)));
    }

    /** Lets it end by itself after SIGTERM, and starts no other. */
    async ends(): Promise<void> {
        this.wanted = false;
        this.signal("SIGTERM");
        await this.ended;
    }

    async stop(): Promise<void> {
        this.wanted = false;
        this.child?.stdin?.end();
        await this.ended;
        await this.close();
    }
}
