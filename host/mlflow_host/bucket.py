"""The bucket's folder of backups, as the host's role may use it: add a new one, list, fetch; never replace or delete.

Old backups go by the bucket's lifecycle rule.
"""

import base64
import dataclasses
import datetime
import hashlib
import os
import pathlib
import sys
import urllib.parse

import boto3
import botocore.exceptions

from mlflow_host.copies import Unusable
from mlflow_host.parameters import CLIENT

# S3 takes 10,000 parts: backups up to 640 GB. The host holds one part in memory.
PART_BYTES = 64 * 1024 * 1024
FAULTS = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


@dataclasses.dataclass(frozen=True)
class Backup:
    name: str
    bytes: int
    made: datetime.datetime


class BackupFolder:
    """`s3://<bucket>/backups`, from HOST_BACKUP_ROOT."""

    def __init__(self) -> None:
        self.root = os.environ["HOST_BACKUP_ROOT"]
        parsed = urllib.parse.urlsplit(self.root)
        self.bucket, self.prefix = parsed.netloc, parsed.path.strip("/") + "/"
        self.client = boto3.client("s3", config=CLIENT)

    def add(self, file: pathlib.Path, name: str) -> None:
        """Stores a file under a new name, with its hash beside it. Raises SystemExit when S3 does not take it."""
        target = {"Bucket": self.bucket, "Key": self.prefix + name}
        with file.open("rb") as content:
            digest = hashlib.sha256()
            while chunk := content.read(1 << 20):
                digest.update(chunk)
            content.seek(0)
            try:
                begun = self.client.create_multipart_upload(**target, Metadata={"sha256": digest.hexdigest()})
                upload = {**target, "UploadId": begun["UploadId"]}
                parts = []
                while part := content.read(PART_BYTES):
                    # S3 compares each part with this hash before it takes it.
                    checksum = base64.b64encode(hashlib.md5(part, usedforsecurity=False).digest()).decode()
                    number = len(parts) + 1
                    done = self.client.upload_part(**upload, PartNumber=number, Body=part, ContentMD5=checksum)
                    parts.append({"PartNumber": number, "ETag": done["ETag"]})
                # The role may only add: its policy takes no write without this condition.
                self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
            except FAULTS as error:
                sys.exit(f"backup: {self.root}/{name} cannot be written with the role of this host: {error}")

    def list(self) -> list[Backup]:
        """Newest first: names begin with the time."""
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            objects = [item for page in pages for item in page.get("Contents", [])]
        except FAULTS as error:
            sys.exit(f"backup: {self.root} cannot be listed with the role of this host: {error}")
        found = [Backup(item["Key"].removeprefix(self.prefix), item["Size"], item["LastModified"]) for item in objects]
        return sorted(found, key=lambda backup: backup.name, reverse=True)

    def fetch(self, name: str, file: pathlib.Path) -> None:
        """Raises Unusable when what arrives is not what was stored, SystemExit when nothing does."""
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)
            digest = hashlib.sha256()
            with file.open("wb") as target:
                for chunk in answer["Body"].iter_chunks(1 << 20):
                    target.write(chunk)
                    digest.update(chunk)
        except FAULTS as error:
            sys.exit(f"restore: {self.root}/{name} cannot be read with the role of this host: {error}")
        stored = answer["Metadata"].get("sha256")
        if stored != digest.hexdigest():
            raise Unusable(f"its content does not match its hash (stored: {stored}): it is damaged, or no backup of this program")
