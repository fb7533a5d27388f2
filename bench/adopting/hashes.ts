import type { DatabaseCloud } from "../../tests/support/databaseKinds";

/** A hash of each column with all its rows, by `<table>.<column>`; the rows in the order of the table's oldest columns. */
export type Hashes = Record<string, string>;

/** By the database itself, a look at each table: a million rows need not leave it. */
export function hashesOf(cloud: DatabaseCloud, database: string): Hashes {
    const listed = cloud.query(
        database,
        "SELECT table_name, string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns " +
            "WHERE table_schema = 'public' AND table_name NOT IN ('alembic_version', 'adopted_locations') GROUP BY 1",
    );
    const tables = listed.split("\n").map((line): [string, string[]] => {
        const [name, columns] = line.split("|");
        return [name, columns.split(" ")];
    });
    // Each value with all that names its row: the primary key.
    const hash = (name: string, column: string) =>
        `coalesce(sum(hashtextextended(concat_ws(chr(1), ${keyOf(name)}, "${column}"::text), 0)::numeric), 0)`;
    const looks = tables.map(
        ([name, columns]) =>
            `SELECT '${name}', concat_ws(' ', ${columns.map((column) => hash(name, column)).join(", ")}), count(*) FROM "${name}"`,
    );
    const found: Hashes = {};
    for (const line of cloud.query(database, looks.join(" UNION ALL ")).split("\n")) {
        const [name, sums, count] = line.split("|");
        const columns = tables.find(([table]) => table === name)![1];
        sums.split(" ").forEach((sum, index) => (found[`${name}.${columns[index]}`] = `${count} rows, ${sum}`));
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
