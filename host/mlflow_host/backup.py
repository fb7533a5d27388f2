"""Copies the database to the bucket's backups/, while others write to it, and prints the name under which it lies there.

A name is `<time in UTC>-<schema>.<kind>`, such as `20261125T101500Z-dc11669786a5.sqlite.gz`: what it holds is the state of that
moment, and `restore-artifacts` takes the same time.
"""

import datetime
import fcntl
import os
import pathlib
import shutil
import sys
import tempfile

import sqlalchemy

from mlflow_host import copies
from mlflow_host.address import database_address
from mlflow_host.bucket import BackupFolder
from mlflow_host.commands import faults_in_words
from mlflow_host.say import say, size


def back_up(address: str) -> str:
    """Makes a copy that was opened and checked, stores it and returns its name. Raises SystemExit with the reason."""
    url = sqlalchemy.make_url(address)
    kind = url.get_backend_name()
    state = pathlib.Path(os.environ["HOST_STATE"])
    # On the data volume: /tmp is memory there. One at a time, so what lies there is what a killed one left.
    with (state / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in state.glob("backup-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=state, prefix="backup-") as folder:
            moment = datetime.datetime.now(datetime.timezone.utc)
            write = copies.write_sqlite if kind == "sqlite" else copies.write_postgresql
            try:
                file, revision = write(url, pathlib.Path(folder))
            except copies.Unusable as reason:
                sys.exit(f"backup: the database was not backed up: {reason}")
            name = f"{moment:%Y%m%dT%H%M%SZ}-{revision}.{copies.ENDINGS[kind]}"
            backups = BackupFolder()
            backups.add(file, name)
            say("backup", f"{backups.root}/{name} ({size(file.stat().st_size)}), copied, opened, checked and stored")
    return name


def main() -> None:
    if sys.argv[1:]:
        sys.exit(f"mlflow-backup: got {' '.join(sys.argv[1:])}; allowed: no arguments")
    print(back_up(database_address()))


if __name__ == "__main__":
    with faults_in_words("backup"):
        main()
