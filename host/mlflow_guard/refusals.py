"""What is refused before MLflow sees it: features that serve nobody on a tracking server, and calls from foreign web pages."""

import json
import re
from urllib.parse import unquote

from mlflow.server.security_utils import CORS_BLOCKED_MSG, get_allowed_origins_from_env, should_block_cors_request

API = r"(ajax-)?api/\d+\.\d+"

# The reason, and the paths below which it holds.
REFUSED = {
    "the Assistant is off: it runs commands on the server's host": [rf"{API}/mlflow/assistant"],
    "jobs are off: this server runs no code for its callers": [
        rf"{API}/jobs",
        rf"{API}/mlflow/jobs",
        rf"{API}/mlflow/prompt-optimization",
        rf"{API}/mlflow/genai/evaluate",
        rf"{API}/mlflow/(issues|scorer)/invoke",
        rf"{API}/mlflow/scorers/online-config",
    ],
    "the AI gateway is off: this server keeps no keys of model providers, and calls none": [
        "gateway",
        rf"{API}/mlflow/gateway",
        rf"{API}/mlflow/runs/create-promptlab-run",
    ],
    "workspaces are off: one server is one team's": [rf"{API}/mlflow/workspaces"],
    "demo data is off: this server holds the team's work": [rf"{API}/mlflow/demo"],
}
PATTERNS = {reason: re.compile(f"/({'|'.join(paths)})(/.*)?", re.DOTALL) for reason, paths in REFUSED.items()}


def reason_to_refuse(path: str) -> str | None:
    """Takes the path in any spelling: encoded once more, with needless slashes, in other case."""
    while (decoded := unquote(path)) != path:
        path = decoded
    plain = re.sub(r"/+", "/", path.lower())
    return next((reason for reason, pattern in PATTERNS.items() if pattern.fullmatch(plain)), None)


def is_foreign(method: str, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a web page of somebody else's would change something. MLflow itself looks at its `/api` paths alone."""
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    return any(should_block_cors_request(origin, method, get_allowed_origins_from_env()) for origin in origins)


class Refusals:
    """The server's application without these. Answers as MLflow's own errors do, so that clients show the reason."""

    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        reason = None
        if scope["type"] == "http":
            foreign = is_foreign(scope["method"], scope["headers"])
            reason = CORS_BLOCKED_MSG if foreign else reason_to_refuse(scope["path"])
        if reason is None:
            await self._app(scope, receive, send)
            return
        body = json.dumps({"error_code": "PERMISSION_DENIED", "message": reason}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": body})
