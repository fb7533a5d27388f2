"""The server's unit, which a command stops while it changes the database."""

import subprocess
import sys

from mlflow_host.say import say

SERVICE = "mlflow.service"


def stop_server(topic: str, remedy: str) -> None:
    """Raises SystemExit with the command to try again when it cannot be stopped."""
    done = subprocess.run(["systemctl", "stop", SERVICE], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())
        sys.exit(f"{topic}: the server cannot be stopped, nothing was changed: {reason}; remedy: {remedy}")


def start_server(topic: str) -> None:
    if subprocess.run(["systemctl", "start", SERVICE], check=False).returncode == 0:
        say(topic, "the server runs again")
    else:
        say(topic, f"the server did not start; see: journalctl --unit {SERVICE}")
