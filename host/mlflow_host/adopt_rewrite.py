"""Writes the new addresses, and keeps the old ones in a table of the same database for the way back; each in one transaction.

The table goes with the database: into its backups, and out of it when one from before is restored.
"""

import contextlib
import dataclasses
import sys
import time
from collections.abc import Iterator

import sqlalchemy

from mlflow_host.adopt_locations import PLACES, Addresses, Change, Place, Row, key_of, plan, reflected
from mlflow_host.say import say

TABLE = "adopted_locations"
# Of MLflow's tables here, `model_versions` has the longest primary key.
KEYS = ("key_1", "key_2", "key_3")
OLD = sqlalchemy.Table(
    TABLE,
    sqlalchemy.MetaData(),
    *(sqlalchemy.Column(name, sqlalchemy.Text, primary_key=True) for name in ("place", *KEYS)),
    sqlalchemy.Column("old", sqlalchemy.Text, nullable=False),
    sqlalchemy.Column("new", sqlalchemy.Text, nullable=False),
)
LOCK_TIMEOUT = "1min"
WAIT_SECONDS = 10


def others(engine: sqlalchemy.Engine) -> str | None:
    """Who else uses the database as this user, such as the server of before; None when nobody does. SQLite's file is this host's."""
    if engine.dialect.name != "postgresql":
        return None
    query = sqlalchemy.text(
        "SELECT count(*), string_agg(DISTINCT coalesce(host(client_addr), 'its own machine'), ', ') FROM pg_stat_activity "
        "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    )
    # The server's own connections end a moment after it.
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        with engine.connect() as connection:
            count, places = connection.execute(query).one()
        if not count:
            return None
        if time.monotonic() > deadline:
            return f"{count} connections from {places}"
        time.sleep(0.2)


@contextlib.contextmanager
def alone(engine: sqlalchemy.Engine) -> Iterator[sqlalchemy.Connection]:
    """A transaction in which nobody else writes an address; whoever reads does not wait."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            tables = reflected(connection, {place.table for place in PLACES})
            connection.execute(sqlalchemy.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(sqlalchemy.text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))
        else:
            connection.execute(sqlalchemy.text("BEGIN IMMEDIATE"))
        yield connection


def padded(key: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(KEYS, (*key, "", "")))


def same_row(place: Place, table: sqlalchemy.Table) -> sqlalchemy.ColumnElement[bool]:
    """Joins the rows of a column with what is kept of them."""
    keys = [*key_of(table), *(sqlalchemy.literal("") for _ in KEYS)][: len(KEYS)]
    pairs = [OLD.c[name] == key for name, key in zip(KEYS, keys)]
    return sqlalchemy.and_(OLD.c.place == str(place), *pairs)


def rewrite(engine: sqlalchemy.Engine, addresses: Addresses) -> int:
    """Changes all that there is to change, and returns how many rows. All of it, or nothing."""
    with alone(engine) as connection:
        changes = plan(connection, addresses).changes
        if not changes:
            return 0
        OLD.create(connection, checkfirst=True)
        keep(connection, changes)
        tables = reflected(connection, {place.table for place in PLACES})
        for place in PLACES:
            expected = sum(change.row.place == place for change in changes)
            if not expected:
                continue
            column = tables[place.table].c[place.column]
            statement = (
                sqlalchemy.update(column.table)
                .values({column: OLD.c.new})
                .where(same_row(place, column.table), OLD.c.old == column)
            )
            count = connection.execute(statement).rowcount
            if count != expected:
                raise SystemExit(f"adopt: {place}: {count} rows would change instead of {expected}; nothing was changed")
        return len(changes)


def keep(connection: sqlalchemy.Connection, changes: list[Change]) -> None:
    """What a row held before an earlier adoption is of no use: somebody has changed it since."""
    rows = [
        {"place": str(change.row.place), **padded(change.row.key), "old": change.row.value, "new": change.new}
        for change in changes
    ]
    if connection.execute(sqlalchemy.select(OLD.c.place).limit(1)).first():
        match = [OLD.c[name] == sqlalchemy.bindparam(f"of_{name}") for name in ("place", *KEYS)]
        connection.execute(
            sqlalchemy.delete(OLD).where(*match),
            [{f"of_{name}": row[name] for name in ("place", *KEYS)} for row in rows],
        )
    connection.execute(sqlalchemy.insert(OLD), rows)


@dataclasses.dataclass(frozen=True)
class Back:
    """What came back, and what did not: rows with what they hold now."""

    count: int
    changed: list[str]


def back(engine: sqlalchemy.Engine) -> Back:
    """Gives every row that still holds what was written the address that it had before; the others are left alone, and kept on."""
    with alone(engine) as connection:
        if not sqlalchemy.inspect(connection).has_table(TABLE):
            return Back(0, [])
        count = 0
        tables = reflected(connection, {place.table for place in PLACES})
        for place in PLACES:
            column = tables[place.table].c[place.column]
            still = (same_row(place, column.table), OLD.c.new == column)
            changed = connection.execute(sqlalchemy.update(column.table).values({column: OLD.c.old}).where(*still)).rowcount
            done = (same_row(place, column.table), OLD.c.old == column)
            removed = connection.execute(sqlalchemy.delete(OLD).where(sqlalchemy.exists().where(*done))).rowcount
            if removed < changed:
                sys.exit(f"adopt: {place}: {changed} rows would come back, {removed} are known; nothing was changed")
            count += changed
        left = changed_since(connection, tables)
        if not left:
            OLD.drop(connection)
        return Back(count, left)


def changed_since(connection: sqlalchemy.Connection, tables: dict[str, sqlalchemy.Table]) -> list[str]:
    found = []
    for place in PLACES:
        column = tables[place.table].c[place.column]
        rows = sqlalchemy.select(OLD, column.label("now")).select_from(
            sqlalchemy.outerjoin(OLD, column.table, same_row(place, column.table))
        )
        for row in connection.execute(rows.where(OLD.c.place == str(place)).order_by(*OLD.c)).mappings():
            name = Row(place, tuple(row[key] for key in KEYS if row[key]), row["old"])
            found.append(f"{name}: {row['now'] or 'deleted since'}, and not {row['new']}, which was written")
    return found


def report_back(result: Back) -> None:
    for line in result.changed:
        say("adopt", f"left as it is: {line}")
    say(
        "adopt",
        f"{result.count} rows hold again what they held before; {len(result.changed)} were changed since and are left as they are",
    )
