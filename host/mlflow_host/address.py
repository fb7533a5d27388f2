"""The address of the database: the SQLite file on the data volume, or what a parameter of the stack holds.

No password is in it: `passwords` gives it to each connection. Run as a program, this prints the address and nothing else.
"""

import os
import sys

from mlflow_host.parameters import Unreadable, parameter


def database_address() -> str:
    """The address as SQLAlchemy takes it. Raises Unreadable."""
    if os.environ["HOST_DATABASE_PARAMETER"]:
        return parameter("address")
    return f"sqlite:///{os.environ['HOST_STATE']}/mlflow.db"


if __name__ == "__main__":
    # Without mlflow_host.commands and its SQLAlchemy, which every start of the server would wait for.
    try:
        print(database_address())
    except Unreadable as reason:
        sys.exit(f"database address: {reason}")
