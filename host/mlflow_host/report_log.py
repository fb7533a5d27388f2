"""Sends what the host's services have written to a log group: one stream an instance, each line with its time.

The place in the journal is noted after CloudWatch has taken the lines before it. So none is lost; those of the last call come twice
when the host dies between the answer and the note.
"""

import os
import pathlib
import platform
from collections.abc import Iterator

import boto3

from mlflow_host.parameters import CLIENT
from mlflow_host.report_journal import Entry, Notes, read
from mlflow_host.say import say

UNITS = (
    *("mlflow.service", "mlflow-data.service", "mlflow-forwarder.service", "mlflow-backup.service"),
    *("mlflow-gc.service", "mlflow-updates.service"),
)

# What one call takes. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
CALL_BYTES = 1_048_576
CALL_EVENTS = 10_000
CALL_MILLISECONDS = 24 * 3600 * 1000
OVERHEAD_BYTES = 26
# An event may be 1 MiB; tools that read them show as much as this.
EVENT_BYTES = 256 * 1024 - OVERHEAD_BYTES


def pieces(text: str) -> Iterator[str]:
    """A text in parts that an event can hold, none of which begins within a character."""
    data = text.encode(errors="replace")
    while len(data) > EVENT_BYTES:
        end = EVENT_BYTES
        while data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[:end].decode()
        data = data[end:]
    yield data.decode()


def events_of(entry: Entry) -> list[dict]:
    return [{"timestamp": entry.milliseconds, "message": text} for text in pieces(f"{entry.source}: {entry.text}")]


class Call:
    """The events of one call."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.bytes = 0

    def takes(self, event: dict) -> bool:
        times = [event["timestamp"], *(self.earliest, self.latest)] if self.events else [event["timestamp"]]
        return (
            len(self.events) < CALL_EVENTS
            and self.bytes + size_of(event) <= CALL_BYTES
            and max(times) - min(times) < CALL_MILLISECONDS
        )

    def add(self, event: dict) -> None:
        moment = event["timestamp"]
        self.earliest = min(moment, self.earliest) if self.events else moment
        self.latest = max(moment, self.latest) if self.events else moment
        self.events.append(event)
        self.bytes += size_of(event)


def size_of(event: dict) -> int:
    return len(event["message"].encode()) + OVERHEAD_BYTES


class LogStream:
    """This instance's stream of a log group; it comes into being with the first line."""

    def __init__(self, group: str) -> None:
        self.place = {"logGroupName": group, "logStreamName": instance_name()}
        self.client = boto3.client("logs", config=CLIENT)

    def send(self, call: Call) -> None:
        """Raises ClientError or BotoCoreError when CloudWatch does not take it."""
        # The clock may have been set back meanwhile.
        request = {**self.place, "logEvents": sorted(call.events, key=lambda event: event["timestamp"])}
        try:
            answer = self.client.put_log_events(**request)
        except self.client.exceptions.ResourceNotFoundException:
            self.client.create_log_stream(**self.place)
            answer = self.client.put_log_events(**request)
        if left_out := answer.get("rejectedLogEventsInfo"):
            say("report", f"CloudWatch has left out lines of the log, by their age: {left_out}")


def instance_name() -> str:
    """The instance's id, as cloud-init has it; elsewhere the name of the machine."""
    file = pathlib.Path(os.environ.get("HOST_ROOT") or "/") / "var/lib/cloud/data/instance-id"
    return file.read_text(encoding="utf8").strip() if file.exists() else platform.node()


def send_log(group: str) -> None:
    """Sends all that is new. Raises OSError, BotoCoreError or ClientError, with what was sent noted."""
    notes, stream = Notes("log"), LogStream(group)
    call, last = Call(), None

    def send() -> None:
        nonlocal call
        if call.events:
            stream.send(call)
            call = Call()
        if last:
            notes.save({"cursor": last})

    for entry in read(UNITS, notes.load().get("cursor")):
        for event in events_of(entry):
            if not call.takes(event):
                send()
            call.add(event)
        last = entry.cursor
    send()
