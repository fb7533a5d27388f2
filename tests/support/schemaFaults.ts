import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { installedHost } from "../../sandbox/tools";

// What breaks in a schema's upgrade, as Python that runs before the host's own.

/** The schema of MLflow 3.1.0. */
export const older = "6953534de441";

/** The schema of the installed MLflow: the revision that no other comes after. */
export function newestRevision(): string {
    const [library] = readdirSync(path.join(installedHost, "opt/mlflow/venv/lib"));
    const versions = path.join(
        ...[installedHost, "opt/mlflow/venv/lib", library, "site-packages/mlflow/store/db_migrations/versions"],
    );
    const texts = readdirSync(versions)
        .filter((name) => name.endsWith(".py") && !name.startsWith("_"))
        .map((name) => readFileSync(path.join(versions, name), "utf8"));
    const named = (pattern: RegExp) => texts.map((text) => pattern.exec(text)?.[1]);
    const earlier = named(/^down_revision = "(\w+)"/m);
    return named(/^revision = "(\w+)"/m).find((revision) => !earlier.includes(revision))!;
}

/** After the changes of all migrations, the last among them, something else happens. */
const afterLastMigration = (statement: string) => `
import time
from alembic.runtime import migration
begin = migration.RevisionStep.__init__
def changed(self, revision_map, revision, is_upgrade):
    begin(self, revision_map, revision, is_upgrade)
    migrate = self.migration_fn
    def then(**words):
        migrate(**words)
        if not revision.nextrev:
            ${statement}
    self.migration_fn = then
migration.RevisionStep.__init__ = changed
`;

export const failingUpgrade = afterLastMigration('raise RuntimeError("column x\\n  cannot be changed")');
export const endlessUpgrade = afterLastMigration('print("migrated", flush=True); time.sleep(600)');

/** Disks have this many bytes left. */
export const fullDisk = (bytes: number): string =>
    `import shutil\nshutil.disk_usage = lambda path: shutil._ntuple_diskusage(1 << 40, 1 << 40, ${bytes})`;
