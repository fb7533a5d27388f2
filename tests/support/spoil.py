"""Runs statements on a file of SQLite's, whose own look at foreign keys is off: spoil.py <file> <statement>..."""

import sqlite3
import sys

file, *statements = sys.argv[1:]
connection = sqlite3.connect(file, isolation_level=None)
# As in docs/moving.md, for texts that PostgreSQL does not take.
connection.create_function("clean", 1, lambda raw: raw.decode(errors="replace").replace("\0", ""))
for statement in statements:
    connection.execute(statement)
