"""Which values of the database are places of artifacts, and what each becomes when this server serves them.

Left as they are, on purpose: `runs:/` and `models:/` addresses, which MLflow looks up; what a user or a client wrote about a place, in
tags, parameters or the sources of data sets; `mlflow.log-model.history` and `mlflow.loggedArtifacts`, which hold paths within a run.
"""

import collections
import dataclasses
import re
from collections.abc import Iterable

import sqlalchemy
from mlflow_guard.root import ADDRESS, SERVED, ArtifactRoot


@dataclasses.dataclass(frozen=True)
class Place:
    """A column that holds places of artifacts, or one of a table of tags, with the tag."""

    table: str
    column: str
    tag: str | None = None

    def __str__(self) -> str:
        return self.tag or f"{self.table}.{self.column}"


PLACES = (
    Place("experiments", "artifact_location"),
    Place("runs", "artifact_uri"),
    Place("model_versions", "source"),
    Place("model_versions", "storage_location"),
    Place("logged_models", "artifact_location"),
    Place("trace_tags", "value", "mlflow.artifactLocation"),
)


@dataclasses.dataclass(frozen=True)
class Row:
    """A value of such a column. The key is that of its row, as text."""

    place: Place
    key: tuple[str, ...]
    value: str

    def __str__(self) -> str:
        return f"{self.place} of {' '.join(self.key)}"


@dataclasses.dataclass(frozen=True)
class Kept:
    """Why a value is not changed. Silent where nobody has to think about it."""

    group: str
    reason: str
    silent: bool = False


@dataclasses.dataclass(frozen=True)
class Change:
    """A value and what it becomes."""

    row: Row
    group: str
    new: str


def reflected(connection: sqlalchemy.Connection, names: Iterable[str]) -> dict[str, sqlalchemy.Table]:
    metadata = sqlalchemy.MetaData()
    present = set(sqlalchemy.inspect(connection).get_table_names()) & set(names)
    return {name: sqlalchemy.Table(name, metadata, autoload_with=connection, resolve_fks=False) for name in sorted(present)}


def key_of(table: sqlalchemy.Table) -> list[sqlalchemy.ColumnElement]:
    return [sqlalchemy.cast(column, sqlalchemy.Text) for column in table.primary_key.columns]


def rows_of(connection: sqlalchemy.Connection) -> list[Row]:
    """All values of PLACES, in an order of their own."""
    tables = reflected(connection, {place.table for place in PLACES})
    found = []
    for place in PLACES:
        table = tables[place.table]
        query = sqlalchemy.select(table.c[place.column], *key_of(table)).where(table.c[place.column].is_not(None))
        if place.tag:
            query = query.where(table.c.key == place.tag)
        found += [Row(place, tuple(key), value) for value, *key in connection.execute(query)]
    return sorted(found, key=lambda row: (PLACES.index(row.place), row.key))


class Addresses:
    """What an address becomes: what lies in the bucket of this server, or in a place that the operator names, is served."""

    def __init__(self, root: ArtifactRoot, others: list[str]) -> None:
        self.root = root
        # The longest first: the root's own addresses begin with those of its bucket.
        places = {f"{root.uri}/", f"s3://{root.bucket}/", *(f"{other.rstrip('/')}/" for other in others)}
        self.places = sorted(places, key=len, reverse=True)

    def of(self, row: Row, longest: int) -> Change | Kept:
        """
        Args:
            longest: characters that the column takes
        """
        value = row.value
        if SERVED.fullmatch(value) or re.match(r"(runs|models):/(?!/)", value):
            return Kept("", "", silent=True)
        group = next((place for place in self.places if f"{value}/".startswith(place)), None)
        if group is None:
            return unknown(value, self.root)
        new = f"mlflow-artifacts:/{value[len(group) :]}"
        if re.search(r"[%?#\\]", value) or self.root.resolve(new) is None:
            return Kept(group, "it has characters that an address of the server cannot have")
        if len(new) > longest:
            return Kept(group, f"{row.place} takes {longest} characters, and {new} has {len(new)}")
        return Change(row, group, new)


def unknown(value: str, root: ArtifactRoot) -> Kept:
    if match := ADDRESS.fullmatch(value):
        bucket = f"s3://{match[1]}/"
        remedy = f"to take it along: aws s3 sync {bucket} {root.uri}/, and here --from {bucket}, or a folder of it in both"
        return Kept(bucket, f"another bucket; {remedy}")
    if match := re.match(r"([a-z0-9+-]+):/*", value):
        return Kept(match[0], "no place in S3: it stays where its runs were logged")
    return Kept("paths", "a path on a machine: it stays where its runs were logged")


@dataclasses.dataclass(frozen=True)
class Plan:
    changes: list[Change]
    kept: dict[tuple[Place, Kept], list[Row]]


def plan(connection: sqlalchemy.Connection, addresses: Addresses) -> Plan:
    """What there is to change, and what is left as it is."""
    tables = reflected(connection, {place.table for place in PLACES})
    changes, kept = [], collections.defaultdict(list)
    for row in rows_of(connection):
        verdict = addresses.of(row, tables[row.place.table].c[row.place.column].type.length or 1 << 30)
        if isinstance(verdict, Change):
            changes.append(verdict)
        elif not verdict.silent:
            kept[row.place, verdict].append(row)
    return Plan(changes, dict(kept))
