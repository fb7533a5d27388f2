import assert from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { environmentFile, stackEnvironment } from "../../components/hostInstaller";
import { type Result, run, runOrFail } from "../../commands/run";
import { layOutHost } from "../../sandbox/server";
import { cleanEnvironment, installedHost } from "../../sandbox/tools";
import { hostSettings } from "./hostSettings";
import { repository, until } from "./sandbox";

/** All tables of a database: their columns and their rows, as text and in an order of their own. */
export type Rows = Record<string, { columns: string[]; rows: string[][] }>;

const python = path.join(installedHost, "opt/mlflow/venv/bin/python");
const scriptOf = (module: string, fault: string) =>
    `${fault}\nimport runpy\nrunpy.run_module("mlflow_host.${module}", run_name="__main__", alter_sys=True)`;
const helper = path.join(__dirname, "database.py");

export interface DatabaseHostOptions {
    readonly root: string;
    readonly endpoint: string;
    /** `s3://<bucket>/<folder>` */
    readonly backupRoot: string;
    /** Of a PostgreSQL, and the parameter that holds it; absent for SQLite. */
    readonly external?: { readonly address: string; readonly parameter: string };
}

/** A host as far as its database goes: its folders, its commands and a stand-in for `systemctl`, and what a test does to it. */
export class DatabaseHost {
    public readonly state: string;
    public readonly address: string;
    private readonly programs: string;
    private readonly record: string;

    constructor(public readonly options: DatabaseHostOptions) {
        const { root, backupRoot, external } = options;
        const settings = { ...hostSettings, backupRoot, databaseParameter: external?.parameter };
        layOutHost(root, environmentFile(stackEnvironment(settings)));
        this.state = path.join(root, "var/lib/mlflow/server");
        this.address = external?.address ?? `sqlite:///${this.file}`;
        this.record = path.join(root, "calls");
        this.programs = path.join(root, "programs");
        mkdirSync(this.programs);
        writeFileSync(this.record, "");
        this.standIn("systemctl", "");
    }

    /** The SQLite file. */
    public get file(): string {
        return path.join(this.state, "mlflow.db");
    }

    /** Puts a program before all others of its name; it notes how it was called. */
    public standIn(name: string, body: string): void {
        const file = path.join(this.programs, name);
        writeFileSync(file, `#!/bin/bash\necho "${name} $*" >>"${this.record}"\n${body}\n`);
        chmodSync(file, 0o755);
    }

    /** Takes a stand-in away. */
    public putBack(name: string): void {
        rmSync(path.join(this.programs, name));
    }

    /** How the stand-ins were called. */
    public calls(): string[] {
        return readFileSync(this.record, "utf8").split("\n").filter(Boolean);
    }

    /** Environment of the host's commands, for whoever starts one. */
    public get environment(): NodeJS.ProcessEnv {
        return this.env();
    }

    private env(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
        return cleanEnvironment({
            AWS_ACCESS_KEY_ID: "anybody",
            AWS_SECRET_ACCESS_KEY: "anything",
            AWS_DEFAULT_REGION: hostSettings.region,
            AWS_ENDPOINT_URL: this.options.endpoint,
            AWS_EC2_METADATA_DISABLED: "true",
            HOST_ROOT: this.options.root,
            HOST_STATE: this.state,
            HOST_DATABASE_PARAMETER: this.options.external?.parameter ?? "",
            HOST_BACKUP_ROOT: this.options.backupRoot,
            HOST_DATABASE_WAIT_SECONDS: "3",
            MLFLOW_BACKEND_STORE_URI: this.address,
            PATH: `${this.programs}:${process.env.PATH}`,
            PYTHONPATH: path.join(repository, "host"),
            PYTHONDONTWRITEBYTECODE: "1",
            ...extra,
        });
    }

    /** What the server's start does to the database, after some lines of Python that break something. */
    public prepare(fault = "", extra: Record<string, string> = {}): Promise<Result> {
        return this.broken("schema", fault, [], extra);
    }

    /** Runs one of the host's modules after some lines of Python that break something. */
    public broken(
        module: string,
        fault: string,
        words: string[] = [],
        extra: Record<string, string> = {},
    ): Promise<Result> {
        return run([python, "-c", scriptOf(module, fault), ...words], { env: this.env(extra) });
    }

    public startPreparing(fault: string): ChildProcess {
        return this.start("-c", scriptOf("schema", fault));
    }

    /** Runs a command of the host as an operator does, by its name. */
    public command(name: string, words: string[] = [], extra: Record<string, string> = {}): Promise<Result> {
        return run([path.join(this.options.root, "opt/mlflow/host/bin", name), ...words], {
            env: this.env(extra),
        });
    }

    public startCommand(name: string, words: string[]): ChildProcess {
        const command = path.join(this.options.root, "opt/mlflow/host/bin", name);
        return spawn(command, words, { env: this.env(), stdio: ["ignore", "pipe", "pipe"] });
    }

    /** @returns the name of the backup */
    public async backUp(): Promise<string> {
        const { status, stdout, stderr } = await this.command("mlflow-backup");
        assert.strictEqual(status, 0, stderr);
        return stdout.trim();
    }

    public async restore(name: string): Promise<Result> {
        const result = await this.command("mlflow-restore", [name]);
        assert.strictEqual(result.status, 0, result.stderr);
        return result;
    }

    /** Runs another file of Python beside this one, with some variables more. */
    public async python(file: string, words: string[], extra: Record<string, string> = {}): Promise<string> {
        const command = [python, path.join(__dirname, file), ...words];
        return (await runOrFail(words[0], command, { env: this.env(extra) })).stdout.trim();
    }

    /** Runs support/database.py. */
    public async change(...words: string[]): Promise<string> {
        const { stdout } = await runOrFail(words[0], [python, helper, ...words], { env: this.env() });
        return stdout.trim();
    }

    /** @param extra variables, such as another database's address */
    public async rows(extra?: Record<string, string>): Promise<Rows> {
        const { stdout } = await runOrFail("rows", [python, helper, "rows"], { env: this.env(extra) });
        return JSON.parse(stdout) as Rows;
    }

    public start(...words: string[]): ChildProcess {
        return spawn(python, words, { env: this.env(), stdio: ["ignore", "pipe", "pipe"] });
    }

    /** Begins to write runs without a pause. */
    public startWriter(name: string): Writer {
        return new Writer(this.start(helper, "write", name));
    }

    /** What lies beside the database, without the locks, which stay. */
    public leftovers(): string[] {
        return readdirSync(this.state).filter((name) => !name.startsWith("mlflow.db") && !name.endsWith(".lock"));
    }
}

/** A process that stores runs, one a transaction, and says so. */
export class Writer {
    private output = "";
    private errors = "";

    constructor(private readonly child: ChildProcess) {
        child.stdout!.on("data", (text: Buffer) => (this.output += text.toString()));
        child.stderr!.on("data", (text: Buffer) => (this.errors += text.toString()));
    }

    /** How many runs it knows to be stored. */
    public get acknowledged(): number {
        return this.output.split("\n").length - 1;
    }

    public async reaches(count: number): Promise<void> {
        await until(`${count} runs are written${this.errors}`, 120, () => this.acknowledged >= count);
    }

    public async stop(): Promise<void> {
        assert.strictEqual(this.child.exitCode, null, this.errors);
        await kill(this.child, "SIGTERM");
    }
}

/** Ends a process that the test started. */
export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once("close", resolve));
        child.kill(signal);
        await ended;
    }
}

/** What the host's own commands said, without MLflow's log, and without the steps of an upgrade. */
export const said = ({ stderr }: Result): string[] =>
    stderr.split("\n").filter((line) => /^(database|backup|restore|move): (?!step \d+ of )/.test(line));

/** The steps that an upgrade named. */
export const stepsOf = ({ stderr }: Result): string[] =>
    stderr.split("\n").filter((line) => /^database: step \d+ of /.test(line));

/** The number of rows in all tables. */
export const countOf = (rows: Rows): number => Object.values(rows).reduce((sum, table) => sum + table.rows.length, 0);

/** The tables of `rows` that `other` has too, with the columns that both have, and without the schema's revision. */
export function common(rows: Rows, other: Rows): Rows {
    const shared = Object.entries(rows).filter(([name]) => name in other && name !== "alembic_version");
    return Object.fromEntries(
        shared.map(([name, table]) => {
            const columns = table.columns.filter((column) => other[name].columns.includes(column));
            const indexes = columns.map((column) => table.columns.indexOf(column));
            const cut = table.rows.map((row) => indexes.map((index) => row[index]));
            return [name, { columns, rows: cut.sort((a, b) => (a.join() < b.join() ? -1 : 1)) }];
        }),
    );
}
