"""What a request may name as a place of artifacts: refused when it is named, not only when something is read or written there."""

import re

from mlflow.exceptions import MlflowException
from mlflow.protos.model_registry_pb2 import CreateModelVersion
from mlflow.protos.service_pb2 import CreateExperiment
from mlflow.server.handlers import _get_request_message, _is_prompt_request, catch_mlflow_exception

from mlflow_guard.root import ArtifactRoot


def guard_locations(flask_app, root: ArtifactRoot) -> None:
    """Looks at these requests as MLflow's own handlers do: after its routing, with its parser."""

    def experiment() -> None:
        location = _get_request_message(CreateExperiment()).artifact_location
        if location and root.resolve(location) is None:
            raise _fault("artifact_location", location, root.allowed, "leave it out, and the server chooses one")

    def model_version() -> None:
        message = _get_request_message(CreateModelVersion())
        # A prompt has a placeholder for a source, which MLflow itself checks.
        if _is_prompt_request(message) or re.match(r"(runs|models):/(?!/)", message.source):
            return
        if root.resolve(message.source) is None:
            allowed = f"runs:/, models:/, {root.allowed}"
            raise _fault("source", message.source, allowed, "log the model to this server, and register that one")

    checks = {"_create_experiment": experiment, "_create_model_version": model_version}
    if missing := checks.keys() - flask_app.view_functions.keys():
        raise RuntimeError(f"guard: MLflow has no {', '.join(sorted(missing))} to look at; it does not start")

    @flask_app.before_request
    @catch_mlflow_exception
    def look():
        from flask import request

        if check := checks.get(request.endpoint):
            check()


def _fault(name: str, value: str, allowed: str, remedy: str) -> MlflowException:
    return MlflowException.invalid_parameter_value(f"{name}: got {value!r}; allowed: {allowed}; remedy: {remedy}")
