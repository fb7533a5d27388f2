import { SSMClient } from "@aws-sdk/client-ssm";
import { freePort } from "../../sandbox/processes";
import { storeDatabase } from "../../tests/support/databaseParameters";
import { Postgresql } from "../../tests/support/postgresql";
import { operator } from "./s3";
import type { Database } from "./servers";

const user = "mlflow";
const password = "benchmark";

/** A PostgreSQL that makes an empty database for every server, and keeps its address where the host looks for it. */
export async function startPostgresql(folder: string, endpoint: string) {
    const port = await freePort();
    const postgresql = new Postgresql(folder, port);
    await postgresql.start(user, password);
    const connection = ["-h", "127.0.0.1", "-p", String(port), "-U", user, "-d", "postgres"];
    const parameters = new SSMClient(operator(endpoint));
    return {
        make: async (name: string): Promise<Database> => {
            postgresql.query(password, connection, `CREATE DATABASE ${name}`);
            const place = `127.0.0.1:${port}/${name}`;
            const parameter = `/benchmark/${name}`;
            const stored = { address: `postgresql+psycopg2://${user}@${place}`, passwords: [password] };
            await storeDatabase(parameters, parameter, stored);
            return { address: `postgresql+psycopg2://${user}:${password}@${place}`, parameter };
        },
        /** What a database takes on the disk. */
        bytes: (name: string): number =>
            Number(postgresql.query(password, connection, `SELECT pg_database_size('${name}')`)),
        stop: () => {
            parameters.destroy();
            return postgresql.stop();
        },
    };
}
