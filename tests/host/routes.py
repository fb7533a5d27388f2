"""Prints the route table of MLflow's server, one `METHOD /path` a line, parameters as `{name}`."""

import re

from mlflow.server import app as flask_app
from mlflow.server.fastapi_app import _EfficientWSGIMiddleware, app


def native(routes, prefix=""):
    for route in routes:
        if hasattr(route, "original_router"):
            yield from native(route.original_router.routes, prefix + route.include_context.prefix)
        elif getattr(route, "methods", None):
            yield from ((method, prefix + route.path) for method in route.methods)
        elif not isinstance(route.app, _EfficientWSGIMiddleware):
            raise SystemExit(f"a route of a kind that this script does not know: {route!r}")


def mounted():
    for rule in flask_app.url_map.iter_rules():
        yield from ((method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})


plain = [
    (method, re.sub(r"[<{](?:path:)?(\w+)(?::path)?[>}]", r"{\1}", path)) for method, path in [*native(app.routes), *mounted()]
]
print("\n".join(sorted({f"{method} {path}" for method, path in plain})))
