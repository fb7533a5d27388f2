"""Uses an MLflow server as a teammate's program does, and reads everything back.

Prints a line of JSON for each step as it ends: name, seconds, ok, detail. Whatever fails, and also when standard input closes,
it removes what it has made. The environment holds the address of the server, and what decides the way that files take.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import threading
import time

from way import Requests, in_words

# Not one name for all tests: restoring a deleted experiment restores all that was ever in it, and makes it young again.
NAME = "mlflow-aws smoke test"

# Of a test that could not remove it. A younger one may belong to somebody who tests at the same time.
LEFT_BEHIND_MILLISECONDS = 3600 * 1000

# As small as S3 takes them, so that a file of a few seconds takes the way of large ones.
MEBIBYTE = 1024 * 1024
PART = 5 * MEBIBYTE
LARGE = 12 * MEBIBYTE


class Interrupted(Exception):
    """No KeyboardInterrupt: MLflow abandons an unfinished upload after an Exception alone."""


class Smoke:
    def __init__(self, folder: str, reports) -> None:
        self.folder = pathlib.Path(folder)
        self.reports = reports
        self.token = os.urandom(8).hex()
        self.name = f"{NAME} {self.token}"
        self.requests = Requests()
        self.client = None
        self.experiment_id = self.run_id = self.artifact_uri = ""
        self.hashes = {}
        self.interrupted = False
        self.interruptible = False

    def interrupt(self, *_: object) -> None:
        self.interrupted = True
        if self.interruptible:
            raise Interrupted("interrupted")

    def run(self) -> None:
        steps = (
            ("client", self.load),
            ("experiment", self.make_experiment),
            ("run", self.make_run),
            ("parameter", self.log_parameter),
            ("metric", self.log_metric),
            ("tag", self.set_tag),
            ("small-up", lambda: self.upload("small.bin", 1024)),
            ("small-down", lambda: self.download("small.bin")),
            ("large-up", lambda: self.upload("large.bin", LARGE)),
            ("large-down", lambda: self.download("large.bin")),
            ("search", self.search),
        )
        try:
            all(not self.interrupted and self.step(name, action, interruptible=True) for name, action in steps)
        finally:
            self.clean_up()

    def clean_up(self) -> None:
        """Each by itself: what one cannot remove, keeps no other from being removed. Nothing interrupts it."""
        if self.run_id:
            self.step("delete-artifacts", lambda: self.delete_artifacts(self.run_id, self.artifact_uri))
            self.step("delete-run", self.delete_run)
        if self.experiment_id or (self.interrupted and self.client):
            self.step("delete-experiment", self.delete_experiment)

    def step(self, name: str, action, interruptible: bool = False) -> bool:
        start = time.monotonic()
        try:
            self.interruptible = interruptible
            detail, ok = action() or "", True
        except Exception as error:  # noqa: BLE001  (a step may raise anything)
            # MLflow wraps the interruption into errors of its own, and says little of an S3 that cannot be reached.
            stopped = interruptible and self.interrupted
            detail, ok = "interrupted" if stopped else f"{in_words(error)} (last of all, {self.requests.last})", False
        finally:
            self.interruptible = False
        seconds = round(time.monotonic() - start, 3)
        with contextlib.suppress(OSError):  # nobody reads any more
            print(json.dumps({"name": name, "seconds": seconds, "ok": ok, "detail": detail}), file=self.reports, flush=True)
        return ok

    def load(self) -> str:
        import mlflow

        self.client = mlflow.MlflowClient()
        return f"MLflow {mlflow.__version__}, {sys.executable}"

    def make_experiment(self) -> str:
        self.experiment_id = self.client.create_experiment(self.name)
        found = self.client.get_experiment(self.experiment_id)
        same("experiment", (found.name, found.lifecycle_stage), (self.name, "active"))
        return f"{self.name}, {found.artifact_location}"

    def make_run(self) -> str:
        run = self.client.create_run(self.experiment_id, run_name="smoke test")
        self.run_id, self.artifact_uri = run.info.run_id, run.info.artifact_uri
        same("status", self.client.get_run(self.run_id).info.status, "RUNNING")
        return self.run_id

    def log_parameter(self) -> None:
        self.client.log_param(self.run_id, "token", self.token)
        same("parameters", self.client.get_run(self.run_id).data.params, {"token": self.token})

    def log_metric(self) -> str:
        values = [0.5, 0.25, 0.125]
        for step, value in enumerate(values):
            self.client.log_metric(self.run_id, "loss", value, step=step)
        found = [(point.step, point.value) for point in self.client.get_metric_history(self.run_id, "loss")]
        same("history", sorted(found), list(enumerate(values)))
        return f"{len(values)} values"

    def set_tag(self) -> None:
        self.client.set_tag(self.run_id, "smoke", "ünïcode ✓")
        same("tag", self.client.get_run(self.run_id).data.tags.get("smoke"), "ünïcode ✓")

    def upload(self, name: str, size: int) -> str:
        file = self.folder / name
        content = os.urandom(size)
        file.write_bytes(content)
        self.hashes[name] = hashlib.sha256(content).hexdigest()
        detail = self.transfer(size, lambda: self.client.log_artifact(self.run_id, str(file), "smoke"))
        listed = {info.path: info.file_size for info in self.client.list_artifacts(self.run_id, "smoke")}
        same("listed size", listed.get(f"smoke/{name}"), size)
        return detail

    def download(self, name: str) -> str:
        target = self.folder / f"{name} fetched"
        target.mkdir()
        size = (self.folder / name).stat().st_size
        detail = self.transfer(size, lambda: self.client.download_artifacts(self.run_id, f"smoke/{name}", str(target)))
        (file,) = target.rglob(name)
        content = file.read_bytes()
        same("hash", hashlib.sha256(content).hexdigest(), self.hashes[name])
        return detail

    def transfer(self, size: int, action) -> str:
        """Moves a file; returns its size, its speed, and the way that it took."""
        self.requests.hosts.clear()
        start = time.monotonic()
        action()
        mebibytes, seconds = size / MEBIBYTE, time.monotonic() - start
        amount = f"{mebibytes:.0f} MiB at {mebibytes / seconds:.1f} MiB/s" if mebibytes >= 1 else f"{size} bytes"
        server = re.sub(r"^https?://", "", os.environ["MLFLOW_TRACKING_URI"]).strip("/")
        return f"{amount}, {self.requests.way(server)}"

    def search(self) -> str:
        found = self.client.search_runs([self.experiment_id], f"params.token = '{self.token}'")
        same("runs found", [run.info.run_id for run in found], [self.run_id])
        return "by its parameter"

    def delete_artifacts(self, run_id: str, artifact_uri: str) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        get_artifact_repository(artifact_uri).delete_artifacts()
        same("artifacts listed", [info.path for info in self.client.list_artifacts(run_id)], [])

    def delete_run(self) -> str:
        self.client.set_terminated(self.run_id)
        self.client.delete_run(self.run_id)
        same("stage", self.client.get_run(self.run_id).info.lifecycle_stage, "deleted")
        same("runs found", [run.info.run_id for run in self.client.search_runs([self.experiment_id])], [])
        return self.run_id

    def delete_experiment(self) -> str:
        if not self.experiment_id:
            made = self.client.get_experiment_by_name(self.name)  # the answer did not come before the interruption
            if made is None:
                return "none was made"
            self.experiment_id = made.experiment_id
        self.client.delete_experiment(self.experiment_id)
        same("stage", self.client.get_experiment(self.experiment_id).lifecycle_stage, "deleted")
        swept = self.sweep()
        return f"{self.name}{f', and {swept} left behind by earlier tests' if swept else ''}"

    def sweep(self) -> int:
        """Removes what tests left behind that were ended before they could."""
        found = self.client.search_experiments(filter_string=f"name LIKE '{NAME} %'")
        before = time.time() * 1000 - LEFT_BEHIND_MILLISECONDS
        old = [experiment for experiment in found if experiment.creation_time < before]
        for experiment in old:
            for run in self.client.search_runs([experiment.experiment_id]):
                self.delete_artifacts(run.info.run_id, run.info.artifact_uri)
            self.client.delete_experiment(experiment.experiment_id)
        return len(old)


def same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise ValueError(f"{what}: the server says {found!r}, and not {wanted!r}")


def interrupt_at_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    # To the main thread by name, so that what it waits for ends.
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def main() -> None:
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what MLflow prints is no report
    os.environ.update(
        MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=str(PART),
        MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE=str(PART),
        MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE=str(PART),
    )
    with tempfile.TemporaryDirectory() as folder:
        smoke = Smoke(folder, reports)
        signal.signal(signal.SIGINT, smoke.interrupt)
        threading.Thread(target=interrupt_at_end_of_input, daemon=True).start()
        smoke.run()


if __name__ == "__main__":
    main()
    # At once: threads that still transfer something would be waited for.
    os._exit(0)
