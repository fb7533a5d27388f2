"""Runs the server, once its database is fit for it: `mlflow server`, without a second and third import of MLflow.

The command line of MLflow starts uvicorn as another process, and that starts its workers as new ones: each imports MLflow for
itself, which takes most of the time to the first answer and most of the memory. Here one process judges the database, imports
MLflow and prepares its stores, and the workers are copies of it. Figures: docs/benchmarks.md. What MLflow's command would put
into the environment, `settings` does. Not MLflow's own application answers, but the guard in front of it.
"""

import gc
import multiprocessing
import os
import pathlib
import sys
import threading
import uuid

from mlflow_host.commands import faults_in_words
from mlflow_host.database import engine_of
from mlflow_host.schema import prepare


def settings(environment: dict[str, str]) -> dict[str, str]:
    """What MLflow's application reads: names of its own for what `mlflow server` takes from MLFLOW_ variables."""
    from mlflow.environment_variables import _MLFLOW_IN_JOB_EXECUTOR, _MLFLOW_SERVER_BOOT_ID, _MLFLOW_SGI_NAME
    from mlflow.server import constants

    served = environment["MLFLOW_SERVE_ARTIFACTS"] == "true"
    return {
        constants.BACKEND_STORE_URI_ENV_VAR: environment["MLFLOW_BACKEND_STORE_URI"],
        constants.ARTIFACT_ROOT_ENV_VAR: "mlflow-artifacts:/" if served else environment["MLFLOW_DEFAULT_ARTIFACT_ROOT"],
        _MLFLOW_SERVER_BOOT_ID.name: uuid.uuid4().hex,
        _MLFLOW_SGI_NAME.name: "uvicorn",
        # Code that came with a scorer is never run here.
        _MLFLOW_IN_JOB_EXECUTOR.name: "false",
        **(
            {
                constants.SERVE_ARTIFACTS_ENV_VAR: "true",
                constants.ARTIFACTS_DESTINATION_ENV_VAR: environment["MLFLOW_ARTIFACTS_DESTINATION"],
            }
            if served
            else {}
        ),
    }


def import_server() -> None:
    """All that a worker needs to answer, with its stores made: among them the first experiment, which two would make twice."""
    import boto3.s3.transfer  # noqa: F401
    import mlflow.server.fastapi_app  # noqa: F401
    from mlflow.server import constants, handlers
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking
    from mlflow_guard.repositories import server_root

    try:
        server_root()
    except ValueError as error:
        sys.exit(str(error))
    database, root = os.environ[constants.BACKEND_STORE_URI_ENV_VAR], os.environ[constants.ARTIFACT_ROOT_ENV_VAR]
    handlers.initialize_backend_stores(database, database, root)
    # No connection may be shared by two processes: each opens its own.
    for engine in (*Tracking._engine_map.values(), *Registry._engine_map.values()):
        engine.dispose()


def copy_workers() -> None:
    """Has uvicorn make its workers by fork. Not on macOS, whose system libraries do not bear it."""
    import uvicorn._subprocess

    if sys.platform != "linux":
        return
    # A lock that another thread holds at that moment would stay locked in the copy for good.
    if threading.active_count() != 1 or not hasattr(uvicorn._subprocess, "spawn"):
        raise RuntimeError(
            "this version of MLflow or uvicorn is not one whose workers can be copies; see host/mlflow_host/serve.py"
        )
    uvicorn._subprocess.spawn = multiprocessing.get_context("fork")
    # What is there is there to stay: the collector need not touch it, and its memory stays shared.
    gc.collect()
    gc.freeze()


def main() -> None:
    socket = sys.argv[1]
    with faults_in_words("database"):
        prepare(engine_of(os.environ["MLFLOW_BACKEND_STORE_URI"]))
    os.environ.update(settings(dict(os.environ)))
    import_server()
    copy_workers()
    import mlflow.server
    import uvicorn

    uvicorn.run(
        "mlflow_guard:create_app",
        factory=True,
        uds=socket,
        # Two workers on the default event loop cost 40 ms a request.
        loop="uvloop",
        http="mlflow_host.whole:Protocol",
        workers=int(os.environ["MLFLOW_WORKERS"]),
        log_config=str(pathlib.Path(mlflow.server.__file__).parent / "uvicorn_log_config.yaml"),
    )


if __name__ == "__main__":
    main()
