"""What a team has that followed the notes, made by the real MLflow 1.26.1, whose Python runs this.

team <unlike>            logs runs, artifacts and models through the server of MLFLOW_TRACKING_URI, as teammates' programs do: with
                         AWS credentials of their own, straight to S3. <unlike> is the location of an experiment elsewhere.
many <runs> <metrics>    adds runs with so many values of metrics each to the database of MLFLOW_BACKEND_STORE_URI, by MLflow's store
one <experiment>         logs a run with an artifact, as `team` does, and prints its id
calls <experiment id>    makes calls of a client, and prints as JSON which of them fail, and how
"""

import json
import os
import pathlib
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import mlflow
import mlflow.pyfunc
from mlflow.tracking import MlflowClient

# Names that an address, a shell or a listing might take for something else.
FILES = {
    "note.txt": "a note",
    "plots/é 1+1=2 & 50%.txt": "plotted",
    "plots/deep/er/empty": "",
    "data.bin": "\x00\x01" * 3000,
}


class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input * 2


def log_run(index: int, *, with_model: bool) -> str:
    with mlflow.start_run(run_name=f"run {index}") as run, tempfile.TemporaryDirectory() as folder:
        mlflow.log_params({"rate": index / 10, "long": "x" * 250, "quoted": "'; DROP TABLE runs; --"})
        for step in range(5):
            mlflow.log_metrics({"loss": 1 / (step + 1), "not a number": float("nan"), "endless": float("inf")}, step=step)
        mlflow.set_tags({"place": run.info.artifact_uri, "é": "ü 😀"})
        for name, text in FILES.items():
            file = pathlib.Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text} {index}" if text else "")
        mlflow.log_artifacts(folder)
        if with_model:
            mlflow.pyfunc.log_model("model", python_model=Doubled(), pip_requirements=["cloudpickle"])
        return run.info.run_id


def team(unlike: str) -> None:
    client = MlflowClient()
    for name, location in {"Default": None, "vision": None, "speech 'é'": None, "unlike": unlike}.items():
        if name != "Default":
            mlflow.create_experiment(name, location)
        mlflow.set_experiment(name)
        if location:
            # Without artifacts: the test has no such place.
            with mlflow.start_run():
                mlflow.log_metric("loss", 1)
            continue
        runs = [log_run(index, with_model=index == 1 and name == "vision") for index in range(3)]
        if name == "vision":
            client.set_experiment_tag(mlflow.get_experiment_by_name(name).experiment_id, "team", "seeing")
            for source in (f"runs:/{runs[1]}/model", f"runs:/{runs[1]}/model"):
                mlflow.register_model(source, "detector")
            client.create_model_version("detector", f"runs:/{runs[1]}/model", runs[1])
            client.transition_model_version_stage("detector", 1, "Production")
            client.set_model_version_tag("detector", "2", "by", "é")
            client.update_registered_model("detector", "detects")
        client.delete_run(runs[2])
    client.delete_experiment(mlflow.get_experiment_by_name("speech 'é'").experiment_id)


def one(experiment: str) -> None:
    mlflow.set_experiment(experiment)
    print(log_run(9, with_model=False))


def calls(experiment: str) -> None:
    client = MlflowClient()
    # What autologging and `start_run` do, with the experiment's number.
    run = client.create_run(experiment).info.run_id
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "old.txt")
        file.write_text("old\n")
        tried = {
            "get_experiment": lambda: client.get_experiment(experiment),
            "get_experiment_by_name": lambda: client.get_experiment_by_name("vision"),
            "list_experiments": lambda: client.list_experiments(),
            "set_experiment(name)": lambda: mlflow.set_experiment("vision"),
            "set_experiment(id)": lambda: mlflow.set_experiment(experiment_id=experiment),
            "create_experiment": lambda: client.create_experiment("from an old client"),
            "log_param": lambda: client.log_param(run, "a", "1"),
            "log_metric": lambda: client.log_metric(run, "b", 1.0),
            "log_batch": lambda: client.log_batch(run, tags=[mlflow.entities.RunTag("c", "1")]),
            "log_artifact": lambda: client.log_artifact(run, str(file)),
            "list_artifacts": lambda: [found.path for found in client.list_artifacts(run)] == ["old.txt"] or 1 / 0,
            "download_artifacts": lambda: client.download_artifacts(run, "old.txt", folder),
            "get_run": lambda: client.get_run(run).data.metrics["b"],
            "search_runs": lambda: client.search_runs([experiment])[0],
            "log_model": lambda: log_model(run),
            "register_model": lambda: mlflow.register_model(f"runs:/{run}/model", "from an old client"),
            "load_model(runs:/)": lambda: mlflow.pyfunc.load_model(f"runs:/{run}/model"),
            "load_model(models:/)": lambda: mlflow.pyfunc.load_model("models:/detector/Production"),
            "search_model_versions": lambda: client.search_model_versions("name='detector'")[0],
            "get_latest_versions": lambda: client.get_latest_versions("detector")[0],
            "list_registered_models": lambda: client.list_registered_models(),
            "search_registered_models": lambda: client.search_registered_models("name='detector'"),
            "transition_model_version_stage": lambda: client.transition_model_version_stage("detector", 2, "Staging"),
            "list_run_infos": lambda: client.list_run_infos(experiment),
        }
        failed = {}
        for name, call in tried.items():
            try:
                call()
            except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
                failed[name] = " ".join(str(error).split())[:160]
    print(json.dumps({"works": [name for name in tried if name not in failed], "failed": failed}))


def log_model(run: str) -> None:
    with mlflow.start_run(run):
        mlflow.pyfunc.log_model("model", python_model=Doubled(), pip_requirements=["cloudpickle"])


def many(runs: str, metrics: str) -> None:
    """Past the server, by its own store."""
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(os.environ["MLFLOW_BACKEND_STORE_URI"], os.environ["MLFLOW_DEFAULT_ARTIFACT_ROOT"])
    experiments = [store.create_experiment(f"experiment {number}", None, []) for number in range(20)]
    for index in range(int(runs)):
        start = 1_650_000_000_000 + index
        run = store.create_run(
            experiments[index % len(experiments)], "somebody", start, [RunTag("mlflow.runName", f"run {index}")]
        )
        measured = [
            Metric(f"metric {number % 10}", number / 7 * index, start + number, number // 10) for number in range(int(metrics))
        ]
        params = [Param(f"param {number}", str(number * index)) for number in range(10)]
        tags = [RunTag(f"tag {number}", f"value {index}") for number in range(5)]
        for first in range(0, len(measured), 1000):
            store.log_batch(run.info.run_id, measured[first : first + 1000], params, tags)
            params, tags = [], []
        store.update_run_info(run.info.run_id, mlflow.entities.RunStatus.FINISHED, start + 1000)


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    {"team": team, "many": many, "one": one, "calls": calls}[command](*words)
