"""The address of the database: the SQLite file on the data volume, or what an encrypted parameter holds.

The latter has the database's password in it. Run as a program, this prints the parameter's value and nothing else; errors go to
standard error without it.
"""

import os
import sys

import boto3
import botocore.config
import botocore.exceptions

# A role without an answer in this time is tried again by whoever called.
CLIENT = botocore.config.Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 5, "mode": "standard"})


def database_address() -> str:
    """The address as SQLAlchemy takes it, read with the credentials of the host's role where it is a parameter's."""
    parameter = os.environ["HOST_DATABASE_PARAMETER"]
    if not parameter:
        return f"sqlite:///{os.environ['HOST_STATE']}/mlflow.db"
    try:
        client = boto3.client("ssm", config=CLIENT)
        return client.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        sys.exit(f"database address: parameter {parameter} cannot be read with the role of this host: {error}")


if __name__ == "__main__":
    print(database_address())
