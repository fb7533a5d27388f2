"""Asks the server for every file below the addresses that were taken over, as a client does that has no AWS credentials, and compares
its answers with what S3 lists for the host's role.
"""

import http.client
import json
import os
import sys
import urllib.parse
from collections.abc import Iterator

import boto3
import sqlalchemy
from mlflow_guard.root import ArtifactRoot

from mlflow_host.adopt_locations import PLACES
from mlflow_host.adopt_objects import key_below
from mlflow_host.adopt_rewrite import OLD, TABLE
from mlflow_host.health import request
from mlflow_host.parameters import CLIENT
from mlflow_host.say import say, size

FAULTS_TOLD = 20


def adopted(engine: sqlalchemy.Engine) -> list[str]:
    """The addresses of runs, models and traces that were taken over, each once; not those of experiments, below which they are."""
    wanted = [str(place) for place in PLACES if place.table != "experiments"]
    with engine.connect() as connection:
        if not sqlalchemy.inspect(connection).has_table(TABLE):
            return []
        return list(
            connection.execute(
                sqlalchemy.select(OLD.c.new).where(OLD.c.place.in_(wanted)).distinct().order_by(OLD.c.new)
            ).scalars()
        )


def in_s3(client, root: ArtifactRoot, folder: str) -> dict[str, int]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=root.bucket, Prefix=f"{folder}/")
    found = {item["Key"].removeprefix(f"{folder}/"): item["Size"] for page in pages for item in page.get("Contents", [])}
    # What consoles make as folders is no file to MLflow.
    return {name: size for name, size in found.items() if name and not name.endswith("/")}


def served(server: str, path: str, below: str = "") -> Iterator[tuple[str, int]]:
    """Every file that the server lists below a path, with its size. Raises OSError when it does not answer."""
    asked = urllib.parse.quote(f"{path}/{below}".rstrip("/"), safe="")
    status, text = request(server, "GET", f"/api/2.0/mlflow-artifacts/artifacts?path={asked}")
    if status != 200:
        raise OSError(f"HTTP {status}: {' '.join(text.split())[:300]}")
    for file in json.loads(text).get("files", []):
        name = f"{below}/{file['path']}".lstrip("/")
        if file["is_dir"]:
            yield from served(server, path, name)
        else:
            yield name, int(file.get("file_size", 0))


def difference(expected: dict[str, int], found: dict[str, int]) -> str | None:
    wrong = [name for name, count in expected.items() if found.get(name) != count] + [
        name for name in found if name not in expected
    ]
    return f"{len(wrong)} files differ, such as {wrong[0]}" if wrong else None


def check(root: ArtifactRoot, engine: sqlalchemy.Engine) -> None:
    """Raises SystemExit when a file is not found through the server."""
    server = f"{os.environ.get('HOST_ROOT', '')}/run/mlflow/mlflow.sock"
    client = boto3.client("s3", config=CLIENT)
    faults, files, bytes_ = [], 0, 0
    addresses = adopted(engine)
    for number, address in enumerate(addresses, 1):
        expected = in_s3(client, root, key_below(root, address))
        try:
            fault = difference(expected, dict(served(server, address.removeprefix("mlflow-artifacts:/"))))
        except (OSError, http.client.HTTPException) as error:
            fault = str(error) or type(error).__name__
        if fault:
            faults.append(f"{address}: {fault}")
        files, bytes_ = files + len(expected), bytes_ + sum(expected.values())
        if number % 1000 == 0:
            say("adopt", f"{number} of {len(addresses)} addresses checked")
    for fault in faults[:FAULTS_TOLD]:
        say("adopt", f"not found through the server: {fault}")
    if faults:
        sys.exit(f"adopt: {len(faults)} of {len(addresses)} addresses have files that the server does not give")
    say("adopt", f"all of {len(addresses)} addresses: the server lists every file that S3 has, {files} in all, {size(bytes_)}")
