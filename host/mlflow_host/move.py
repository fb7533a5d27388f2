"""Brings all that SQLite's file holds to an empty PostgreSQL. Without `--run` it only says what it would do.

The file is read and never written: it is backed up to the bucket, and at the end kept under another name. PostgreSQL carries a mark
until both sides were compared, row by row. Whatever ends the command in between, the same command goes on from there.
"""

import signal
import sys

import psycopg2
import sqlalchemy

from mlflow_host.address import database_address
from mlflow_host.commands import faults_in_words
from mlflow_host.move_look import dry_run
from mlflow_host.move_run import GO_ON, run


def end_in_words(number: int, _frame: object) -> None:
    sys.exit(f"move: ended by {signal.Signals(number).name}. {GO_ON}")


def main() -> None:
    # The operator's session may end before the move does.
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end_in_words)
    address = sqlalchemy.make_url(database_address())
    match sys.argv[1:]:
        case []:
            dry_run(address)
        case ["--run"]:
            run(address)
        case words:
            sys.exit(f"mlflow-move: got {' '.join(words)}; allowed: nothing, which says what would be done, or --run")


if __name__ == "__main__":
    with faults_in_words("move"):
        try:
            main()
        except psycopg2.Error as error:
            # Without the row that it may quote.
            sys.exit(f"move: PostgreSQL: {error.diag.message_primary or ' '.join(str(error).split())}. {GO_ON}")
