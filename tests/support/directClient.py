"""What a teammate's program does where clients write to S3 themselves: logs a run with a small and a large artifact, and reads
both back. Prints where they are, as JSON.
"""

import json
import os
import pathlib
import tempfile

import mlflow

SIZES = {"small.bin": 1000, "large.bin": 9 * 1024 * 1024}  # boto3 sends parts from 8 MiB on

with tempfile.TemporaryDirectory() as folder:
    sent = {name: os.urandom(size) for name, size in SIZES.items()}
    for name, content in sent.items():
        pathlib.Path(folder, name).write_bytes(content)
    mlflow.set_experiment("direct")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(folder, "files")
    listed = [file.path for file in mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="files")]
    back = pathlib.Path(
        mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="files", dst_path=folder + "/back")
    )
    assert {file.name: file.read_bytes() for file in back.iterdir()} == sent, listed

print(json.dumps({"artifactUri": run.info.artifact_uri, "listed": listed}))
