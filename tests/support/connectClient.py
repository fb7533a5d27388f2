"""A teammate's program that logs one metric, step by step, until its standard input ends; then reads it all back.

Prints `step` for each one that the server has taken, then `stored` and the steps that it has, as JSON. An error ends it.
"""

import json
import sys
import threading

import mlflow


def main() -> None:
    finished = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), finished.set()), daemon=True).start()
    experiment_id = mlflow.create_experiment("through a tunnel that drops")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        step = 0
        while not finished.is_set():
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            print(f"step {step}", flush=True)
            step += 1
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
    print("stored", json.dumps([metric.step for metric in history]), flush=True)


if __name__ == "__main__":
    main()
