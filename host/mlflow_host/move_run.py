"""Fills PostgreSQL with what SQLite's file holds, compares both sides, and lets the server use it."""

import contextlib
import datetime
import pathlib
import sys
import time
from collections.abc import Iterator

import sqlalchemy

from mlflow_host import copies
from mlflow_host.backup import back_up, work_folder
from mlflow_host.database import engine_of, installed_revisions, newest, wait_for
from mlflow_host.move_look import faults_of, refuse, schema_to_move
from mlflow_host.move_marker import BACK, COMMAND, Progress, moved_name, read_progress, sqlite_file
from mlflow_host.move_source import Source, hash_of
from mlflow_host.move_target import Refused, Sum, Target, use_of
from mlflow_host.move_values import Lines, stored
from mlflow_host.say import say
from mlflow_host.schema import upgrade_copy
from mlflow_host.service import start_server, stop_server

GO_ON = f"SQLite's file is as it was; to go on: {COMMAND} --run; to go back: {BACK}"
SECONDS_BETWEEN_WORDS = 10


def upgraded_copy(file: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    copy = folder / file.name
    copies.copy_sqlite(file, copy)
    try:
        upgrade_copy(copy)
    except Exception as error:  # noqa: BLE001  (a migration may raise anything)
        sys.exit(f"move: a copy of {file} cannot be upgraded, and nothing was changed: {' '.join(str(error).split())}")
    return copy


def copy_table(source: Source, table: sqlalchemy.Table, target: Target, progress: Progress) -> None:
    count, copied, spoken = source.count(table.name), 0, time.monotonic()
    for batch in source.batches(table.name, stored(table), progress.last.get(table.name)):
        target.add(table, batch, progress)
        copied += len(batch)
        if time.monotonic() - spoken > SECONDS_BETWEEN_WORDS:
            say("move", f"{table.name}: {copied} more rows are there, of {count} in all")
            spoken = time.monotonic()
    if copied:
        say("move", f"{table.name}: {count} rows are there")


def sum_of(source: Source, table: sqlalchemy.Table) -> Sum:
    result, lines = Sum(), Lines(table.columns)
    for batch in source.batches(table.name, table.columns):
        for _, *values in batch:
            result.write(lines.to_compare(values).encode())
    return result


def differences(source: Source, target: Target, tables: dict[str, sqlalchemy.Table]) -> list[str]:
    found = []
    for table in tables.values():
        ours, theirs = sum_of(source, table), target.sum_of(table)
        if ours != theirs or ours.count != source.count(table.name):
            found.append(f"{table.name}: {ours} in SQLite; {theirs} in PostgreSQL")
    return found


def shapes(tables: dict[str, sqlalchemy.Table]) -> set[str]:
    return {f"{table.name} ({', '.join(sorted(table.columns.keys()))})" for table in tables.values()}


def fill(source: Source, target: Target, progress: Progress) -> None:
    """Copies what is not there yet, and compares all. Raises SystemExit with all differences."""
    tables = target.initialise(progress) if progress.phase == "initialising" else target.tables()
    if other := shapes(source.tables) ^ shapes(tables):
        sys.exit(f"move: only one of both sides has {'; '.join(sorted(other))}; {GO_ON}")
    for table in tables.values():
        copy_table(source, table, target, progress)
    target.set_sequences(tables.values())
    say("move", "comparing")
    if found := differences(source, target, tables):
        progress.source = ""
        target.note(progress)
        for difference in found:
            say("move", f"not the same: {difference}")
        sys.exit(f"move: {len(found)} tables are not the same on both sides; the next run copies all anew. {GO_ON}")
    progress.phase = "verified"
    target.note(progress)
    say("move", f"all {sum(source.count(table) for table in tables)} rows are the same on both sides")


def begin_or_go_on(file: pathlib.Path, path: pathlib.Path, target: Target, progress: Progress | None) -> Progress:
    """What is there already of this very file is kept. Otherwise the file is backed up, and the target gets its mark."""
    source = hash_of(path)
    if progress and progress.source == source:
        say("move", f"goes on with what began at {progress.began}; the backup is {progress.backup}")
        return progress
    if progress:
        say("move", "all is copied anew: SQLite's file is another, or what was copied was not the same")
    backup = back_up(f"sqlite:///{file}")
    begun = Progress(source, backup, f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}")
    target.begin(begun)
    return begun


@contextlib.contextmanager
def server_stopped(engine: sqlalchemy.Engine) -> Iterator[None]:
    """The server starts again afterwards, unless PostgreSQL holds a part: that is nothing to serve."""
    stop_server("move", f"{COMMAND} --run")
    try:
        yield
    finally:
        try:
            served = read_progress(engine) is None
        except sqlalchemy.exc.SQLAlchemyError:
            served = False  # PostgreSQL is away, and the server could do nothing either
        if served:
            start_server("move")
        else:
            say("move", "the server stays stopped")


def move(file: pathlib.Path, engine: sqlalchemy.Engine, target: Target, folder: pathlib.Path) -> None:
    progress = read_progress(engine)
    if progress and progress.phase == "verified" and not file.exists():
        with server_stopped(engine):
            target.end()
        return
    revision = schema_to_move(file)
    wanted = newest(installed_revisions())
    with contextlib.closing(Source(file)) as original:
        original.hold()
        path = file if revision == wanted else upgraded_copy(file, folder)
        with contextlib.closing(Source(path)) as source:
            refuse(list(faults_of(source, wanted)))
            with server_stopped(engine):
                progress = begin_or_go_on(file, path, target, progress)
                if progress.phase != "verified":
                    fill(source, target, progress)
                kept = moved_name(file)
                file.rename(kept)
                say("move", f"the file is kept: {kept}")
                target.end()


def run(address: sqlalchemy.URL) -> None:
    if address.get_backend_name() == "sqlite":
        sys.exit(
            "move: the stack's backend is SQLite, there is nothing to move to; remedy: pulumi config set backend …, pulumi up"
        )
    engine = engine_of(address)
    wait_for(engine)
    with contextlib.closing(Target(engine)) as target:
        if not target.lock():
            sys.exit("move: another move, or another host, is busy with this database; nothing was changed; remedy: wait for it")
        try:
            use_of(engine)
        except Refused as reason:
            sys.exit(f"move: the database {address.database} on {address.host}: {reason}; nothing was changed")
        with work_folder("move") as folder:
            move(sqlite_file(), engine, target, folder)
