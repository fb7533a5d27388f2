"""Puts the host's metrics into one namespace of CloudWatch, in one call: what the stack's alarms look at.

What was counted in the journal is noted as counted after CloudWatch has taken it. So nothing is left out; it is counted twice when the
host dies in between.
"""

import datetime
import os
import pathlib
import re
import time

import boto3

from mlflow_host.health import fault
from mlflow_host.parameters import CLIENT
from mlflow_host.report_journal import Notes, read
from mlflow_host.say import say

SERVER = ("mlflow.service",)
# The line of an answer, by uvicorn in MLflow's format. The last status in it is the answer's own, whatever was asked for.
ANSWER = re.compile(r'^\S+ \S+ INFO: .*" ([1-5]\d\d)(?: [A-Za-z\' -]*)?$')
# systemd's, for "Scheduled restart job": a service that ended by itself is started again. In its catalog, and the same for ever.
RESTART = "5eb03494b6584870a536b337290809b3"
HOUR = 3600


def used_percent(folder: pathlib.Path) -> float:
    """As df has it: of what others than root may use."""
    found = os.statvfs(folder)
    used = found.f_blocks - found.f_bfree
    return 100 * used / (used + found.f_bavail)


def memory_percent() -> float:
    lines = (line.split() for line in pathlib.Path("/proc/meminfo").read_text(encoding="utf8").splitlines())
    kibibytes = {name: int(value) for name, value, *_ in lines}
    return 100 * (1 - kibibytes["MemAvailable:"] / kibibytes["MemTotal:"])


def metric(name: str, value: float, unit: str) -> dict:
    return {"MetricName": name, "Value": value, "Unit": unit}


def counted(notes: dict) -> list[dict]:
    """Answers of the server and its restarts, since the last reading; moves the place in the journal on."""
    answers = errors = restarts = 0
    for entry in read(SERVER, notes.get("cursor")):
        notes["cursor"] = entry.cursor
        if entry.message_id == RESTART:
            restarts += 1
        elif found := ANSWER.match(entry.text):
            answers += 1
            errors += found[1].startswith("5")
    # One metric with both: the average is the share of errors, the number of samples that of answers.
    span = {"SampleCount": answers, "Sum": errors, "Minimum": int(errors == answers), "Maximum": int(errors > 0)}
    return [
        metric("Restarts", restarts, "Count"),
        *([{"MetricName": "ServerErrors", "StatisticValues": span, "Unit": "Count"}] if answers else []),
    ]


def backup_age(notes: dict, now: float) -> float:
    """Hours since the newest backup; where there is none, since the host's first report."""
    from mlflow_host.bucket import BackupFolder

    newest = notes.get("newest_backup", notes.setdefault("began", now))
    # One that is due is looked for more often.
    if now - notes.get("backups_listed", 0) >= (HOUR if now - newest < 24 * HOUR else HOUR / 6):
        try:
            if backups := BackupFolder().list():
                newest = notes["newest_backup"] = backups[0].made.timestamp()
            notes["backups_listed"] = now
        except SystemExit as reason:
            say("report", str(reason))
    return (now - newest) / HOUR


def put_metrics(namespace: str, server: str) -> None:
    """Raises OSError, BotoCoreError or ClientError when CloudWatch does not get them."""
    stored, now = Notes("metrics"), time.time()
    notes = stored.load()
    root = pathlib.Path(os.environ.get("HOST_ROOT") or "/")
    metrics = [
        metric("Answering", 0 if fault(server, "database") else 1, "Count"),
        metric("DataVolumeUsed", used_percent(root / "var/lib/mlflow"), "Percent"),
        metric("RootVolumeUsed", used_percent(root), "Percent"),
        metric("MemoryUsed", memory_percent(), "Percent"),
        *counted(notes),
        *([metric("BackupAge", backup_age(notes, now), "None")] if os.environ["HOST_DAILY_BACKUP"] else []),
    ]
    moment = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    client = boto3.client("cloudwatch", config=CLIENT)
    client.put_metric_data(Namespace=namespace, MetricData=[{**entry, "Timestamp": moment} for entry in metrics])
    stored.save(notes)
