"""The journal of the host's services, from where the last reading ended; and the file in which a report notes where that was."""

import dataclasses
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator

FIELDS = ("MESSAGE", "MESSAGE_ID", "SYSLOG_IDENTIFIER", "_PID")
# Without a note of an earlier reading. A new host has no more than that, and one that is older keeps the rest to itself.
AT_FIRST = "--since=-1hour"


@dataclasses.dataclass(frozen=True)
class Entry:
    cursor: str
    milliseconds: int
    # As journalctl shows it: program and number of the process.
    source: str
    text: str
    message_id: str


def text_of(value: object) -> str:
    """A field: text, numbers of bytes where it is none, or a list of either where it is there more than once."""
    if isinstance(value, list):
        if all(isinstance(item, int) for item in value):
            return bytes(value).decode(errors="replace")
        return " ".join(text_of(item) for item in value)
    return value if isinstance(value, str) else ""


def entry_of(line: str) -> Entry:
    fields = json.loads(line)
    pid = text_of(fields.get("_PID"))
    return Entry(
        cursor=fields["__CURSOR"],
        milliseconds=int(fields["__REALTIME_TIMESTAMP"]) // 1000,
        source=text_of(fields.get("SYSLOG_IDENTIFIER")) + (f"[{pid}]" if pid else ""),
        text=text_of(fields.get("MESSAGE")),
        message_id=text_of(fields.get("MESSAGE_ID")),
    )


def read(units: tuple[str, ...], cursor: str | None) -> Iterator[Entry]:
    """What these units have written, and systemd about them, after that entry. Raises OSError when the journal cannot be read."""
    command = [
        *("journalctl", "--quiet", "--no-pager", "--all", "--output=json", f"--output-fields={','.join(FIELDS)}"),
        *(f"--unit={unit}" for unit in units),
        f"--after-cursor={cursor}" if cursor else AT_FIRST,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace") as journal:
        try:
            for line in journal.stdout:
                yield entry_of(line)
            said = journal.stderr.read()
        finally:
            # Whoever does not read it to its end wants no more of it.
            journal.kill()
        if journal.wait() not in (0, -9):
            raise OSError(f"the journal cannot be read: {' '.join(said.split())}")


class Notes:
    """A JSON object in a file that is replaced as a whole."""

    def __init__(self, topic: str) -> None:
        self.file = pathlib.Path(os.environ["STATE_DIRECTORY"]) / f"{topic}.json"

    def load(self) -> dict:
        try:
            return json.loads(self.file.read_text(encoding="utf8"))
        except (FileNotFoundError, ValueError):
            return {}

    def save(self, notes: dict) -> None:
        new = self.file.with_suffix(".new")
        with new.open("w", encoding="utf8") as target:
            json.dump(notes, target)
            target.flush()
            os.fsync(target.fileno())
        new.replace(self.file)
