"""What is known of a move from SQLite to PostgreSQL before it and during it: whether a database holds what people made, and the mark
that PostgreSQL carries until it holds all of it.
"""

import dataclasses
import datetime
import json
import os
import pathlib
import sys

import sqlalchemy

from mlflow_host.database import engine_of

TABLE = "mlflow_move"
COMMAND = "sudo /opt/mlflow/host/bin/mlflow-move"
BACK = "pulumi config set backend sqlite, pulumi up"

# Rows that MLflow makes by itself.
OWN_ROWS = {"alembic_version": "1 = 1", "experiments": "experiment_id = 0", "workspaces": "name = 'default'", TABLE: "1 = 1"}
# What people count, with its name for them.
COUNTED = {"experiments": "experiments", "runs": "runs", "registered_models": "registered models", "trace_info": "traces"}


@dataclasses.dataclass
class Progress:
    """How far a move is: it stands in the target, and changes together with the rows that it speaks of."""

    source: str
    """Hash of the file that is copied; empty when its rows must be copied anew."""
    backup: str
    began: str
    phase: str = "initialising"
    """`initialising`, `copying` or `verified`."""
    last: dict[str, int] = dataclasses.field(default_factory=dict)
    """For each table with rows of it there: the rowid of the last one."""

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def read_progress(engine: sqlalchemy.Engine) -> Progress | None:
    """Of the move that fills this database; None when there is none."""
    if engine.dialect.name != "postgresql" or not sqlalchemy.inspect(engine).has_table(TABLE):
        return None
    with engine.connect() as connection:
        found = connection.execute(sqlalchemy.text(f"SELECT progress::text FROM {TABLE}")).scalar_one()
    return Progress(**json.loads(found))


def filled_tables(engine: sqlalchemy.Engine) -> list[str]:
    """The tables with rows that MLflow did not make by itself."""
    with engine.connect() as connection:

        def holds(table: str) -> bool:
            name = engine.dialect.identifier_preparer.quote(table)
            query = f"SELECT 1 FROM {name} WHERE NOT ({OWN_ROWS.get(table, '1 = 0')}) LIMIT 1"
            return connection.execute(sqlalchemy.text(query)).first() is not None

        return [table for table in sorted(sqlalchemy.inspect(connection).get_table_names()) if holds(table)]


def contents(engine: sqlalchemy.Engine) -> str:
    """What people made in this database, such as `3 experiments, 12 runs`; empty when that is nothing."""
    filled = filled_tables(engine)
    parts = []
    with engine.connect() as connection:
        for table, words in COUNTED.items():
            if table in filled:
                query = f"SELECT count(*) FROM {table} WHERE NOT ({OWN_ROWS.get(table, '1 = 0')})"
                parts.append(f"{connection.execute(sqlalchemy.text(query)).scalar_one()} {words}")
    return ", ".join(parts) or ", ".join(f"rows in {table}" for table in filled)


def sqlite_file() -> pathlib.Path:
    return pathlib.Path(os.environ["HOST_STATE"], "mlflow.db")


def moved_name(file: pathlib.Path) -> pathlib.Path:
    """Where the file of a finished move is kept."""
    return file.with_name(f"{file.name}.moved-{datetime.datetime.now(datetime.timezone.utc):%Y%m%dT%H%M%SZ}")


def refuse_half_moved(engine: sqlalchemy.Engine, topic: str = "database") -> None:
    """Raises SystemExit while a move fills this database: what it holds is not all."""
    if progress := read_progress(engine):
        sys.exit(
            f"{topic}: it holds a part of what is moved from SQLite since {progress.began}; nothing uses it before that has ended; "
            f"remedy: {COMMAND} --run, which goes on; or, to go back to SQLite, whose file is as it was: {BACK}"
        )


def refuse_to_forget(engine: sqlalchemy.Engine) -> None:
    """Raises SystemExit when an empty database would begin while what people made lies in SQLite's file, here or moved away."""
    file = sqlite_file()
    if engine.dialect.name == "sqlite":
        for moved in sorted(file.parent.glob(f"{file.name}.moved-*"))[-1:]:
            sys.exit(
                f"database: SQLite's file is missing or empty, and {moved} is what was moved to PostgreSQL; nothing was begun; remedy: "
                f"sudo mv {moved} {file}, which brings that state back; or, to begin empty, move it to another folder"
            )
    elif file.exists():
        try:
            held = contents(engine_of(f"sqlite:///{file}"))
        except sqlalchemy.exc.DatabaseError as error:
            held = f"something that cannot be read ({' '.join(str(error.orig).split())})"
        if held:
            sys.exit(
                f"database: it is empty, and {file} holds {held}; nothing was begun, so that nothing is forgotten; remedy: {COMMAND}, "
                f"which says what a move would do, and with --run moves it; or, to begin empty, sudo mv {file} {file}.left"
            )
