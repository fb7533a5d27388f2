"""Copies the database to the bucket's backups/, while others write to it, and prints the name under which it lies there.

A name is `<time in UTC>-<schema>.<kind>`, such as `20261125T101500Z-dc11669786a5.sqlite.gz`: what it holds is the state of that
moment, and `restore-artifacts` takes the same time. With `--from <host>` it copies the same database as another host has it, with the
same user and password: what RDS has restored to a moment, which is then the one for the artifacts.
"""

import contextlib
import datetime
import fcntl
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator

import sqlalchemy

from mlflow_host import copies
from mlflow_host.address import database_address
from mlflow_host.bucket import BackupFolder
from mlflow_host.commands import faults_in_words
from mlflow_host.say import say, size

# Neither an option nor a socket.
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@contextlib.contextmanager
def work_folder(topic: str) -> Iterator[pathlib.Path]:
    """A folder on the data volume, as /tmp is memory on the host. One at a time, so another that lies there is what a killed one left."""
    state = pathlib.Path(os.environ["HOST_STATE"])
    with (state / f"{topic}.lock").open("a") as lock:
        if os.geteuid() == 0:
            # A restore runs as root; the backup of the next night could not open the lock.
            os.chown(lock.fileno(), state.stat().st_uid, state.stat().st_gid)
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in state.glob(f"{topic}-*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=state, prefix=f"{topic}-") as folder:
            yield pathlib.Path(folder)


def back_up(address: str) -> str:
    """Makes a copy that was opened and checked, stores it and returns its name. Raises SystemExit with the reason."""
    url = sqlalchemy.make_url(address)
    kind = url.get_backend_name()
    with work_folder("backup") as folder:
        moment = datetime.datetime.now(datetime.timezone.utc)
        write = copies.write_sqlite if kind == "sqlite" else copies.write_postgresql
        try:
            file, revision = write(url, folder)
        except copies.Unusable as reason:
            sys.exit(f"backup: the database was not backed up: {reason}")
        name = f"{moment:%Y%m%dT%H%M%SZ}-{revision}.{copies.ENDINGS[kind]}"
        backups = BackupFolder()
        backups.add(file, name)
        say("backup", f"{backups.root}/{name} ({size(file.stat().st_size)}), copied, opened, checked and stored")
        # The next one must have another name.
        time.sleep(1 - datetime.datetime.now().microsecond / 1e6)
    return name


def address_at(host: str) -> str:
    """The database's address at another host, such as an instance that RDS has restored to a moment. Raises SystemExit."""
    address = sqlalchemy.make_url(database_address())
    if address.get_backend_name() == "sqlite":
        sys.exit("mlflow-backup: got --from, but the stack's backend is SQLite; allowed: --from with a PostgreSQL")
    return address.set(host=host).render_as_string(hide_password=False)


def main() -> None:
    match sys.argv[1:]:
        case []:
            print(back_up(database_address()))
        case ["--from", host] if HOST.fullmatch(host):
            print(back_up(address_at(host)))
        case words:
            sys.exit(f"mlflow-backup: got {' '.join(words)}; allowed: nothing, or --from <host of the same database, restored>")


if __name__ == "__main__":
    with faults_in_words("backup"):
        main()
