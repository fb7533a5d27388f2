import type { DatabaseCloud } from "../../tests/support/databaseKinds";

/** A hash of each column with all its rows, by `<table>.<column>`; the rows in the order of the table's oldest columns. */
export type Hashes = Record<string, string>;

/** By the database itself: a million rows need not leave it. Columns that hold addresses of artifacts are hashed too. */
export function hashesOf(cloud: DatabaseCloud, database: string): Hashes {
    const columns = cloud.query(
        database,
        "SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = 'public' " +
            "AND table_name NOT IN ('alembic_version', 'adopted_locations') ORDER BY table_name, ordinal_position",
    );
    const found: Hashes = {};
    for (const [name, column] of columns.split("\n").map((line) => line.split(" "))) {
        // Each value with all that names its row: the primary key.
        found[`${name}.${column}`] = cloud.query(
            database,
            `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(chr(1), ${keyOf(name)}, "${column}"::text), 0)::numeric), 0) ` +
                `FROM "${name}"`,
        );
    }
    return found;
}

/** The columns that name a row of the tables that MLflow 1.26.1 has, in its schema and in those after. */
const keys: Record<string, string> = {
    experiments: "experiment_id",
    experiment_tags: "experiment_id, key",
    runs: "run_uuid",
    params: "run_uuid, key",
    tags: "run_uuid, key",
    metrics: "run_uuid, key, timestamp, step, value, is_nan",
    latest_metrics: "run_uuid, key",
    registered_models: "name",
    registered_model_tags: "name, key",
    model_versions: "name, version",
    model_version_tags: "name, version, key",
};
const keyOf = (table: string) => keys[table] ?? "''";
