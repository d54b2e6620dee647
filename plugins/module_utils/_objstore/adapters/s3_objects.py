# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in an S3 bucket: objects, their versions, unfinished uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..._errors import Failure
from ..bucket_model import Unsupported
from .reasons import not_its
from .s3_errors import PEER, code_of, guarded

_Page = list[dict[str, str]]


class S3Objects:
    """See ``Objects``. ``where`` is put before every sentence."""

    def __init__(self, client: Any, bucket: str, where: str) -> None:
        self._client = client
        self._bucket = bucket
        self._where = where

    def everything(self) -> Iterator[list[str]]:
        return ([entry["Key"] for entry in page] for page in self._pages())

    def empty(self) -> None:
        for page in self._pages():
            for entry in page:
                if "UploadId" in entry:
                    self._call("aborting an upload", "s3:AbortMultipartUpload", "abort_multipart_upload", **entry)
            self._drop([entry for entry in page if "UploadId" not in entry])

    def names(self, beneath: str, most: int) -> list[str]:
        answer = self._call("listing objects", "s3:ListBucket", "list_objects_v2", Prefix=beneath, MaxKeys=most)
        if "IsTruncated" not in answer:
            # boto3 gives an empty listing for an answer that is not S3's.
            raise Failure(f"{self._where}: listing objects failed: {not_its(PEER)}.")
        return [entry["Key"] for entry in _keys(answer)]

    def holds(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        def read() -> bool:
            try:
                self._client.get_object(Bucket=self._bucket, Key=key)["Body"].close()
            except ClientError as e:
                if code_of(e) == "NoSuchKey":
                    return False
                raise
            return True

        return guarded(self._where, "reading an object", "s3:GetObject", read)

    def put(self, key: str) -> None:
        self._call("writing an object", "s3:PutObject", "put_object", Key=key, Body=b"")

    def remove(self, key: str, every_version: bool) -> None:
        answer = self._call("removing an object", "s3:DeleteObject", "delete_object", Key=key)
        if not every_version:
            return
        try:
            pages = list(self._listing("list_object_versions", "s3:ListBucketVersions", _versions, None, Prefix=key))
        except Failure:
            # Without the right to list versions this is enough, unless the server says that it kept a version.
            if answer.get("DeleteMarker") or answer.get("VersionId"):
                raise
            return
        self._drop([entry for page in pages for entry in page if entry["Key"] == key])

    def _drop(self, entries: _Page) -> None:
        if not entries:
            return
        delete = {"Objects": entries, "Quiet": True}
        answer = self._call("removing objects", "s3:DeleteObject", "delete_objects", Delete=delete)
        if answer.get("Errors"):
            code = answer["Errors"][0].get("Code", "no code")
            raise Failure(f"{self._where}: {len(answer['Errors'])} objects could not be removed ({code}).")

    def _call(self, operation: str, permission: str, method: str, **arguments: Any) -> Any:
        act = getattr(self._client, method)
        return guarded(self._where, operation, permission, lambda: act(Bucket=self._bucket, **arguments))

    def _pages(self) -> Iterator[_Page]:
        """Everything in the bucket: versions, delete markers and unfinished uploads, as arguments to remove them."""
        yield from self._listing("list_object_versions", "s3:ListBucketVersions", _versions, self._plain)
        yield from self._listing("list_multipart_uploads", "s3:ListBucketMultipartUploads", _uploads, None)

    def _plain(self) -> Iterator[_Page]:
        return self._listing("list_objects_v2", "s3:ListBucket", _keys, None)

    def _listing(
        self,
        method: str,
        permission: str,
        entries: Callable[[Mapping[str, Any]], _Page],
        otherwise: Callable[[], Iterator[_Page]] | None,
        **arguments: Any,
    ) -> Iterator[_Page]:
        """Pages of one listing; those of ``otherwise`` when the server does not implement it."""
        pages = iter(self._client.get_paginator(method).paginate(Bucket=self._bucket, **arguments))
        while True:
            try:
                page = guarded(self._where, "listing the bucket", permission, lambda: next(pages, None))
            except Unsupported:
                if otherwise is not None:
                    yield from otherwise()
                return
            if page is None:
                return
            yield entries(page)


def _versions(page: Mapping[str, Any]) -> _Page:
    return [
        {"Key": e["Key"], "VersionId": e["VersionId"]}
        for part in ("Versions", "DeleteMarkers")
        for e in page.get(part) or ()
    ]


def _uploads(page: Mapping[str, Any]) -> _Page:
    return [{"Key": e["Key"], "UploadId": e["UploadId"]} for e in page.get("Uploads") or ()]


def _keys(page: Mapping[str, Any]) -> _Page:
    return [{"Key": e["Key"]} for e in page.get("Contents") or ()]
