"""SQLite's file as the source of a move: its tables, its rows in batches, and what PostgreSQL would not take of them."""

import contextlib
import dataclasses
import hashlib
import pathlib
import sqlite3
from collections.abc import Iterable, Iterator

import sqlalchemy

from mlflow_host.database import engine_of
from mlflow_host.move_values import Lines, Unfit, decode, encoders_of, stored

# A batch is one transaction of PostgreSQL's, and what the command holds in memory: as many rows, or as many characters of text.
BATCH_ROWS = 20_000
BATCH_CHARACTERS = 8 << 20
# Not copied: both sides have their own.
SCHEMA_TABLE = "alembic_version"
FIRST_ROW = -(1 << 63)
# As many rows of a kind are named; of the others there is the count.
NAMED = 5


def hash_of(file: pathlib.Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def tables_of(engine: sqlalchemy.Engine) -> dict[str, sqlalchemy.Table]:
    """All tables with rows to copy, each after those that it refers to."""
    found = sqlalchemy.MetaData()
    found.reflect(engine)
    return {table.name: table for table in found.sorted_tables if table.name != SCHEMA_TABLE}


@dataclasses.dataclass
class Fault:
    """One kind of fault: how many rows have it, and which the first are."""

    text: str
    remedy: str
    count: int = 0
    rows: list[int] = dataclasses.field(default_factory=list)

    def add(self, row: int) -> None:
        self.count += 1
        if len(self.rows) < NAMED:
            self.rows.append(row)

    def __str__(self) -> str:
        more = f" and {self.count - len(self.rows)} more" if self.count > len(self.rows) else ""
        return f"{self.text}: rowid {', '.join(map(str, self.rows))}{more}; remedy: {self.remedy}"


class Source:
    """The file, opened for reading. Who wrote to it last may have been killed: SQLite then takes back what was half done."""

    def __init__(self, file: pathlib.Path) -> None:
        self.file = file
        self.connection = sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=60, isolation_level=None)
        self.connection.text_factory = decode
        self.tables = tables_of(engine_of(f"sqlite:///{file}"))

    def close(self) -> None:
        self.connection.close()

    def hold(self) -> None:
        """From now on nobody writes to it."""
        self.connection.execute("BEGIN")
        self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def count(self, table: str) -> int:
        return self.connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]

    def batches(self, table: str, columns: Iterable[sqlalchemy.Column], after: int | None = None) -> Iterator[list[tuple]]:
        """Rows in the order of their rowid, which comes first in each. Between two batches the file is free for writers."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        query = f'SELECT rowid, {names} FROM "{table}" WHERE rowid >= ? ORDER BY rowid LIMIT {BATCH_ROWS}'
        begin = FIRST_ROW if after is None else after + 1
        while True:
            batch, characters = [], 0
            with contextlib.closing(self.connection.execute(query, (begin,))) as rows:
                for row in rows:
                    batch.append(row)
                    characters += sum(len(value) for value in row if isinstance(value, str | bytes))
                    if characters > BATCH_CHARACTERS:
                        break
            if not batch:
                return
            yield batch
            begin = batch[-1][0] + 1

    def faults(self) -> Iterator[str]:
        """All that PostgreSQL would refuse, or hold differently; nothing is written."""
        yield from self._types()
        damage = self._damage()
        yield from damage
        try:
            yield from map(str, self._orphans())
            for table in self.tables.values():
                yield from map(str, self._unfit(table))
        except sqlite3.DatabaseError:
            if not damage:
                raise

    def _types(self) -> Iterator[str]:
        for table in self.tables.values():
            for column in table.columns:
                if encoders_of(column.type) is None:
                    yield f"{table.name}.{column.name} has the type {column.type}, which no table of MLflow's has"
            if any(key.column.table is table for key in table.foreign_keys):
                yield f"{table.name} refers to itself, which this command does not know how to fill"

    def _damage(self) -> list[str]:
        """Damage, and values that break a rule of their own table; SQLite looks for both."""
        verdicts = [verdict for (verdict,) in self.connection.execute(f"PRAGMA integrity_check({NAMED})")]
        remedy = "remedy: correct the rows, or bring a backup back (mlflow-restore, with the backend sqlite)"
        return [] if verdicts == ["ok"] else [f"SQLite finds: {' '.join(verdict.split())}; {remedy}" for verdict in verdicts]

    def _orphans(self) -> list[Fault]:
        found: dict[tuple[str, str], Fault] = {}
        for table, row, parent, _ in self.connection.execute("PRAGMA foreign_key_check"):
            text = f"{table} refers to rows of {parent} that are not there"
            remedy = f"DELETE FROM {table} WHERE rowid IN (…)"
            found.setdefault((table, parent), Fault(text, remedy)).add(row)
        return list(found.values())

    def _unfit(self, table: sqlalchemy.Table) -> list[Fault]:
        found: dict[tuple[str, str], Fault] = {}
        try:
            lines = Lines(stored(table))
        except TypeError:
            return []  # a type that `_types` has named
        for batch in self.batches(table.name, lines.columns):
            for row, *values in batch:
                try:
                    lines.to_copy(values)
                except Unfit:
                    for column, reason in lines.faults(values):
                        remedy = f"UPDATE {table.name} SET {column} = … WHERE rowid IN (…)"
                        found.setdefault((column, reason), Fault(f"{table.name}.{column} {reason}", remedy)).add(row)
        return list(found.values())
