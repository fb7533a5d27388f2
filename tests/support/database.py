"""What tests do to a database whose address is in MLFLOW_BACKEND_STORE_URI, past the host's own code.

half                  leaves what an initialisation leaves that was killed before its first migration
older <revision>      makes an earlier schema, by MLflow's own migrations
fill <runs>           adds runs, and a little of everything else, with values that are hard to copy
query <statement>     runs it, and prints the first value of its answer
rows                  prints all tables as JSON: their columns and their rows, in an order of their own
write <name>          adds runs to those, one a transaction, until it is ended, and prints the number of each that is stored
"""

import itertools
import json
import os
import sys
import time

import sqlalchemy

engine = sqlalchemy.create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"], poolclass=sqlalchemy.pool.NullPool)
EXPERIMENT = 7
HARD = ["", "é😀 \u2028", "a\tb\nc\r\nd", "\\. \\N \\", "'; DROP TABLE runs; --", "NULL", "x" * 5000]
# A line that begins like one that a restore leaves out of a dump.
HARD_KEY = "COMMENT ON SCHEMA public is a key"


@sqlalchemy.event.listens_for(engine, "connect")
def set_up(connection, _record) -> None:
    if engine.dialect.name == "sqlite":
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 60000")


def reflected() -> sqlalchemy.MetaData:
    tables = sqlalchemy.MetaData()
    tables.reflect(engine)
    return tables


def half() -> None:
    from mlflow.store.tracking.dbmodels.initial_models import Base

    Base.metadata.create_all(engine)


def older(revision: str) -> None:
    from alembic import command
    from mlflow.store.db.utils import _get_alembic_config

    half()
    with engine.begin() as connection:
        config = _get_alembic_config("")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def run_rows(run: str, experiment: int, index: int) -> dict[str, list[dict]]:
    """A run with its parameters, metrics and tags."""
    start = 1_700_000_000_000 + index
    measured = [
        {"key": f"metric {number}", "value": number / 7 * 1e300, "timestamp": start, "step": number, "is_nan": number == 3}
        for number in range(10)
    ]
    named = [{"key": HARD_KEY, "value": "1"}, *({"key": f"key {number}", "value": text} for number, text in enumerate(HARD))]
    status = "FINISHED" if index % 2 else "FAILED"
    row = {
        "name": HARD[index % 5],
        "status": status,
        "start_time": start,
        "experiment_id": experiment,
        "lifecycle_stage": "active",
    }
    return {
        "runs": [{"run_uuid": run, "source_type": "LOCAL", "artifact_uri": f"s3://bucket/{run}", **row}],
        "params": [{**each, "run_uuid": run} for each in named],
        "tags": [{**each, "run_uuid": run} for each in named],
        "metrics": [{**each, "run_uuid": run} for each in measured],
        "latest_metrics": [{**each, "run_uuid": run} for each in measured],
    }


def other_rows(experiment: int) -> dict[str, list[dict]]:
    return {
        "experiments": [{"experiment_id": experiment, "name": "é 'experiment'", "lifecycle_stage": "active", "creation_time": 1}],
        "experiment_tags": [{"key": "k", "value": text, "experiment_id": experiment} for text in HARD[1:2]],
        "registered_models": [{"name": "model", "creation_time": 1, "last_updated_time": 2, "description": HARD[2]}],
        "registered_model_tags": [{"key": "k", "value": HARD[3], "name": "model"}],
        "registered_model_aliases": [{"alias": "best", "version": 2, "name": "model"}],
        "model_versions": [
            {"name": "model", "version": number, "current_stage": "None", "source": "s3://bucket", "status": "READY"}
            for number in (1, 2)
        ],
        "model_version_tags": [{"key": "k", "value": HARD[4], "name": "model", "version": 2}],
    }


def insert(connection: sqlalchemy.Connection, tables: sqlalchemy.MetaData, rows: dict[str, list[dict]]) -> None:
    for name, values in rows.items():
        connection.execute(sqlalchemy.insert(tables.tables[name]), values)


def fill(runs: str) -> None:
    tables = reflected()
    with engine.begin() as connection:
        insert(connection, tables, other_rows(EXPERIMENT))
        for index in range(int(runs)):
            insert(connection, tables, run_rows(f"filled{index:026d}", EXPERIMENT, index))


def write(name: str) -> None:
    tables = reflected()
    for index in itertools.count():
        with engine.begin() as connection:
            insert(connection, tables, run_rows(f"{name}{index:0{32 - len(name)}d}", EXPERIMENT, index))
        print(index, flush=True)
        time.sleep(0.002)  # SQLite lets nobody in by turns


def query(statement: str) -> None:
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        print(result.scalar() if result.returns_rows else "")


def rows() -> None:
    found = {}
    with engine.connect() as connection:
        for name, table in sorted(reflected().tables.items()):
            content = [[repr(value) for value in row] for row in connection.execute(sqlalchemy.select(table))]
            found[name] = {"columns": [column.name for column in table.columns], "rows": sorted(content)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    {"half": half, "older": older, "fill": fill, "query": query, "rows": rows, "write": write}[command](*words)
