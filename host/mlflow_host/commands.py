"""How the commands of an operator end: with one line for what can go wrong on a host, not with a stack trace."""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator

import botocore.exceptions
import sqlalchemy.exc

# A full disk, a database that went away, a bucket or a role that says no.
FAULTS = (
    OSError,
    sqlite3.Error,
    sqlalchemy.exc.SQLAlchemyError,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
)


@contextlib.contextmanager
def faults_in_words(topic: str) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        sys.exit(f"{topic}: {' '.join(str(error).split())}")
