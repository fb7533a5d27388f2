"""Takes over what another server left in this database: addresses of artifacts in S3, which clients used themselves, become those
that this server serves. Without `--run` it only says what it would change. Before: docs/adopting.md.

The server is stopped meanwhile, as it is for a restore: what it logged in between would get the old address once more.
"""

import os
import signal
import sys
from collections.abc import Callable

import sqlalchemy
from mlflow_guard.root import ArtifactRoot

from mlflow_host.address import database_address
from mlflow_host.adopt_check import check
from mlflow_host.adopt_locations import PLACES, Addresses, Change, Plan, plan
from mlflow_host.adopt_objects import missing, runs_with_models
from mlflow_host.adopt_rewrite import back, others, report_back, rewrite
from mlflow_host.backup import back_up
from mlflow_host.commands import faults_in_words
from mlflow_host.database import current_revision, engine_of, installed_revisions, newest
from mlflow_host.say import say
from mlflow_host.service import start_server, stop_server

COMMAND = "sudo /opt/mlflow/host/bin/mlflow-adopt"
ALLOWED = (
    "nothing, which says what would be done; --from s3://<bucket>/<folder>, any number of them; --run, with --without-objects where "
    "it refuses; or alone --check, or --back"
)


def artifact_root() -> ArtifactRoot:
    if os.environ["MLFLOW_SERVE_ARTIFACTS"] != "true":
        sys.exit(
            "adopt: artifactMode of the stack is direct: its clients use S3 themselves; allowed: proxied; "
            "remedy: pulumi config set artifactMode proxied, pulumi up"
        )
    return ArtifactRoot(os.environ["MLFLOW_ARTIFACTS_DESTINATION"], served=True)


def current(engine: sqlalchemy.Engine) -> sqlalchemy.Engine:
    """The engine, when its database has the schema of the installed MLflow."""
    found, wanted = current_revision(engine), newest(installed_revisions())
    if found != wanted:
        sys.exit(
            f"adopt: the database's schema is {found}; allowed: {wanted}, that of the installed MLflow; "
            "remedy: sudo systemctl start mlflow, which backs it up and upgrades it"
        )
    return engine


def groups(changes: list[Change]) -> dict[tuple[str, str], list[Change]]:
    found = {}
    for change in changes:
        found.setdefault((str(change.row.place), change.group), []).append(change)
    return found


def tell(planned: Plan) -> None:
    for (place, group), rows in groups(planned.changes).items():
        say("adopt", f"{place}: {len(rows)} below {group}, such as {rows[0].row.value} -> {rows[0].new}")
    for (place, kept), rows in sorted(planned.kept.items(), key=lambda item: (PLACES.index(item[0][0]), item[0][1].group)):
        say("adopt", f"{place}: {len(rows)} stay at {kept.group}, such as {rows[0].value}: {kept.reason}")


def look(engine: sqlalchemy.Engine, addresses: Addresses) -> tuple[int, list[str]]:
    """Says what there is to do; returns the number of rows, and what must have artifacts and has none."""
    with engine.connect() as connection:
        planned = plan(connection, addresses)
        with_models = runs_with_models(connection)
    tell(planned)
    faults = missing(addresses.root, planned.changes, with_models)
    for fault in faults:
        say("adopt", f"missing: {fault}")
    return len(planned.changes), faults


def refuse_others(engine: sqlalchemy.Engine) -> None:
    if found := others(engine):
        sys.exit(
            f"adopt: the database is in use: got {found}, besides this host's server; nothing was changed; remedy: stop the server "
            f"of before for good, then {COMMAND} --run"
        )


def stopped(address: str, command: str, action: Callable[[], None]) -> None:
    """Does something while nobody uses the database, after a backup. The server is started again, however it ends."""
    stop_server("adopt", command)
    try:
        refuse_others(engine_of(address))
        name = back_up(address)
        action()
        say("adopt", f"to go back to before as a whole: sudo /opt/mlflow/host/bin/mlflow-restore {name}")
    finally:
        start_server("adopt")


def adopt(sources: list[str], run: bool, without_objects: bool) -> None:
    addresses = Addresses(artifact_root(), sources)
    address = database_address()
    engine = current(engine_of(address))
    count, faults = look(engine, addresses)
    if not count:
        say("adopt", "there is nothing to change")
        if run:
            start_server("adopt")  # an earlier run may have been killed before it did
        return
    if not run:
        say("adopt", f"would change {count} rows, nothing was changed; to do it: {' '.join([COMMAND, *sys.argv[1:]])} --run")
        sys.exit(1 if faults else 0)
    if faults and not without_objects:
        sys.exit(
            f"adopt: {len(faults)} of those must have artifacts and have none; nothing was changed; remedy: npm run adopt-artifacts "
            "copies what is missing; where it is lost for good, add --without-objects"
        )

    def change() -> None:
        say("adopt", f"changed {rewrite(engine, addresses)} rows, in one transaction; to take it back: {COMMAND} --back")

    stopped(address, f"{COMMAND} --run", change)


def sources_of(words: list[str]) -> list[str] | None:
    """The values of --from; None when these words are anything else."""
    options, values = words[::2], words[1::2]
    if len(options) != len(values) or any(option != "--from" for option in options):
        return None
    return values if all(value.startswith("s3://") and len(value) > len("s3://") for value in values) else None


def end_in_words(number: int, _frame: object) -> None:
    sys.exit(f"adopt: ended by {signal.Signals(number).name}; unless it says above that rows were changed, none was")


def main() -> None:
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end_in_words)
    words = sys.argv[1:]
    flags = [word for word in words if word in ("--run", "--without-objects")]
    sources = sources_of([word for word in words if word not in flags])
    if words == ["--back"]:
        address = database_address()
        engine = current(engine_of(address))
        stopped(address, f"{COMMAND} --back", lambda: report_back(back(engine)))
    elif words == ["--check"]:
        check(artifact_root(), current(engine_of(database_address())))
    elif sources is None or len(flags) != len(set(flags)) or flags == ["--without-objects"]:
        sys.exit(f"mlflow-adopt: got {' '.join(words)}; allowed: {ALLOWED}")
    else:
        adopt(sources, "--run" in flags, "--without-objects" in flags)


if __name__ == "__main__":
    with faults_in_words("adopt"):
        main()
