"""Fills a database up to a number of rows of metrics by MLflow's own store, as a team does: many runs with some metrics, one long one.

Called as: fill.py ROWS, with the database in MLFLOW_BACKEND_STORE_URI. Called again with more, it adds what is missing. A run has 100 rows
of four metrics; the run `long` has a tenth of all rows, of one. Beyond a million rows, which must then be whole millions, the database
itself copies those runs under other ids: hours would go by otherwise. Prints one line of JSON: the experiment, the long run, and the
seconds that it took.
"""

import json
import os
import sys
import time

import sqlalchemy
from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

ROWS_OF_A_RUN = 100
METRICS_OF_A_RUN = 4
MOST_OF_A_BATCH = 1000
MOST_BY_STORE = 1_000_000
START = 1_700_000_000_000


def experiment_of(store: SqlAlchemyStore) -> str:
    found = store.get_experiment_by_name("scaling")
    return found.experiment_id if found else store.create_experiment("scaling")


def long_run(store: SqlAlchemyStore, experiment: str) -> tuple[str, int]:
    """The run and the steps that it has."""
    found = store.search_runs([experiment], "tags.length = 'long'", 1, max_results=1)
    if not found:
        return store.create_run(experiment, "team", START, [RunTag("length", "long")], "long").info.run_id, 0
    metrics = found[0].data.metrics
    return found[0].info.run_id, int(metrics.get("step", -1)) + 1


def runs_named(session: sqlalchemy.orm.Session, pattern: str) -> int:
    return session.query(SqlRun).filter(SqlRun.name.like(pattern)).count()


def copy_runs(session: sqlalchemy.orm.Session, number: int) -> None:
    """All runs that the store has made, once more: each begins a little later, and its id begins as none of the store's does."""
    runs = SqlRun.__table__
    of_store = sqlalchemy.select(runs.c.run_uuid).where(runs.c.name.like("run %"))
    for table in (model.__table__ for model in (SqlRun, SqlParam, SqlTag, SqlMetric, SqlLatestMetric)):
        changed = {"run_uuid": sqlalchemy.literal(f"g{number:02}") + sqlalchemy.func.substr(table.c.run_uuid, 4)}
        if table is runs:
            changed |= {"name": sqlalchemy.literal(f"copy {number} of ") + runs.c.name, "start_time": runs.c.start_time + number}
        columns = [changed.get(column.name, column) for column in table.c]
        copied = sqlalchemy.select(*columns).where(table.c.run_uuid.in_(of_store))
        session.execute(sqlalchemy.insert(table).from_select([column.name for column in table.c], copied))
    session.commit()


def add_copies(store: SqlAlchemyStore, copies: int) -> None:
    with store.ManagedSessionMaker() as session:
        made = runs_named(session, "copy %") // runs_named(session, "run %")
        for number in range(made + 1, copies + 1):
            copy_runs(session, number)
    if store.engine.dialect.name == "postgresql":
        # As its autovacuum does, a minute later.
        with store.engine.connect() as connection:
            connection.execute(sqlalchemy.text("ANALYZE"))


def main() -> None:
    rows = int(sys.argv[1])
    begin = time.monotonic()
    store = SqlAlchemyStore(os.environ["MLFLOW_BACKEND_STORE_URI"], "mlflow-artifacts:/")
    experiment = experiment_of(store)
    run, steps = long_run(store, experiment)
    for first in range(steps, rows // 10, MOST_OF_A_BATCH):
        batch = range(first, min(first + MOST_OF_A_BATCH, rows // 10))
        # Its last value says where to go on.
        store.log_batch(run, [Metric("step", step, START + step, step) for step in batch], [], [])
    with store.ManagedSessionMaker() as session:
        runs = runs_named(session, "run %")
    by_store = min(rows, MOST_BY_STORE)
    for index in range(runs, (by_store - by_store // 10) // ROWS_OF_A_RUN):
        made = store.create_run(experiment, "team", START + index, [], f"run {index}").info.run_id
        metrics = [
            Metric(f"loss{row % METRICS_OF_A_RUN}", 1 / (row + index % 997 + 1), START + row, row // METRICS_OF_A_RUN)
            for row in range(ROWS_OF_A_RUN)
        ]
        store.log_batch(made, metrics, [Param("rate", str(index % 7)), Param("seed", str(index))], [RunTag("team", "vision")])
        store.update_run_info(made, RunStatus.FINISHED, START + index + 1000, None)
    add_copies(store, rows // by_store - 1)
    print(json.dumps({"experiment": experiment, "run": run, "seconds": time.monotonic() - begin}))


if __name__ == "__main__":
    main()
