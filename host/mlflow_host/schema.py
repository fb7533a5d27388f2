"""Makes sure, before the server starts, that the database can be used: it answers, and its schema is the installed MLflow's.

The server by itself would migrate an older schema at its start, unasked and without a backup. Here an empty database is
initialised, the right one is left alone, an older one is backed up and then upgraded, and any other stops the start with the reason
and the remedy. So does an empty one beside a SQLite file that people used, or one that is still being filled from such a file. Changes hold a lock of the database, so that two hosts never make them at once.

The address comes from the environment (MLFLOW_BACKEND_STORE_URI).
"""

import contextlib
import logging
import os
import pathlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator

import sqlalchemy

from mlflow_host.commands import faults_in_words
from mlflow_host.database import current_revision, engine_of, installed_revisions, newer_than, newest, wait_for
from mlflow_host.move_marker import refuse_half_moved, refuse_to_forget
from mlflow_host.say import say, size

# Any number that no other program uses: PostgreSQL's advisory locks have no names.
LOCK = 7_306_085_418


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


class Steps(logging.Handler):
    """Names each revision as its migration begins, for whoever waits: from an old schema there are dozens, some of which take long."""

    def __init__(self, number: int) -> None:
        super().__init__(logging.INFO)
        self.number, self.passed = number, 0

    def emit(self, record: logging.LogRecord) -> None:
        # Alembic's own words: `Running upgrade <revision> -> <revision>, <what it does>`.
        if match := re.match(r"Running upgrade \w* -> (.*)", record.getMessage()):
            self.passed += 1
            say("database", f"step {self.passed} of {self.number}: {match[1]}")


def migrate(engine: sqlalchemy.Engine) -> None:
    from mlflow.store.db.utils import _upgrade_db

    steps = Steps(len(newer_than(current_revision(engine))))
    logger = logging.getLogger("alembic.runtime.migration")
    logger.addHandler(steps)
    logger.setLevel(logging.INFO)
    # Otherwise each would stand in the journal a second time, in the form of MLflow's log.
    logger.propagate = False
    try:
        _upgrade_db(engine)
    finally:
        logger.removeHandler(steps)


def upgrade_copy(file: pathlib.Path) -> None:
    """Upgrades a copy of a SQLite file and puts it in the file's place: a failure half way leaves the file as it was."""
    from mlflow_host.copies import copy_sqlite

    for left in file.parent.glob("upgrade-*"):
        shutil.rmtree(left)
    free = shutil.disk_usage(file.parent).free
    needed = 3 * file.stat().st_size  # the copy, and as much again for its journal while a migration rebuilds tables
    if free < needed:
        sys.exit(
            f"database: {size(free)} are free on the data volume; the upgrade needs {size(needed)}; the schema is left as it is. "
            "Enlarge the volume: pulumi config set dataVolumeGib <GiB>, pulumi up, and restart the instance"
        )
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="upgrade-") as folder:
        copy = pathlib.Path(folder, file.name)
        copy_sqlite(file, copy)
        engine = engine_of(f"sqlite:///{copy}")
        migrate(engine)
        engine.dispose()
        os.replace(copy, file)


def upgrade(engine: sqlalchemy.Engine, found: str, wanted: str) -> None:
    """Backs an older database up, then upgrades it. PostgreSQL takes a migration back as a whole when it fails."""
    from mlflow_host.backup import back_up

    say("database", f"schema {found} is older than {wanted}, which the installed MLflow needs; backing it up first")
    name = back_up(engine.url.render_as_string(hide_password=False))
    say("database", f"upgrading schema {found} to {wanted}")
    back = f"To go back, use the version of this program that ran before and there, if need be: sudo /opt/mlflow/host/bin/mlflow-restore {name}"
    try:
        if engine.dialect.name == "sqlite":
            upgrade_copy(pathlib.Path(engine.url.database))
        else:
            migrate(engine)
    except Exception as error:  # noqa: BLE001  (a migration may raise anything)
        reason = " ".join(str(error).split())
        sys.exit(f"database: the upgrade failed and changed nothing, the schema is still {found}: {reason}. {back}")
    say("database", back)


def prepare(engine: sqlalchemy.Engine) -> None:
    wait_for(engine)
    revisions = installed_revisions()
    wanted = newest(revisions)
    refuse_half_moved(engine)
    if current_revision(engine) == wanted:
        return
    with locked(engine):
        refuse_half_moved(engine)
        found = current_revision(engine)  # another host may have been first
        if found == wanted:
            return
        if found is None or (found == "none" and is_half_made(engine)):
            refuse_to_forget(engine)
            say("database", f"empty; initialising schema {wanted}")
            from mlflow.store.db.utils import _initialize_tables

            _initialize_tables(engine)
        elif found not in revisions:
            sys.exit(
                f"database: schema {found} is not one that the installed MLflow knows; it is left as it is. A newer MLflow wrote "
                "it, or it is not MLflow's: go back to the version of this program that used it, or name another database"
            )
        else:
            upgrade(engine, found, wanted)
        say("database", f"schema is {current_revision(engine)}")


if __name__ == "__main__":
    with faults_in_words("database"):
        prepare(engine_of(os.environ["MLFLOW_BACKEND_STORE_URI"]))
