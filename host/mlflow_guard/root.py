"""The only place that artifacts are read from and written to. Knows nothing of MLflow, and asks nobody."""

import re
from urllib.parse import unquote

ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]+)/(.+)", re.DOTALL)
SERVED = re.compile(r"mlflow-artifacts:/(?!/)(.*)", re.DOTALL)


class ArtifactRoot:
    """A folder of a bucket, given as `s3://bucket/folder`. Clients call it `mlflow-artifacts:/` where it is served to them."""

    def __init__(self, uri: str, *, served: bool) -> None:
        match = ADDRESS.fullmatch(uri.rstrip("/"))
        if match is None or not _stays_inside(match[2]):
            raise ValueError(f"artifact root: got {uri!r}; allowed: s3://<bucket>/<folder>")
        self.bucket, self.folder = match.groups()
        self.uri = match[0]
        self.served = served

    @property
    def allowed(self) -> str:
        """For messages: the addresses that are inside."""
        return f"mlflow-artifacts:/ and {self.uri}/" if self.served else f"{self.uri}/"

    def resolve(self, uri: str) -> str | None:
        """The S3 address that an artifact's address stands for; None when it is not inside."""
        if self.served and (path := SERVED.fullmatch(uri)):
            uri = f"{self.uri}/{path[1]}"
        match = ADDRESS.fullmatch(uri)
        return uri if match and self.holds(match[1], f"{match[2]}/") else None

    def holds(self, bucket: str, key: str) -> bool:
        """Whether this key, or prefix of keys, of a bucket is inside."""
        return bucket == self.bucket and key.startswith(f"{self.folder}/") and _stays_inside(key)


def _stays_inside(path: str) -> bool:
    while (decoded := unquote(path)) != path:
        path = decoded
    # Parsers of addresses drop control characters, and would make `..` of what is none here.
    return ".." not in re.split(r"[/\\]", path) and not re.search(r"[\x00-\x1f\x7f]", path)
