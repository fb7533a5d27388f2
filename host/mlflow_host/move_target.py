"""PostgreSQL as the target of a move: taken when nobody has used it, filled batch by batch, and read back to compare."""

import contextlib
import dataclasses
import hashlib
import io
import time
from collections.abc import Iterable, Iterator

import psycopg2.extensions
import sqlalchemy

from mlflow_host.database import current_revision, installed_revisions, newest
from mlflow_host.move_marker import TABLE, Progress, filled_tables, read_progress
from mlflow_host.move_source import tables_of
from mlflow_host.move_values import Lines, compared_column, stored
from mlflow_host.schema import LOCK, is_half_made

# A killed command's connection goes as soon as PostgreSQL has ended what it was doing.
LOCK_SECONDS = 20


class Refused(Exception):
    """A target that cannot be filled; the text says why."""


def use_of(engine: sqlalchemy.Engine) -> str:
    """What the target is, in words. Raises Refused when it is not one to fill."""
    with engine.connect() as connection:
        encoding = connection.execute(sqlalchemy.text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise Refused(f"its encoding is {encoding}, not UTF8; name a database that was made with ENCODING 'UTF8'")
    if progress := read_progress(engine):
        return f"holds a part of what is moved since {progress.began}"
    found = current_revision(engine)
    if found is None or (found == "none" and is_half_made(engine)):
        return "empty"
    if filled := filled_tables(engine):
        raise Refused(f"it holds rows in {', '.join(filled)}, which no move has put there; name an empty database")
    if found != newest(installed_revisions()):
        raise Refused(f"it holds tables of schema {found}, not {newest(installed_revisions())}; name an empty database")
    return "initialised, and unused"


@dataclasses.dataclass
class Sum:
    """Count and checksum of rows in any order, a line for each. PostgreSQL's COPY writes into it."""

    count: int = 0
    total: int = 0

    def write(self, line: bytes) -> None:
        # Equal lines count as often as they are there: a sum, and not an exclusive or.
        self.total = (self.total + int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")) & ((1 << 128) - 1)
        self.count += 1

    def __str__(self) -> str:
        return f"{self.count} rows, checksum {self.total:032x}"


class Target:
    """One connection, which holds the lock of the schema until it is closed."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self.engine = engine
        self.held = engine.raw_connection()
        self.connection: psycopg2.extensions.connection = self.held.driver_connection
        self.connection.set_client_encoding("UTF8")
        with self.transaction() as cursor:
            # A limit of the role would end the reading of a large table.
            cursor.execute("SET statement_timeout = 0; SET bytea_output = hex; SET DateStyle = ISO")

    def close(self) -> None:
        self.held.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[psycopg2.extensions.cursor]:
        with self.connection, self.connection.cursor() as cursor:
            yield cursor

    def lock(self) -> bool:
        """Alone among all hosts: no server begins in this database meanwhile, and no other move."""
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            with self.transaction() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
                if cursor.fetchone()[0]:
                    return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)

    def begin(self, progress: Progress) -> None:
        with self.transaction() as cursor:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (progress json NOT NULL)")
            cursor.execute(f"DELETE FROM {TABLE}")
            cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", (progress.to_json(),))

    def note(self, progress: Progress) -> None:
        with self.transaction() as cursor:
            write(cursor, progress)

    def initialise(self, progress: Progress) -> dict[str, sqlalchemy.Table]:
        """Makes MLflow's tables, where they are not there, and empties them. Returns them."""
        if current_revision(self.engine) != newest(installed_revisions()):
            from mlflow.store.db.utils import _initialize_tables

            _initialize_tables(self.engine)
        tables = self.tables()
        with self.transaction() as cursor:
            # MLflow's own rows as well: the source has them too.
            cursor.execute(f"TRUNCATE {', '.join(quoted(table) for table in tables)}")
            progress.phase, progress.last = "copying", {}
            write(cursor, progress)
        return tables

    def tables(self) -> dict[str, sqlalchemy.Table]:
        return {name: table for name, table in tables_of(self.engine).items() if name != TABLE}

    def add(self, table: sqlalchemy.Table, rows: Iterable[tuple], progress: Progress) -> None:
        """A batch, and how far the move is with it: both or neither."""
        lines = Lines(stored(table))
        text = io.StringIO()
        for row, *values in rows:
            text.write(lines.to_copy(values))
            progress.last[table.name] = row
        content = io.BytesIO(text.getvalue().encode())
        names = ", ".join(quoted(column.name) for column in lines.columns)
        with self.transaction() as cursor:
            cursor.copy_expert(f"COPY {quoted(table.name)} ({names}) FROM STDIN", content)
            write(cursor, progress)

    def set_sequences(self, tables: Iterable[sqlalchemy.Table]) -> None:
        """The next number is one that no row has."""
        with self.transaction() as cursor:
            for table in tables:
                for column in table.columns:
                    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", (quoted(table.name), column.name))
                    (sequence,) = cursor.fetchone()
                    if sequence:
                        most = f"(SELECT max({quoted(column.name)}) FROM {quoted(table.name)})"
                        cursor.execute(f"SELECT setval(%s, greatest({most}, 1), coalesce({most} > 0, false))", (sequence,))

    def sum_of(self, table: sqlalchemy.Table) -> Sum:
        result = Sum()
        asked = ", ".join(compared_column(column) for column in table.columns)
        with self.transaction() as cursor:
            cursor.copy_expert(f"COPY (SELECT {asked} FROM {quoted(table.name)}) TO STDOUT", result)
        return result

    def end(self) -> None:
        """The mark goes: from now on the database is MLflow's. PostgreSQL looks at the tables first, to plan queries well at once."""
        with self.transaction() as cursor:
            cursor.execute("ANALYZE")
        with self.transaction() as cursor:
            cursor.execute(f"DROP TABLE {TABLE}")


def write(cursor: psycopg2.extensions.cursor, progress: Progress) -> None:
    cursor.execute(f"UPDATE {TABLE} SET progress = %s", (progress.to_json(),))


def quoted(name: str) -> str:
    return f'"{name}"'
