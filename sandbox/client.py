"""What a teammate's program does: logs a run with an artifact and reads it back. Prints what it made, as JSON.

The environment holds the address of the server and nothing about AWS.
"""

import json
import os
import pathlib
import sys
import tempfile

import mlflow

CONTENT = "written by a client without AWS credentials\n"


def main() -> None:
    aws = sorted(name for name in os.environ if name.startswith("AWS_"))
    if aws:
        sys.exit(f"this client must have no AWS settings, and has {', '.join(aws)}")

    (name,) = sys.argv[1:]
    experiment_id = mlflow.create_experiment(name)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "note.txt")
        source.write_text(CONTENT)
        with mlflow.start_run(experiment_id=experiment_id) as run:
            mlflow.log_param("learning_rate", 0.01)
            mlflow.log_metric("loss", 0.5)
            mlflow.log_artifact(str(source), "notes")

        found = mlflow.get_run(run.info.run_id)
        assert found.data.params == {"learning_rate": "0.01"}, found.data.params
        assert found.data.metrics == {"loss": 0.5}, found.data.metrics
        back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="notes/note.txt", dst_path=folder)
        assert pathlib.Path(back).read_text() == CONTENT, back

    print(json.dumps({"runId": run.info.run_id, "artifactUri": run.info.artifact_uri}))


if __name__ == "__main__":
    main()
