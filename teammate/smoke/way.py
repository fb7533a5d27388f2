"""What can be seen of the requests of an MLflow client: where files went, and what went wrong, without signed addresses."""

import collections
import logging
import re

# As the HTTP library of MLflow and of boto3 logs a request that was answered, and a connection before it is tried.
_REQUEST = re.compile(r'https?://(\S+) "([A-Z]+) (\S+)[^"]*" (\d+)')
_CONNECTION = re.compile(r"Starting new HTTPS? connection \(\d+\): (\S+)")

# Requests about runs and files; what is left are the files themselves.
_ABOUT = re.compile(r"/(api|ajax-api)/[23]\.0/(mlflow/|mlflow-artifacts/(artifacts\?|presigned/|mpu/))")


class Requests(logging.Handler):
    """Counts the requests that carried files, by host, and knows how the last one of all ended."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts = collections.Counter()
        self.last = "no request was made"
        log = logging.getLogger("urllib3.connectionpool")
        log.setLevel(logging.DEBUG)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        connection, request = _CONNECTION.match(text), _REQUEST.match(text)
        if connection:
            self.last = f"{connection[1]} did not answer"
        if request:
            host, method, target, status = request.groups()
            self.last = f"{host} answered {status}"
            if method in ("GET", "PUT") and not _ABOUT.match(target):
                self.hosts[re.sub(r":(80|443)$", "", host)] += 1

    def way(self, server: str) -> str:
        """Where the files went since the counts were cleared."""
        if not self.hosts:
            return "by a way that this client does not show"
        outside = [(host, count) for host, count in self.hosts.items() if host != server]
        requests = ", ".join(f"{host} in {count} request{'s' if count > 1 else ''}" for host, count in outside)
        return f"directly with {requests}" if outside else "through the server"


def in_words(error: BaseException) -> str:
    """One line, without the signatures of signed addresses: they are as good as a password while they are valid."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    text = re.sub(r"\?[^\s'\")]*(Signature|X-Amz-)[^\s'\")]*", "?(signed)", text)
    # What matters stands at the ends: what failed, and what caused it.
    return text if len(text) <= 400 else f"{text[:150]} … {text[-240:]}"
