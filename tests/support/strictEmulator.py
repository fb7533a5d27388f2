"""Runs the AWS emulator with what CloudWatch Logs refuses and the emulator does not, and with moments at which a test can end a caller.

A call whose events say `hold before` or `hold after` gets no answer: it is held before or after its events are stored, once.
"""

import pathlib
import runpy
import time

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

EVENT_BYTES = 1_048_576
CALL_BYTES = 1_048_576
CALL_EVENTS = 10_000
DAY_MILLISECONDS = 24 * 3600 * 1000

stored = LogsBackend.put_log_events
held = set()


def hold(moment, events):
    word = f"hold {moment}"
    if word in held or not any(word in event["message"] for event in events):
        return
    held.add(word)
    print(f"{word}: held", flush=True)
    time.sleep(10)
    raise InvalidParameterException("its caller is gone")


def put_log_events(self, log_group_name, log_stream_name, log_events):
    sizes = [len(event["message"].encode()) + 26 for event in log_events]
    times = [event["timestamp"] for event in log_events]
    faults = {
        "Upload too large": sum(sizes) > CALL_BYTES,
        "Log event too large": max(sizes) > EVENT_BYTES,
        "Too many log events": len(log_events) > CALL_EVENTS,
        "Log events cannot span more than 24 hours": max(times) - min(times) > DAY_MILLISECONDS,
        "An empty message": min(sizes) == 26,
    }
    for fault, is_true in faults.items():
        if is_true:
            raise InvalidParameterException(fault)
    hold("before", log_events)
    answer = stored(self, log_group_name, log_stream_name, log_events)
    print(f"call: {len(log_events)} events, {sum(sizes)} bytes", flush=True)
    hold("after", log_events)
    return answer


LogsBackend.put_log_events = put_log_events
runpy.run_path(str(pathlib.Path(__file__).parents[2] / "sandbox/emulator.py"), run_name="__main__")
