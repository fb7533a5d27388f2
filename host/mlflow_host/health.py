"""A deep check of the server, through the server: its own `/health` says OK without a database and without a bucket.

The first argument is the server's unix socket, or an address such as http://localhost:5001. Only Python's own library is needed,
so that it runs on a teammate's machine too. Prints a line for each part; ends with 0 when all work, with 1 otherwise.
"""

import http.client
import json
import os
import pathlib
import socket
import sys
import time
import urllib.parse

SECONDS_A_REQUEST = 20
# From the moment that the socket is there: two workers import MLflow, and the first request opens the database.
WAIT_SECONDS = 120


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        # The server answers callers of this name only.
        super().__init__("localhost:5000", timeout=SECONDS_A_REQUEST)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS_A_REQUEST)
        self.sock.connect(self.path)


def request(server: str, method: str, path: str, body: object = None) -> tuple[int, str]:
    """The status and the text of one answer. Raises OSError or HTTPException when there is none."""
    if server.startswith("http"):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server).netloc, timeout=SECONDS_A_REQUEST)
    else:
        connection = UnixConnection(server)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


# What each part is asked. The artifacts are those of no experiment: the bucket is asked, and has nothing to list.
CHECKS = {
    "server": ("GET", "/health", None),
    "database": ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 1}),
    "bucket": ("GET", "/api/2.0/mlflow-artifacts/artifacts?path=health", None),
}


def fault(server: str, part: str) -> str | None:
    """Why a part does not work; None when it does."""
    try:
        status, text = request(server, *CHECKS[part])
    except (OSError, http.client.HTTPException) as error:
        return f"no answer from {server}: {error or type(error).__name__}"
    if status == 200:
        return None
    return f"HTTP {status}: {' '.join(text.split())[:500]}"


def wait_for_server(server: str) -> None:
    """Until the database answers through the server. The socket is waited for without a limit: a schema may be upgraded before."""
    while not server.startswith("http") and not pathlib.Path(server).exists():
        time.sleep(0.2)
    deadline = time.monotonic() + WAIT_SECONDS
    while (reason := fault(server, "database")) and time.monotonic() < deadline:
        time.sleep(0.2)
    if reason:
        sys.exit(f"health: database: {reason}")


def main() -> None:
    server, *options = sys.argv[1:]
    if options not in ([], ["--wait"]):
        sys.exit(f"mlflow-health: got {' '.join(options)}; allowed: nothing, or --wait")
    if options:
        wait_for_server(server)
    # With direct artifacts, clients use the bucket themselves, and the server has no such route.
    parts = [part for part in CHECKS if part != "bucket" or os.environ.get("MLFLOW_SERVE_ARTIFACTS") != "false"]
    faults = {part: fault(server, part) for part in parts}
    for part, reason in faults.items():
        print(f"health: {part}: {reason or 'works'}", flush=True)
    # A server without its bucket still keeps metrics and parameters: a reason to say so, not to end it.
    essential = [part for part in parts if part != "bucket" or not options]
    sys.exit(1 if any(faults[part] for part in essential) else 0)


if __name__ == "__main__":
    main()
