"""Fills a database up to a number of rows of metrics by MLflow's own store, as a team does: many runs with some metrics, one long one.

Called as: fill.py ROWS, with the database in MLFLOW_BACKEND_STORE_URI. Called again with more, it adds what is missing. A run has 100 rows
of four metrics; the run `long` has a tenth of all rows, of one. Prints one line of JSON: the experiment, the long run, and the seconds that
it took.
"""

import json
import os
import sys
import time

from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.store.tracking.dbmodels.models import SqlRun
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

ROWS_OF_A_RUN = 100
METRICS_OF_A_RUN = 4
MOST_OF_A_BATCH = 1000
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
        runs = session.query(SqlRun).filter(SqlRun.name.like("run %")).count()
    for index in range(runs, (rows - rows // 10) // ROWS_OF_A_RUN):
        made = store.create_run(experiment, "team", START + index, [], f"run {index}").info.run_id
        metrics = [
            Metric(f"loss{row % METRICS_OF_A_RUN}", 1 / (row + index % 997 + 1), START + row, row // METRICS_OF_A_RUN)
            for row in range(ROWS_OF_A_RUN)
        ]
        store.log_batch(made, metrics, [Param("rate", str(index % 7)), Param("seed", str(index))], [RunTag("team", "vision")])
        store.update_run_info(made, RunStatus.FINISHED, START + index + 1000, None)
    print(json.dumps({"experiment": experiment, "run": run, "seconds": time.monotonic() - begin}))


if __name__ == "__main__":
    main()
