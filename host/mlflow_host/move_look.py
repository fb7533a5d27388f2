"""What a move from SQLite to PostgreSQL finds, and what is in its way. Nothing is changed."""

import contextlib
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import sqlalchemy

from mlflow_host.database import current_revision, engine_of, installed_revisions, newest, wait_for
from mlflow_host.move_marker import BACK, COMMAND, sqlite_file
from mlflow_host.move_source import Source
from mlflow_host.move_target import Refused, use_of
from mlflow_host.say import say, size
from mlflow_host.service import SERVICE

# Of PostgreSQL, for each byte of SQLite's file; of --run, for each second that the dry run has read. From docs/benchmarks.md.
ROOM_RATIO = 1.5
TIME_RATIO = 6


def schema_to_move(file: pathlib.Path) -> str:
    """The schema of the file. Raises SystemExit when there is none of MLflow's."""
    if not file.exists():
        moved = "".join(f"; moved before: {found}" for found in sorted(file.parent.glob(f"{file.name}.moved-*")))
        sys.exit(f"move: there is no {file}, and nothing to move{moved}")
    revision = current_revision(engine_of(f"sqlite:///{file}"))
    if revision not in installed_revisions():
        what = "holds no tables" if revision is None else f"has the schema {revision}, which the installed MLflow does not know"
        sys.exit(f"move: {file} {what}; nothing was changed; remedy: the version of this program that wrote it, or none: {BACK}")
    return revision


def faults_of(source: Source, revision: str) -> Iterator[str]:
    if revision == newest(installed_revisions()):
        import mlflow.store.db.utils  # with all of MLflow's tables

        for table in sorted(set(source.tables) - set(mlflow.store.db.utils.Base.metadata.tables)):
            yield f"{table} is no table of MLflow's; remedy: DROP TABLE {table}, once it is kept elsewhere"
    yield from source.faults()


def refuse(faults: list[str]) -> None:
    for fault in faults:
        say("move", f"in the way: {fault}")
    if faults:
        sys.exit(f"move: {len(faults)} things are in the way, and nothing was changed; how to correct rows: docs/moving.md")


def dry_run(address: sqlalchemy.URL) -> None:
    file = sqlite_file()
    revision = schema_to_move(file)
    wanted = newest(installed_revisions())
    upgraded = "" if revision == wanted else f", of which a copy is upgraded to {wanted}"
    say("move", f"from {file}: {size(file.stat().st_size)}, schema {revision}{upgraded}")
    faults = []
    if address.get_backend_name() == "sqlite":
        say("move", "to nothing yet: the stack's backend is SQLite")
    else:
        engine = engine_of(address)
        wait_for(engine)
        try:
            say("move", f"to PostgreSQL, database {address.database} on {address.host}: {use_of(engine)}")
        except Refused as reason:
            faults.append(f"the database {address.database} on {address.host}: {reason}")
    begin = time.monotonic()
    with contextlib.closing(Source(file)) as source:
        counts = {table: source.count(table) for table in source.tables}
        for table, count in counts.items():
            if count:
                print(f"{table}  {count}", flush=True)
        filled = [table for table, count in counts.items() if count]
        say("move", f"{sum(counts.values())} rows in {len(filled)} tables; {len(counts) - len(filled)} tables are empty")
        faults += faults_of(source, revision)
    minutes = (time.monotonic() - begin) * TIME_RATIO / 60
    state = subprocess.run(["systemctl", "is-active", SERVICE], check=False, capture_output=True, text=True).stdout.strip()
    free, needed = shutil.disk_usage(file.parent).free, file.stat().st_size * (2 if revision == wanted else 4)
    say("move", f"the server is {state or 'of unknown state'}; it is stopped for the move")
    say(
        "move",
        f"the data volume has {size(free)} free; a backup of the file goes to the bucket first, which needs {size(needed)}",
    )
    say(
        "move",
        f"PostgreSQL needs room for about {size(file.stat().st_size * ROOM_RATIO)}; all takes about {max(1, minutes):.0f} minutes",
    )
    if free < needed:
        faults.append("the data volume is too full; remedy: a larger dataVolumeGib")
    refuse(faults)
    if address.get_backend_name() == "sqlite":
        say("move", "nothing was changed; next: pulumi config set backend …, pulumi up; see docs/moving.md")
    else:
        say("move", f"nothing was changed; to do it: {COMMAND} --run")
