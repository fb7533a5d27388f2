"""Deletes for good what users deleted in MLflow at least so many days ago: runs, models, experiments and their artifacts.

MLflow's own collection, with three differences: it first says what it will delete and how much that is; it leaves alone what a
registered model version still needs; and the address of the database is in no argument. The bucket keeps deleted objects for as
long as it keeps old versions.
"""

import dataclasses
import os
import sys
import time
import urllib.parse

import boto3
import sqlalchemy
import sqlalchemy.orm
from mlflow_guard.root import ArtifactRoot

from mlflow_host.address import database_address
from mlflow_host.commands import faults_in_words
from mlflow_host.database import current_revision, engine_of, installed_revisions, newest
from mlflow_host.move_marker import refuse_half_moved
from mlflow_host.parameters import CLIENT
from mlflow_host.say import say, size

DAY_MILLISECONDS = 24 * 3600 * 1000


@dataclasses.dataclass(frozen=True)
class Item:
    """A deleted run or model, with the place of its artifacts."""

    kind: str
    id: str
    location: str


@dataclasses.dataclass(frozen=True)
class Version:
    """A registered model version: the run that it comes from, and where its files are."""

    run_id: str | None
    source: str


def is_needed(item: Item, versions: list[Version]) -> bool:
    """Whether a registered model version comes from this run, or has its files in the artifacts of this run or model."""
    by_name = {"run": f"runs:/{item.id}", "model": f"models:/{item.id}"}[item.kind]
    places = [f"{place.rstrip('/')}/" for place in (item.location, by_name)]
    return any(
        (item.kind == "run" and version.run_id == item.id) or any(f"{version.source}/".startswith(place) for place in places)
        for version in versions
    )


def used_bytes(client, root: ArtifactRoot, items: list[Item]) -> int:
    total = 0
    for address in (root.resolve(item.location) for item in items):
        prefix = urllib.parse.urlsplit(address).path.strip("/") + "/"
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=root.bucket, Prefix=prefix):
            total += sum(found["Size"] for found in page.get("Contents", []))
    return total


def model_versions(engine: sqlalchemy.Engine) -> list[Version]:
    from mlflow.store.model_registry.dbmodels.models import SqlModelVersion as Row

    with sqlalchemy.orm.Session(engine) as session:
        rows = session.query(Row.run_id, Row.source, Row.storage_location).filter(Row.current_stage != "Deleted_Internal").all()
    return [Version(run_id, place) for run_id, *places in rows for place in places if place]


def deleted_items(store, days: int) -> list[Item]:
    age = days * DAY_MILLISECONDS
    runs = [Item("run", id, store.get_run(id).info.artifact_uri) for id in store._get_deleted_runs(older_than=age)]
    models = [
        Item("model", id, store.get_logged_model(id, allow_deleted=True).artifact_location)
        for id in store._get_deleted_logged_models(older_than=age)
    ]
    return runs + models


def delete_empty_experiments(store, days: int) -> int:
    """Deletes the experiments that were deleted as long ago and hold nothing any more; returns how many."""
    from mlflow.entities import ViewType
    from mlflow.store.tracking.dbmodels.models import SqlLoggedModel, SqlRun, SqlTraceInfo

    latest = int(time.time() * 1000) - days * DAY_MILLISECONDS
    filters = {"view_type": ViewType.DELETED_ONLY, "filter_string": f"last_update_time <= {latest}"}
    page = store.search_experiments(**filters)
    deleted = [*page]
    while page.token:
        page = store.search_experiments(**filters, page_token=page.token)
        deleted += page
    count = 0
    for id in (experiment.experiment_id for experiment in deleted):
        with sqlalchemy.orm.Session(store.engine) as session:
            holds = any(
                session.query(table).filter(table.experiment_id == int(id)).first()
                for table in (SqlRun, SqlLoggedModel, SqlTraceInfo)
            )
        if not holds:
            store._hard_delete_experiment(id)
            count += 1
    return count


def refuse_unused(address: str) -> None:
    """Raises SystemExit where MLflow would make tables, or would judge by a part of them what is needed."""
    engine = engine_of(address)
    refuse_half_moved(engine, "gc")
    if current_revision(engine) != newest(installed_revisions()):
        sys.exit(
            "gc: the database has not the schema of the installed MLflow, nothing was deleted; remedy: start the server first"
        )


def collect(days: int, apply: bool) -> None:
    from mlflow.cli import _gc_tracking_resources
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from mlflow_guard.repositories import guard_repositories

    served = os.environ.get("MLFLOW_ARTIFACTS_DESTINATION")
    root = ArtifactRoot(served or os.environ["MLFLOW_DEFAULT_ARTIFACT_ROOT"], served=bool(served))
    # Artifacts go by the role's own right, without the server, and only where the server itself could have put them.
    guard_repositories(root)
    address = database_address()
    refuse_unused(address)
    store = SqlAlchemyStore(address, root.uri)
    versions = model_versions(store.engine)
    found = deleted_items(store, days)
    garbage = []
    for item in found:
        if is_needed(item, versions):
            say("gc", f"kept: {item.kind} {item.id}, which a registered model version needs")
        elif root.resolve(item.location) is None:
            say("gc", f"kept: {item.kind} {item.id}, whose artifacts lie outside of {root.uri}: {item.location}")
        else:
            say("gc", f"{item.kind} {item.id}, {item.location}")
            garbage.append(item)
    freed = used_bytes(boto3.client("s3", config=CLIENT), root, garbage)
    what = f"{len(garbage)} runs and models that were deleted {days} days ago or earlier, with {size(freed)} of artifacts"
    if not apply:
        say("gc", f"would delete {what}; to do it: mlflow-gc {days} --apply")
        return
    _gc_tracking_resources(
        backend_store=store,
        run_ids=[item.id for item in garbage if item.kind == "run"],
        experiment_ids=None,
        logged_model_ids=[item.id for item in garbage if item.kind == "model"],
        older_than=f"{days}d",
        time_delta=days * DAY_MILLISECONDS,
        skip_experiments=True,
        skip_logged_models=False,
    )
    experiments = delete_empty_experiments(store, days)
    say("gc", f"deleted {what}, and {experiments} experiments that are empty now")


def main() -> None:
    words = sys.argv[1:]
    apply = words[-1:] == ["--apply"]
    days = words[:-1] if apply else words
    match days or [os.environ["HOST_GARBAGE_COLLECTION_DAYS"]]:
        case [number] if number.isdecimal():
            collect(int(number), apply)
        case _:
            sys.exit(
                f"mlflow-gc: got {' '.join(words) or 'nothing'}; allowed: a number of days (default: garbageCollectionDays of the "
                "stack, if it is set), and --apply to delete"
            )


if __name__ == "__main__":
    with faults_in_words("gc"):
        main()
