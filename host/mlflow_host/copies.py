"""A consistent copy of a database in one file, made while others write to it, and the check that such a file is one of MLflow's.

SQLite: its online backup, compressed (`.sqlite.gz`). PostgreSQL: pg_dump in its own compressed format (`.pgdump`).
"""

import contextlib
import gzip
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib

import sqlalchemy

from mlflow_host.passwords import passwords
from mlflow_host.say import size

ENDINGS = {"sqlite": "sqlite.gz", "postgresql": "pgdump"}


class Unusable(Exception):
    """A file that is no backup of an MLflow database; the text says why."""


def copy_sqlite(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies in one step, as of one moment: writers wait for it, readers do not."""
    with contextlib.closing(sqlite3.connect(source, timeout=60)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def check_sqlite(file: pathlib.Path) -> str:
    """The schema's revision of a SQLite file that is whole and MLflow's.

    Raises Unusable.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise Unusable(f"SQLite finds it damaged: {' '.join(verdict.split())}")
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
            copy.execute("SELECT experiment_id FROM experiments LIMIT 1")
    except sqlite3.Error as error:
        raise Unusable(f"it is not MLflow's: {error}") from error
    if not revision:
        raise Unusable("it is not MLflow's: it names no schema")
    return revision


def write_sqlite(address: sqlalchemy.URL, folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    source, copy = pathlib.Path(address.database), folder / "mlflow.db"
    free, needed = shutil.disk_usage(folder).free, 2 * source.stat().st_size  # the copy, and at worst as much compressed
    if free < needed:
        sys.exit(
            f"backup: {size(free)} are free on the data volume; a backup needs {size(needed)}; remedy: a larger dataVolumeGib"
        )
    copy_sqlite(source, copy)
    revision = check_sqlite(copy)
    compressed = folder / "mlflow.sqlite.gz"
    # No time and no name inside: the same database gives the same bytes.
    with copy.open("rb") as plain, compressed.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    copy.unlink()
    return compressed, revision


def unpack_sqlite(compressed: pathlib.Path, target: pathlib.Path) -> str:
    """The file out of a backup, and its schema's revision.

    Raises Unusable.
    """
    try:
        with gzip.open(compressed) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise Unusable(f"it cannot be unpacked: {error}") from error
    return check_sqlite(target)


def libpq_environment(address: sqlalchemy.URL) -> dict[str, str]:
    """The address for PostgreSQL's own programs: never as arguments, which everybody on the host can read."""
    known = {
        "PGHOST": address.host,
        "PGPORT": str(address.port) if address.port else None,
        "PGUSER": address.username,
        "PGPASSWORD": address.password or passwords.current(),
        "PGDATABASE": address.database,
        "PGSSLMODE": address.query.get("sslmode"),
        "PGSSLROOTCERT": address.query.get("sslrootcert"),
        "PGCONNECT_TIMEOUT": address.query.get("connect_timeout"),
    }
    return {**os.environ, **{name: value for name, value in known.items() if value}}


def major_version(program: str) -> int:
    """Of one of PostgreSQL's programs, as in `pg_dump (PostgreSQL) 17.6`."""
    try:
        text = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        sys.exit(f"backup: {program} is missing; remedy: sudo dnf install postgresql17, or the version of the database")
    return int(re.search(r"\) (\d+)", text)[1])


def write_postgresql(address: sqlalchemy.URL, folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    from mlflow_host.database import engine_of

    with engine_of(address).connect() as connection:
        server = connection.execute(sqlalchemy.text("SHOW server_version_num")).scalar_one()
    client, server = major_version("pg_dump"), int(server) // 10000
    if client < server:
        sys.exit(
            f"backup: pg_dump is version {client}, the database {server}: it must not be older; "
            f"remedy: sudo dnf install postgresql{server}"
        )
    target = folder / "mlflow.pgdump"
    # The public schema alone, which is MLflow's; owners and rights are those of whoever restores it.
    command = ["pg_dump", "--format=custom", "--schema=public", "--no-owner", "--no-privileges", f"--file={target}"]
    done = subprocess.run(command, env=libpq_environment(address), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"backup: pg_dump failed: {' '.join(done.stderr.split())}")
    return target, check_postgresql(target)


def pg_restore(*words: str | pathlib.Path) -> str:
    """What pg_restore prints. Raises Unusable when it cannot read the file."""
    done = subprocess.run(["pg_restore", *words], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unusable(f"pg_restore cannot read it: {' '.join(done.stderr.split())}")
    return done.stdout


def listed_tables(dump: pathlib.Path) -> set[str]:
    """The tables that a dump has rows of. Raises Unusable."""
    return set(re.findall(r" TABLE DATA public (\S+) ", pg_restore("--list", dump)))


def check_postgresql(dump: pathlib.Path) -> str:
    """The schema's revision of a dump that can be read to its end and is MLflow's. Raises Unusable."""
    if not {"alembic_version", "experiments"} <= listed_tables(dump):
        raise Unusable("it is not MLflow's: it has no tables alembic_version and experiments")
    pg_restore("--file=/dev/null", dump)
    rows = pg_restore("--data-only", "--table=alembic_version", "--file=-", dump)
    found = re.search(r"^COPY public\.alembic_version .*\n(\w+)$", rows, re.MULTILINE)
    if not found:
        raise Unusable("it is not MLflow's: it names no schema")
    return found[1]
