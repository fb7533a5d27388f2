"""The parameters of the stack's external database: `<HOST_DATABASE_PARAMETER>-address` and the encrypted `…-passwords`."""

import os

import boto3
import botocore.config
import botocore.exceptions

# A role without an answer in this time is tried again by whoever called.
CLIENT = botocore.config.Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 5, "mode": "standard"})


class Unreadable(OSError):
    """A parameter that cannot be read; the text says which, and why."""


def parameter(kind: str) -> str:
    """Its value, read with the credentials of the host's role. Raises Unreadable."""
    name = f"{os.environ['HOST_DATABASE_PARAMETER']}-{kind}"
    try:
        return boto3.client("ssm", config=CLIENT).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        raise Unreadable(f"parameter {name} cannot be read with the role of this host: {error}") from error
