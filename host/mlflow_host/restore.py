"""Brings a backup of the database back. Nothing is touched before the backup was fetched and checked; what it replaces is kept."""

import datetime
import os
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator

import sqlalchemy

from mlflow_host import adopt_rewrite, copies
from mlflow_host.address import database_address
from mlflow_host.backup import back_up, work_folder
from mlflow_host.bucket import BackupFolder
from mlflow_host.commands import faults_in_words
from mlflow_host.database import current_revision, engine_of, installed_revisions
from mlflow_host.say import say, size
from mlflow_host.service import start_server, stop_server


def known_schema(revision: str) -> str:
    """An older schema is upgraded at the next start, which backs it up once more; a newer one the server could not use."""
    if revision not in installed_revisions():
        raise copies.Unusable(
            f"its schema {revision} is newer than the installed MLflow: go back to the version of this program that wrote it"
        )
    return revision


def replace_sqlite(restored: pathlib.Path, live: pathlib.Path) -> None:
    """Moves the present file away, with its journals, and the restored one in its place, as the state folder's owner's."""
    owner = live.parent.stat()
    moment = datetime.datetime.now(datetime.timezone.utc)
    kept = live.parent / f"replaced-{moment:%Y%m%dT%H%M%SZ}"
    present = sorted(live.parent.glob(f"{live.name}*"))
    restored.chmod(0o640)
    try:
        if present:
            kept.mkdir(mode=0o750)
            for file in present:
                file.rename(kept / file.name)
        os.replace(restored, live)
    except BaseException:
        # Without a file, the server would begin an empty one.
        for file in kept.glob("*"):
            file.rename(live.parent / file.name)
        raise
    if os.geteuid() == 0:
        for path in (live, kept):
            if path.exists():
                shutil.chown(path, owner.st_uid, owner.st_gid)
    if present:
        say("restore", f"what was there before is kept in {kept}; delete it when nobody misses it")


# Everything of the public schema that a dump would make anew: tables, all at once, as they refer to each other; then what their
# triggers call, and types. No CASCADE: PostgreSQL refuses when a view of somebody else's would go with them.
DROP_ALL = b"""
SET lock_timeout = '1min';
DO $$ DECLARE object record; BEGIN
  FOR object IN SELECT 'DROP TABLE ' || string_agg(format('public.%I', relname), ', ') AS statement FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') HAVING count(*) > 0
    UNION ALL SELECT DISTINCT format('DROP FUNCTION public.%I()', proname) FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE relnamespace = 'public'::regnamespace AND pronamespace = 'public'::regnamespace AND NOT tgisinternal
    UNION ALL SELECT format('DROP TYPE public.%I', typname) FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
  LOOP EXECUTE object.statement; END LOOP;
END $$;
"""
# What the dump of a newer pg_dump says beside tables and rows: PostgreSQL before 17 does not know the setting, and the schema
# is there already.
LEFT_OUT = (b"SET transaction_timeout = ", b"CREATE SCHEMA public;", b"COMMENT ON SCHEMA public ")


def fit_for_any_version(script: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a dump without LEFT_OUT. Those of rows, which may begin like it, are left alone."""
    in_rows = False
    for line in script:
        if in_rows or not line.startswith(LEFT_OUT):
            yield line
        in_rows = line != b"\\.\n" if in_rows else line.startswith(b"COPY ")


def replace_postgresql(dump: pathlib.Path, address: sqlalchemy.URL, folder: pathlib.Path) -> None:
    """Replaces the tables in one transaction: it succeeds as a whole, or changes nothing."""
    script = folder / "restore.sql"
    plain = subprocess.Popen(["pg_restore", "--no-owner", "--no-privileges", "--file=-", dump], stdout=subprocess.PIPE)
    with script.open("wb") as target:
        target.write(DROP_ALL)
        target.writelines(fit_for_any_version(plain.stdout))
    if plain.wait() != 0:
        sys.exit("restore: pg_restore could not read the backup; nothing was changed")
    psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    command = [*psql, "--output=/dev/null", f"--file={script}"]
    done = subprocess.run(command, env=copies.libpq_environment(address), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"restore: PostgreSQL refused it and changed nothing: {' '.join(done.stderr.split())}")


def keep_postgresql(address: sqlalchemy.URL, dump: pathlib.Path) -> None:
    """Backs up what the restore will replace; refuses to replace what no backup of MLflow would hold."""
    engine = engine_of(address)
    present = set(sqlalchemy.inspect(engine).get_table_names())
    if not present:
        return
    import mlflow.store.db.utils  # with all of MLflow's tables

    known = copies.listed_tables(dump) | set(mlflow.store.db.utils.Base.metadata.tables) | {adopt_rewrite.TABLE}
    if foreign := present - known:
        sys.exit(
            f"restore: the database also holds {', '.join(sorted(foreign))}, which are not MLflow's and would be lost; nothing was "
            "changed; remedy: move them to another schema or database"
        )
    if current_revision(engine) == "none":
        sys.exit(
            "restore: the database holds tables without a schema of MLflow; nothing was changed; remedy: empty it, or name another"
        )
    say("restore", f"what is there now is kept as {back_up(address.render_as_string(hide_password=False))}")


def restore(name: str, address: sqlalchemy.URL) -> None:
    kind = address.get_backend_name()
    ending = copies.ENDINGS[kind]
    if not name.endswith(f".{ending}") or "/" in name:
        sys.exit(
            f"restore: got {name}; allowed: the name of a backup that ends with .{ending}; remedy: mlflow-restore lists them"
        )
    with work_folder("restore") as folder:
        fetched, restored = folder / "fetched", folder / "restored"
        try:
            BackupFolder().fetch(name, fetched)
            if kind == "sqlite":
                known_schema(copies.unpack_sqlite(fetched, restored))
            else:
                known_schema(copies.check_postgresql(fetched))
        except copies.Unusable as reason:
            sys.exit(f"restore: {name} cannot be used, nothing was changed: {reason}")
        stop_server("restore", "sudo /opt/mlflow/host/bin/mlflow-restore <backup>")
        try:
            if kind == "sqlite":
                replace_sqlite(restored, pathlib.Path(address.database))
            else:
                keep_postgresql(address, fetched)
                replace_postgresql(fetched, address, folder)
            say("restore", f"{name} is back")
        finally:
            start_server("restore")


def end_in_words(number: int, _frame: object) -> None:
    sys.exit(
        f"restore: ended by {signal.Signals(number).name}; unless it says above that the backup is back, nothing was changed"
    )


def main() -> None:
    # The operator's session may end before the restore does: the server is started again all the same.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end_in_words)
    match sys.argv[1:]:
        case []:
            found = BackupFolder().list()
            for backup in found:
                print(f"{backup.name}  {size(backup.bytes)}")
            say("restore", f"{len(found)} backups; bring one back: sudo /opt/mlflow/host/bin/mlflow-restore <backup>")
        case [name]:
            restore(name, sqlalchemy.make_url(database_address()))
        case words:
            sys.exit(f"mlflow-restore: got {' '.join(words)}; allowed: the name of one backup, or nothing, which lists them")


if __name__ == "__main__":
    with faults_in_words("restore"):
        main()
