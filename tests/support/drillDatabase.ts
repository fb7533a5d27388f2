import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { DeleteParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { freePort } from "../../sandbox/processes";
import { cleanEnvironment } from "../../sandbox/tools";
import { storeDatabase, type StoredDatabase } from "./databaseParameters";
import { hostSettings } from "./hostSettings";
import { Postgresql, postgresqlPrograms } from "./postgresql";

export const databaseUser = "mlflow";
export const databasePassword = "pr0of-of-secrecy";
export const databaseParameter = "/drill/database";

/** Its server refuses to run as root. */
const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A PostgreSQL that can be ended and started again. */
export class DrillDatabase {
    private constructor(
        private readonly folder: string,
        readonly port: number,
        private readonly postgresql: Postgresql,
    ) {}

    /** @param folder which exists, for it alone */
    static async start(folder: string): Promise<DrillDatabase> {
        const port = await freePort();
        const postgresql = new Postgresql(folder, port);
        await postgresql.start(databaseUser, databasePassword);
        return new DrillDatabase(folder, port, postgresql);
    }

    /** Ends it at once, as a crash does: what was not written to its log is lost. */
    crash(): void {
        this.control("--mode=immediate", "stop");
    }

    resume(tls: "on" | "off" = "on"): void {
        const own = `-p ${this.port} -k ${this.folder}/data -c listen_addresses=127.0.0.1 -c ssl=${tls}`;
        this.control(`--options=${own}`, `--log=${this.folder}/data/log`, "start");
    }

    private password = databasePassword;

    /** From now on, new connections need another password; those that are open stay. */
    changePassword(to: string): void {
        this.query(`ALTER ROLE ${databaseUser} PASSWORD '${to}'`);
        this.password = to;
    }

    /** Rows of a query, one a line. */
    query(sql: string): string {
        const connection = ["-h", "127.0.0.1", "-p", String(this.port), "-U", databaseUser, "-d", databaseUser];
        return this.postgresql.query(this.password, connection, sql);
    }

    stop(): void {
        const data = path.join(this.folder, "data");
        const control = path.join(postgresqlPrograms!, "pg_ctl");
        const { status } = spawnSync(control, ["--pgdata", data, "status"], { ...identity });
        if (status === 0) {
            this.control("--mode=fast", "stop");
        }
    }

    private control(...words: string[]): void {
        const data = path.join(this.folder, "data");
        const control = path.join(postgresqlPrograms!, "pg_ctl");
        const { status, stderr } = spawnSync(control, ["--pgdata", data, "--wait", ...words], {
            ...identity,
            env: cleanEnvironment(),
            cwd: "/",
            encoding: "utf8",
            stdio: ["ignore", "ignore", "pipe"],
        });
        if (status !== 0) {
            throw new Error(`pg_ctl ${words.join(" ")}: ${stderr}`);
        }
    }
}

/** The database as the stack stores it. */
export const storedDatabase = (port: number, ...passwords: string[]): StoredDatabase => ({
    address: `postgresql+psycopg2://${databaseUser}@127.0.0.1:${port}/${databaseUser}?sslmode=require&connect_timeout=3`,
    passwords: passwords.length > 0 ? passwords : [databasePassword],
});

const parametersAt = (endpoint: string) =>
    new SSMClient({
        endpoint,
        region: hostSettings.region,
        credentials: { accessKeyId: "operator", secretAccessKey: "operator" },
    });

/** Stores it where the host reads it. */
export async function store(endpoint: string, database: StoredDatabase): Promise<void> {
    const client = parametersAt(endpoint);
    await storeDatabase(client, databaseParameter, database);
    client.destroy();
}

/** From now on the host cannot read them. */
export async function removePasswords(endpoint: string): Promise<void> {
    const client = parametersAt(endpoint);
    await client.send(new DeleteParameterCommand({ Name: `${databaseParameter}-passwords` }));
    client.destroy();
}
