"""Makes calls with boto3, as whoever the environment makes it, and prints what came of each as JSON: `done` or the error's code.

Standard input holds the calls, each [service, operation, parameters]. Two of S3 take several requests: `upload_in_parts`, as
boto3 does with large files, and `abandon_upload`, which boto3 does when it cannot finish one.
"""

import io
import json
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError

LARGE = 9 * 1024 * 1024  # boto3 sends parts from 8 MiB on


def perform(service: str, operation: str, parameters: dict[str, Any]) -> None:
    client = boto3.client(service)
    if operation == "upload_in_parts":
        client.upload_fileobj(io.BytesIO(bytes(LARGE)), parameters["Bucket"], parameters["Key"])
    elif operation == "abandon_upload":
        upload = client.create_multipart_upload(**parameters)["UploadId"]
        client.upload_part(**parameters, UploadId=upload, PartNumber=1, Body=b"part")
        client.abort_multipart_upload(**parameters, UploadId=upload)
    else:
        answer = getattr(client, operation)(**parameters)
        if operation == "get_object":
            answer["Body"].read()


def outcome(service: str, operation: str, parameters: dict[str, Any]) -> str:
    try:
        perform(service, operation, parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


print(json.dumps([outcome(*call) for call in json.load(sys.stdin)]))
