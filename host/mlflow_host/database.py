"""A database as the host sees it: whether it answers, and which of MLflow's schemas it has."""

import importlib.util
import os
import pathlib
import re
import sys
import time

import sqlalchemy

import mlflow_host.passwords  # noqa: F401  (every engine gets its password)
from mlflow_host.say import say

WAIT_SECONDS = 120


def engine_of(address: str) -> sqlalchemy.Engine:
    """No pool: these commands make few connections, and a lock must go with its own."""
    return sqlalchemy.create_engine(address, poolclass=sqlalchemy.pool.NullPool)


def wait_for(engine: sqlalchemy.Engine) -> None:
    """Waits until the database answers, and says each new reason why it does not.

    Raises SystemExit after HOST_DATABASE_WAIT_SECONDS (120).
    """
    reason = ""
    deadline = time.monotonic() + float(os.environ.get("HOST_DATABASE_WAIT_SECONDS", WAIT_SECONDS))
    while True:
        try:
            with engine.connect():
                return
        except sqlalchemy.exc.OperationalError as error:
            now = " ".join(str(error.orig).split())
        if now != reason:
            say("database", f"not usable yet: {now}")
            reason = now
        if time.monotonic() > deadline:
            sys.exit("database: did not become usable in time; see the reasons above")
        time.sleep(1)


def installed_revisions() -> dict[str, str | None]:
    """The revisions that the installed MLflow knows, each with the one before it; read as text, which takes no time."""
    package = importlib.util.find_spec("mlflow").submodule_search_locations[0]
    revisions = {}
    for file in pathlib.Path(package, "store/db_migrations/versions").glob("[!_]*.py"):
        text = file.read_text(encoding="utf8")
        before = re.search(r"^down_revision = (?:\"(\w+)\"|None)", text, re.MULTILINE)
        revisions[re.search(r"^revision = \"(\w+)\"", text, re.MULTILINE)[1]] = before[1]
    return revisions


def newest(revisions: dict[str, str | None]) -> str:
    (head,) = set(revisions) - set(revisions.values())
    return head


def newer_than(found: str | None) -> list[str]:
    """The revisions from there to the newest, the newest first."""
    revisions = installed_revisions()
    passed = [newest(revisions)]
    while (before := revisions[passed[-1]]) not in (found, None):
        passed.append(before)
    return passed


def current_revision(engine: sqlalchemy.Engine) -> str | None:
    """The schema's revision; None for a database without tables, `none` for tables that are not MLflow's."""
    tables = sqlalchemy.inspect(engine).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        return "none"
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar() or "none"
