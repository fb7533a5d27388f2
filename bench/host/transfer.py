"""Uploads or downloads one file, and prints the seconds that it took.

Called as: transfer.py upload|download FILE ADDRESS. An address of the form s3://bucket/key is S3 itself, by boto3 with its defaults;
any other is an artifact of the server, by plain HTTP as its clients do. A download is compared with the file. Neither that nor the
start of this program is in the seconds.
"""

import filecmp
import http.client
import os
import shutil
import sys
import time
import urllib.parse
from collections.abc import Callable

MEGABYTE = 1024 * 1024


def http_calls(address: str) -> tuple[Callable[[str], None], Callable[[str], None]]:
    parts = urllib.parse.urlsplit(address)

    def send(method: str, body: object = None, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, blocksize=MEGABYTE)
        connection.request(method, parts.path, body, headers or {})
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"{method} {parts.path}: {response.status} {response.read().decode()}")
        return response

    def upload(file: str) -> None:
        with open(file, "rb") as source:
            size = str(os.path.getsize(file))
            send("PUT", source, {"Content-Length": size, "Content-Type": "application/octet-stream"}).read()

    def download(copy: str) -> None:
        with open(copy, "wb") as target:
            shutil.copyfileobj(send("GET"), target, MEGABYTE)

    return upload, download


def s3_calls(address: str) -> tuple[Callable[[str], None], Callable[[str], None]]:
    import boto3  # here, because it takes memory and time

    parts = urllib.parse.urlsplit(address)
    s3 = boto3.client("s3")
    place = (parts.netloc, parts.path.lstrip("/"))
    return lambda file: s3.upload_file(file, *place), lambda copy: s3.download_file(*place, copy)


def main() -> None:
    direction, file, address = sys.argv[1:]
    upload, download = (s3_calls if address.startswith("s3://") else http_calls)(address)
    copy = f"{file}.copy"
    start = time.perf_counter()
    if direction == "upload":
        upload(file)
    else:
        download(copy)
    print(time.perf_counter() - start)
    if direction == "download":
        same = filecmp.cmp(file, copy, shallow=False)
        os.remove(copy)
        if not same:
            sys.exit(f"{address}: what came back is not what was sent")


main()
