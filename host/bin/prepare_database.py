"""Makes sure, before the server starts, that the database can be used: it answers, and its schema is the installed MLflow's.

The server by itself would migrate an older schema at its start, unasked and without a backup. Here an empty database is
initialised, the right one is left alone, and any other stops the start with the reason and the remedy. With `--upgrade` an
older schema is upgraded. Both changes hold a lock of the database, so that two hosts never make them at once.

The address comes from the environment (MLFLOW_BACKEND_STORE_URI), because it may hold a password; none is ever printed.
"""

import contextlib
import importlib.util
import os
import pathlib
import re
import sys
import time
from collections.abc import Iterator

import sqlalchemy

WAIT_SECONDS = 120
# Any number that no other program uses: PostgreSQL's advisory locks have no names.
LOCK = 7_306_085_418


def say(text: str) -> None:
    print(f"database: {text}", file=sys.stderr, flush=True)


def wait_for(engine: sqlalchemy.Engine) -> None:
    """Waits until the database answers, and says each new reason why it does not."""
    reason = ""
    deadline = time.monotonic() + float(os.environ.get("HOST_DATABASE_WAIT_SECONDS", WAIT_SECONDS))
    while True:
        try:
            with engine.connect():
                return
        except sqlalchemy.exc.OperationalError as error:
            now = " ".join(str(error.orig).split())
        if now != reason:
            say(f"not usable yet: {now}")
            reason = now
        if time.monotonic() > deadline:
            sys.exit("database: did not become usable in time; see the reasons above")
        time.sleep(1)


def installed_revisions() -> dict[str, str | None]:
    """The revisions that the installed MLflow knows, each with the one before it; read as text, which takes no time."""
    package = importlib.util.find_spec("mlflow").submodule_search_locations[0]
    revisions = {}
    for file in pathlib.Path(package, "store/db_migrations/versions").glob("[!_]*.py"):
        text = file.read_text(encoding="utf8")
        before = re.search(r"^down_revision = (?:\"(\w+)\"|None)", text, re.MULTILINE)
        revisions[re.search(r"^revision = \"(\w+)\"", text, re.MULTILINE)[1]] = before[1]
    return revisions


def newest(revisions: dict[str, str | None]) -> str:
    (head,) = set(revisions) - set(revisions.values())
    return head


def current_revision(engine: sqlalchemy.Engine) -> str | None:
    """The schema's revision; None for a database without tables, `none` for tables that are not MLflow's."""
    tables = sqlalchemy.inspect(engine).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        return "none"
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar() or "none"


def is_half_made(engine: sqlalchemy.Engine) -> bool:
    """Whether the tables are what an initialisation leaves that was killed in its first moments."""
    from mlflow.store.tracking.dbmodels.initial_models import Base

    tables = set(sqlalchemy.inspect(engine).get_table_names())
    with engine.connect() as connection:
        rows = [
            connection.execute(sqlalchemy.text(f"SELECT 1 FROM {name} LIMIT 1")).first()
            for name in tables & set(Base.metadata.tables)
        ]
    return tables <= set(Base.metadata.tables) and not any(rows)


@contextlib.contextmanager
def locked(engine: sqlalchemy.Engine) -> Iterator[None]:
    """Alone among all hosts. SQLite's file is on one host's volume, and its server starts after this."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        yield


def prepare(engine: sqlalchemy.Engine, upgrade: bool) -> None:
    wait_for(engine)
    revisions = installed_revisions()
    wanted = newest(revisions)
    if current_revision(engine) == wanted:
        return
    with locked(engine):
        found = current_revision(engine)  # another host may have been first
        if found == wanted:
            return
        if found is None or (found == "none" and is_half_made(engine)):
            say(f"empty; initialising schema {wanted}")
            from mlflow.store.db.utils import _initialize_tables

            _initialize_tables(engine)
        elif found not in revisions:
            sys.exit(
                f"database: schema {found} is not one that the installed MLflow knows; it is left as it is. A newer MLflow wrote "
                "it, or it is not MLflow's: go back to the version of this program that used it, or name another database"
            )
        elif not upgrade:
            sys.exit(
                f"database: schema {found} is older than {wanted}, which the installed MLflow needs; it is left as it is. Stop "
                "every server that uses it, back it up, and run: sudo /opt/mlflow/host/bin/mlflow-server --upgrade-database"
            )
        else:
            say(f"upgrading schema {found} to {wanted}")
            from mlflow.store.db.utils import _upgrade_db

            _upgrade_db(engine)
        say(f"schema is {current_revision(engine)}")


def main() -> None:
    engine = sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"], poolclass=sqlalchemy.pool.NullPool)
    prepare(engine, upgrade=sys.argv[1:] == ["--upgrade"])


if __name__ == "__main__":
    main()
