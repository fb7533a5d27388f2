"""Prints the address of the backend store, from the encrypted parameter that the first argument names.

The address holds the database's password: nothing else is ever printed, and errors go to standard error without it.
"""

import sys

import boto3
import botocore.config
import botocore.exceptions


def database_address(parameter: str) -> str:
    """The parameter's decrypted value, read with the credentials of the host's role."""
    config = botocore.config.Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 5, "mode": "standard"})
    client = boto3.client("ssm", config=config)
    return client.get_parameter(Name=parameter, WithDecryption=True)["Parameter"]["Value"]


def main() -> None:
    (parameter,) = sys.argv[1:]
    try:
        print(database_address(parameter))
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        sys.exit(f"database address: parameter {parameter} cannot be read with the role of this host: {error}")


if __name__ == "__main__":
    main()
