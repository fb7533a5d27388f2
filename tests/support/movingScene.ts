import assert from "node:assert";
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import * as path from "node:path";
import type { Result } from "../../commands/run";
import type { DatabaseHost, Rows } from "./databaseHost";
import { type DatabaseCloud, forKind } from "./databaseKinds";

// What tests of the way from SQLite to PostgreSQL share: hosts whose stack names a PostgreSQL, and whose volume holds SQLite's file.

/** The address of the file, for support/*.py. */
export const inSqlite = (host: DatabaseHost) => ({ MLFLOW_BACKEND_STORE_URI: `sqlite:///${host.file}` });

/** The server's key, with which the secret of a webhook is kept; it lies on the data volume, and stays there. */
export const webhookKey = Buffer.alloc(32, 7).toString("base64");

/** Runs statements on the file, past SQLite's own look at foreign keys. */
export async function spoil(host: DatabaseHost, ...statements: string[]): Promise<void> {
    if (statements.length > 0) {
        await host.python("spoil.py", [host.file, ...statements]);
    }
}

export class MovingScene {
    /** A file with something of everything, made by MLflow's own stores. */
    public made!: string;
    /** What it holds. */
    public rows!: Rows;

    constructor(public readonly cloud: DatabaseCloud) {}

    public async make(): Promise<void> {
        const host = await this.cloud.host();
        const key = { MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: webhookKey };
        await host.python("movingDatabase.py", ["make"], { ...inSqlite(host), ...key });
        this.made = host.file;
        this.rows = await host.rows(inSqlite(host));
    }

    /** A host with an empty PostgreSQL and a file of SQLite's: its own copy of what was made, after some statements. */
    public async host(...statements: string[]): Promise<DatabaseHost> {
        const host = await this.cloud.host();
        copyFileSync(this.made, host.file);
        await spoil(host, ...statements);
        return host;
    }

    /** All that the PostgreSQL of a host holds is what was made. */
    public async isMoved(host: DatabaseHost): Promise<void> {
        assert.deepStrictEqual(await host.rows(), this.rows);
    }
}

export const move = (host: DatabaseHost, ...words: string[]): Promise<Result> => host.command("mlflow-move", words);

/** Moves, and shows what went wrong when it fails. */
export async function moved(host: DatabaseHost): Promise<Result> {
    const result = await move(host, "--run");
    assert.strictEqual(result.status, 0, result.stderr);
    return result;
}

/** The names of what lies in the state folder, without locks; times in them are replaced. */
export const stateOf = (host: DatabaseHost): string[] =>
    readdirSync(host.state)
        .filter((name) => !name.endsWith(".lock"))
        .map((name) => name.replace(/\d{8}T\d{6}Z/, "<time>"))
        .sort();

/** The file of a finished move. */
export function keptFile(host: DatabaseHost): string {
    const [kept, ...more] = readdirSync(host.state).filter((name) => name.startsWith("mlflow.db.moved-"));
    assert.deepStrictEqual([more, existsSync(host.file)], [[], false]);
    return path.join(host.state, kept);
}

/** Declares tests with such a scene. */
export function forMoves(what: string, declare: (scene: MovingScene) => void): void {
    forKind("PostgreSQL", what, (cloud) => {
        const scene = new MovingScene(cloud);
        before(() => scene.make());
        declare(scene);
    });
}
