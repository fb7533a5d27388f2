"""A row of SQLite as the line that PostgreSQL's COPY takes for it, and as the line that its COPY gives for the same row.

SQLite takes any value in any column. What PostgreSQL would refuse, or take for something else, is Unfit here: it is found before
anything is written.
"""

import datetime
import json
import re
import struct
from collections.abc import Callable, Iterable

import sqlalchemy

Value = int | float | str | bytes | None
Encoder = Callable[[Value], str]

NULL = "\\N"
ESCAPES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
ESCAPED = re.compile(r"[\b\f\n\r\t\v\\]")


class Unfit(Exception):
    """A value that PostgreSQL does not take in its column; the text says why."""


class Undecodable(bytes):
    """A text of SQLite's that is no UTF-8."""


def decode(raw: bytes) -> str | Undecodable:
    """For SQLite's `text_factory`; its default ends a whole query at such a text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return Undecodable(raw)


def escape(text: str) -> str:
    return ESCAPED.sub(lambda found: ESCAPES[found[0]], text)


def text_of(longest: int | None) -> Encoder:
    def encode(value: Value) -> str:
        if type(value) is not str:
            raise Unfit("is no UTF-8" if isinstance(value, Undecodable) else "is no text")
        if "\0" in value:
            raise Unfit("has a NUL character")
        if longest is not None and len(value) > longest:
            raise Unfit(f"is longer than {longest} characters")
        return escape(value) if ESCAPED.search(value) else value

    return encode


def integer_of(bits: int) -> Encoder:
    limit = 1 << (bits - 1)

    def encode(value: Value) -> str:
        if type(value) is not int:
            raise Unfit("is no integer")
        if not -limit <= value < limit:
            raise Unfit(f"does not fit into {bits} bits")
        return str(value)

    return encode


def number(value: Value) -> float:
    if type(value) not in (int, float):
        raise Unfit("is no number")
    return float(value)


def boolean(value: Value) -> str:
    if type(value) is not int or value not in (0, 1):
        raise Unfit("is neither 0 nor 1")
    return "t" if value else "f"


def binary(value: Value) -> str:
    if type(value) is not bytes:
        raise Unfit("is no bytes")
    return f"\\\\x{value.hex()}"


def refuse_constant(name: str) -> None:
    raise ValueError(name)


def json_text(value: Value) -> str:
    """SQLite keeps a JSON text that is a bare number as that number."""
    text = repr(value) if type(value) in (int, float) else value
    line = text_of(None)(text)
    try:
        json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise Unfit("is no JSON that PostgreSQL takes") from None
    return line


def date(value: Value) -> str:
    try:
        if type(value) is str and datetime.date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise Unfit("is no date")


def bits_of(value: Value) -> str:
    """A float without any doubt about its digits."""
    return struct.pack(">d", number(value)).hex()


def encoders_of(kind: sqlalchemy.types.TypeEngine) -> tuple[Encoder, Encoder] | None:
    """For the line that is copied, and for the line that is compared. None for a type that MLflow's tables do not have."""
    match kind:
        case sqlalchemy.Boolean():
            same = boolean
        case sqlalchemy.BigInteger():
            same = integer_of(64)
        case sqlalchemy.Integer():
            same = integer_of(32)
        case sqlalchemy.Float():
            return lambda value: repr(number(value)), bits_of
        case sqlalchemy.String():
            same = text_of(kind.length)
        case sqlalchemy.JSON():
            same = json_text
        case sqlalchemy.Date():
            same = date
        case sqlalchemy.LargeBinary():
            same = binary
        case _:
            return None
    return same, same


def compared_column(column: sqlalchemy.Column) -> str:
    """How PostgreSQL is asked for what `bits_of` and the others make of SQLite's value."""
    name = f'"{column.name}"'
    return f"encode(float8send({name}), 'hex')" if isinstance(column.type, sqlalchemy.Float) else name


def stored(table: sqlalchemy.Table) -> list[sqlalchemy.Column]:
    """What is copied: PostgreSQL makes the others of these. They are compared all the same."""
    return [column for column in table.columns if column.computed is None]


class Lines:
    """Makes lines of the rows of a table."""

    def __init__(self, columns: Iterable[sqlalchemy.Column]) -> None:
        self.columns = list(columns)
        self.copied, self.compared = zip(*(encoders_of(column.type) for column in self.columns), strict=True)

    def to_copy(self, row: tuple) -> str:
        return self._line(self.copied, row)

    def to_compare(self, row: tuple) -> str:
        return self._line(self.compared, row)

    def _line(self, encoders: tuple[Encoder, ...], row: tuple) -> str:
        cells = [NULL if value is None else encode(value) for encode, value in zip(encoders, row)]
        return "\t".join(cells) + "\n"

    def faults(self, row: tuple) -> list[tuple[str, str]]:
        """Each column whose value is unfit, and why."""
        found = []
        for column, encode, value in zip(self.columns, self.copied, row, strict=True):
            try:
                if value is not None:
                    encode(value)
            except Unfit as reason:
                found.append((column.name, str(reason)))
        return found
