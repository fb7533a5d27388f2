"""What a teammate must not do with MLflow's server, refused before MLflow sees it: `mlflow server --app-name guard`.

MLflow takes whoever reaches it for somebody who may use the whole host: it writes artifacts into any folder or bucket that a
request names. Here it reaches the artifact root alone, and the features that serve nobody on a tracking server are shut.
"""


def create_app():
    """Called in every process of the server. The command line imports this module too: nothing heavy above this line."""
    from mlflow.server import app as flask_app
    from mlflow.server.fastapi_app import app

    from mlflow_guard.locations import guard_locations
    from mlflow_guard.refusals import Refusals
    from mlflow_guard.repositories import guard_repositories, server_root

    root = server_root()
    guard_repositories(root)
    guard_locations(flask_app, root)
    return Refusals(app)
