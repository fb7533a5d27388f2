"""Where MLflow's server opens the places that hold artifacts: whatever a request or a row names, only the root is opened."""

import os
from urllib.parse import urlsplit

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED
from mlflow.server.constants import ARTIFACT_ROOT_ENV_VAR, ARTIFACTS_DESTINATION_ENV_VAR, SERVE_ARTIFACTS_ENV_VAR
from mlflow.store.artifact.artifact_repository_registry import (
    get_artifact_repository,
    get_registered_artifact_repositories,
)
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

from mlflow_guard.root import ArtifactRoot

# They hold nothing themselves: they look up an address in the database and open that one, by the same registry.
LOOKUPS = ("runs", "models")


def server_root() -> ArtifactRoot:
    served = os.environ.get(SERVE_ARTIFACTS_ENV_VAR) == "true"
    return ArtifactRoot(os.environ[ARTIFACTS_DESTINATION_ENV_VAR if served else ARTIFACT_ROOT_ENV_VAR], served=served)


def guard_repositories(root: ArtifactRoot) -> None:
    """Replaces every kind of repository that is registered, of MLflow or of a plugin."""
    registered = get_registered_artifact_repositories()
    lookups = {scheme: registered[scheme] for scheme in LOOKUPS}

    def open_repository(artifact_uri, tracking_uri=None, registry_uri=None):
        parts = urlsplit(artifact_uri)
        if parts.scheme in lookups and not parts.netloc:
            return lookups[parts.scheme](artifact_uri, tracking_uri=tracking_uri, registry_uri=registry_uri)
        address = root.resolve(artifact_uri)
        if address is None:
            raise _refusal(f"artifacts at {artifact_uri}", root)
        return _RootedS3Repository(root, address)

    for scheme in registered:
        registered[scheme] = open_repository
    _must_hold(open_repository)


def _must_hold(open_repository) -> None:
    """A later MLflow may hand out a copy of its registry: then nothing would be guarded, and nobody would notice."""
    if any(found is not open_repository for found in get_registered_artifact_repositories().values()):
        raise RuntimeError("guard: MLflow opens artifacts in another way than this guard knows; it does not start")
    try:
        get_artifact_repository("file:///etc")
    except MlflowException:
        return
    raise RuntimeError("guard: MLflow opened file:///etc in spite of this guard; it does not start")


class _RootedS3Repository(S3ArtifactRepository):
    """MLflow's own, with a last look at every call to S3, whatever path led to it."""

    def __init__(self, root: ArtifactRoot, artifact_uri: str) -> None:
        super().__init__(artifact_uri)
        self._root = root

    def _get_s3_client(self):
        client = super()._get_s3_client()
        client.meta.events.register("provide-client-params.s3", self._look, unique_id="mlflow-guard")
        return client

    def _look(self, params, **_) -> None:
        keys = [params[name] for name in ("Key", "Prefix") if name in params]
        keys += [entry["Key"] for entry in params.get("Delete", {}).get("Objects", [])]
        if not keys or not all(self._root.holds(params["Bucket"], key) for key in keys):
            raise _refusal(f"s3://{params['Bucket']}/{', '.join(keys)}", self._root)


def _refusal(what: str, root: ArtifactRoot) -> MlflowException:
    return MlflowException(f"{what}: refused; this server reads and writes {root.allowed} alone", PERMISSION_DENIED)
