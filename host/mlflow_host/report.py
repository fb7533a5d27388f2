"""Tells CloudWatch once how the host is (HOST_METRICS_NAMESPACE), and what its services have written (HOST_LOG_GROUP).

Each is there by choice, and what hinders one does not hinder the other. The argument is the server's address or socket. Silent when
all is well: whatever it says is a line in the journal of its own unit, every minute.
"""

import os
import sys
from collections.abc import Callable

import botocore.exceptions

from mlflow_host.say import say

# Not those of mlflow_host.commands: it imports SQLAlchemy, which this has no use for, every minute.
FAULTS = (OSError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


def attempt(topic: str, work: Callable[[], None]) -> bool:
    """Whether it could be done; if not, the reason is said."""
    try:
        work()
    except FAULTS as error:
        say("report", f"{topic}: {' '.join(str(error).split())}")
        return False
    return True


def main() -> None:
    (server,) = sys.argv[1:]
    done = []
    if namespace := os.environ["HOST_METRICS_NAMESPACE"]:
        from mlflow_host.report_metrics import put_metrics

        done.append(attempt("metrics", lambda: put_metrics(namespace, server)))
    if group := os.environ["HOST_LOG_GROUP"]:
        from mlflow_host.report_log import send_log

        done.append(attempt("log", lambda: send_log(group)))
    sys.exit(0 if all(done) else 1)


if __name__ == "__main__":
    main()
