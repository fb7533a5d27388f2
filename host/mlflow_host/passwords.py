"""The password of an external database, given at the moment of each connection: it is in no address, environment or file.

An encrypted parameter holds it, and during a rotation the one before it too, each on a line, the newer first. A process keeps what
it has read. When the database refuses that, the process reads the parameter again: a rotation needs no restart.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import sqlalchemy

from mlflow_host.parameters import Unreadable, parameter

# A database that refuses everybody, because it is full for example, must not become as many questions to AWS.
LEAST_SECONDS_BETWEEN_READS = 1


class Passwords:
    """What may be the password at the moment, the one that worked last first."""

    def __init__(self, read: Callable[[], list[str]]) -> None:
        self.read = read
        self.known: list[str] = []
        self.read_at = float("-inf")
        self.lock = threading.Lock()

    def refreshed(self) -> list[str]:
        with self.lock:
            if time.monotonic() - self.read_at >= LEAST_SECONDS_BETWEEN_READS:
                self.known = self.read()
                self.read_at = time.monotonic()
            return self.known

    def connect(self, attempt: Callable[[str], Any]) -> Any:
        """The first connection that a password opens.

        Raises what the last attempt raised, at once where it was not the database that refused.
        """
        refused: dict[str, psycopg2.OperationalError] = {}
        for candidates in (lambda: self.known, self.refreshed):
            for password in candidates():
                if password in refused:
                    continue
                try:
                    connection = attempt(password)
                except psycopg2.OperationalError as error:
                    # Its own word, in most of its languages; a server that can't be reached says nothing.
                    if "FATAL" not in str(error):
                        raise
                    refused[password] = error
                else:
                    self.known = [password, *(other for other in self.known if other != password)]
                    return connection
        raise list(refused.values())[-1]

    def current(self) -> str:
        """The one that worked last; before any connection, the newest."""
        return (self.known or self.refreshed())[0]


passwords = Passwords(lambda: parameter("passwords").split("\n"))


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "do_connect")
def connect(dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
    """Connects every engine of this process to PostgreSQL with it, unless its address has a password of its own."""
    if dialect.name != "postgresql" or "password" in parameters or not os.environ.get("HOST_DATABASE_PARAMETER"):
        return None
    try:
        return passwords.connect(lambda password: dialect.connect(*arguments, **parameters, password=password))
    except Unreadable as reason:
        # A connection that was not made, as for any other reason: the request fails, and the next one tries again.
        raise psycopg2.OperationalError(str(reason)) from reason
