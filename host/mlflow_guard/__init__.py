"""What a teammate must not do with MLflow's server, refused before MLflow sees it.

MLflow takes whoever reaches it for somebody who may use the whole host: it writes artifacts into any folder or bucket that a
request names. Here it reaches the artifact root alone, and the features that serve nobody on a tracking server are shut.
"""

import sys


def create_app():
    """The server's application; called in every worker."""
    # MLflow tries to import its user accounts at every search, which fails without a package that is not installed here, and for a
    # search in another thread half of it is there: HTTP 500. Like this it fails at once.
    sys.modules["mlflow.server.auth"] = None

    from mlflow.server import app as flask_app
    from mlflow.server.fastapi_app import app
    from mlflow_host.whole import WholeAnswers

    from mlflow_guard.faults import answer_faults
    from mlflow_guard.locations import guard_locations
    from mlflow_guard.refusals import Refusals
    from mlflow_guard.repositories import guard_repositories, server_root

    root = server_root()
    guard_repositories(root)
    guard_locations(flask_app, root)
    answer_faults(flask_app, app)
    return WholeAnswers(Refusals(app))
