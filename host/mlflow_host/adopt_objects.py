"""Looks whether what the database names is there: below the artifact root, as the host's role sees it."""

import collections
import dataclasses
import posixpath
from collections.abc import Iterator

import boto3
import sqlalchemy
from mlflow_guard.root import ArtifactRoot

from mlflow_host.adopt_locations import Change, Place, reflected
from mlflow_host.parameters import CLIENT
from mlflow_host.say import say, size

# A version or a model that has no file cannot be loaded; a run or an experiment without any is nothing unusual.
NEVER_EMPTY = ("model_versions", "logged_models")
FEW = 5


@dataclasses.dataclass
class Found:
    """What lies below a folder."""

    objects: int = 0
    bytes: int = 0


def key_below(root: ArtifactRoot, address: str) -> str:
    """The folder of the bucket that a served address stands for, without a slash at its end."""
    return root.resolve(address).removeprefix(f"s3://{root.bucket}/").rstrip("/")


def look(root: ArtifactRoot, folders: set[str]) -> tuple[dict[str, Found], Found]:
    """What lies below each folder, and below all of them; an object below two counts in both, and once in all.

    One listing of the whole root, a page in memory at a time.
    """
    each, all_ = collections.defaultdict(Found), Found()
    client = boto3.client("s3", config=CLIENT)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=root.bucket, Prefix=f"{root.folder}/"):
        for item in page.get("Contents", []):
            within = [each[path] for path in itself_and_above(item["Key"]) if path in folders]
            for counted in [*within, *([all_] if within else [])]:
                counted.objects += 1
                counted.bytes += item["Size"]
    return each, all_


def itself_and_above(key: str) -> Iterator[str]:
    while key:
        yield key
        key = posixpath.dirname(key)


def runs_with_models(connection: sqlalchemy.Connection) -> set[str]:
    """Runs that logged a model: MLflow notes it when its files are stored."""
    tags = reflected(connection, ["tags"])["tags"]
    return set(connection.execute(sqlalchemy.select(tags.c.run_uuid).where(tags.c.key == "mlflow.log-model.history")).scalars())


def missing(root: ArtifactRoot, changes: list[Change], with_models: set[str]) -> list[str]:
    """Says what is found for these changes, and returns what must have files and has none."""
    # An experiment's address is where its runs begin, and no place of files itself.
    changes = [change for change in changes if change.row.place.table != "experiments"]
    if not changes:
        return []
    folders = {change: key_below(root, change.new) for change in changes}
    each, all_ = look(root, set(folders.values()))
    say("adopt", f"{all_.objects} objects, {size(all_.bytes)}, lie below {root.uri}/ where these addresses will lead")
    by_place: dict[Place, list[Change]] = collections.defaultdict(list)
    for change in changes:
        by_place[change.row.place].append(change)
    faults = []
    for place, rows in by_place.items():
        empty = [change for change in rows if folders[change] not in each]
        say("adopt", f"{place}: objects for {len(rows) - len(empty)} of {len(rows)}")
        needed = [
            change
            for change in empty
            if place.table in NEVER_EMPTY or (place.table == "runs" and change.row.key[0] in with_models)
        ]
        faults += [f"{change.row}: nothing below {change.new}, and a model was there" for change in needed]
        for change in [change for change in empty if change not in needed][:FEW]:
            say("adopt", f"  none for {change.row}, such as a run that logged no artifact")
    if not all_.objects:
        faults.append(f"not one object lies below {root.uri}/ for {len(changes)} addresses")
    return faults
