# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3, Amazon's and everybody else's, through boto3."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..._errors import Failure
from ..._threads import in_threads, settled
from ..amazon import is_amazon
from ..bucket_model import (
    ABSENT,
    FeatureChange,
    Observed,
    Read,
    Refused,
    State,
    Unsupported,
)
from ..features import DEFAULT_RULES
from ..tag_rules import over_limits_of_s3
from . import s3_client, s3_servers
from .reasons import not_its
from .s3_errors import (
    FORBIDDEN,
    PEER,
    UNSUPPORTED,
    code_of,
    guarded,
    headers_of,
    status_of,
)
from .s3_features import (
    AWS_ROWS,
    ROWS,
    Row,
    access_row,
)
from .s3_objects import S3Objects
from .s3_policy import (
    TLS_SID,
    arn_of,
    is_grant,
    mark_of,
    statements,
    tls_statement,
)

_REGION = re.compile(r"\A[a-z]{2}(-[a-z]+)+-\d+\Z")
# Features that are statements of one policy.
_IN_POLICY = ("tls_only", "access")
_BUCKET_IN, _SERVER_IN = "the bucket is in region", "the server is in region"
_ELSE = "its answer is about something else"
_PROFILE: dict[str, Any] = {
    "public_access": "blocked",
    "versioning": "disabled",
    "lifecycle": DEFAULT_RULES,
    "object_lock": "off",
}


class S3:
    """See ``Adapter``. ``store`` holds typed keys of type S3, ``ca`` as PEM text."""

    def __init__(self, store: Mapping[str, Any], timeout: float, directory: str) -> None:
        self._bucket = str(store["bucket"])
        self._endpoint = str(store["endpoint"])
        self._region = s3_client.region_of(store)
        # One that was not given is whatever the server says, as it is for Thanos.
        self._asked_region = str(store.get("region") or "")
        self._client = s3_client.make(store, timeout, directory)
        self._told = s3_servers.ToldRegion(self._client)
        self._refuses: Mapping[str, str] = {}
        self.objects = S3Objects(self._client, self._bucket, self.describe())
        aws = is_amazon(self._endpoint)
        self._arn = arn_of(store)
        self._mark = mark_of(store.get("prefix"))
        self._rows = {**(AWS_ROWS if aws else ROWS), "access": access_row(self._mark)}
        self.profile: Mapping[str, Any] = {**_PROFILE, **({"ownership": "BucketOwnerEnforced"} if aws else {})}

    def describe(self) -> str:
        return f"s3://{self._bucket} at {self._endpoint}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        jobs: list[Callable[[], Any]] = [self._head, *(partial(self._read, name) for name in features)]
        head, *reads = in_threads(settled, jobs, s3_client.WORKERS)
        # Whether the bucket is there and ours explains every other failure.
        region = head()
        if region is None:
            return Observed(False, refuses=self._refuses)
        found = {name: read() for name, read in zip(features, reads, strict=True)}
        return Observed(True, region, found, refuses=self._refuses)

    def create(self, region: str) -> None:
        place = region or self._region
        bucket: dict[str, Any] = {"Bucket": self._bucket}
        if place != s3_client.DEFAULT_REGION:
            bucket["CreateBucketConfiguration"] = {"LocationConstraint": place}
        try:
            self._call("creating the bucket", "s3:CreateBucket", "create_bucket", **bucket)
        except Unsupported:
            raise Failure(f"{self.describe()}: creating the bucket failed: {not_its(PEER)}.") from None

    def apply(self, step: FeatureChange) -> None:
        row = self._rows[step.feature]
        value = step.after
        if step.feature in _IN_POLICY:
            value = self._policy(step.feature, value)
        if value in (None, (), {}, []):
            self._remove(step.feature, row)
        elif row.native is not None:
            there = self._now(step.feature).get(row.root) or {} if row.adds else value
            arguments = row.native(self._bucket, there)
            try:
                self._call(f"writing {step.feature}", row.put_permission, row.put, **arguments)
            except Refused as error:
                # The answer does not say which of the tags it is about.
                over = over_limits_of_s3(value, len(value)) if step.feature == "tags" else []
                if not over:
                    raise
                raise Refused(" ".join(map(str, (error, *over)))) from None

    def delete(self) -> None:
        self._call("removing the bucket", "s3:DeleteBucket", "delete_bucket", Bucket=self._bucket)

    def _call(self, operation: str, permission: str, method: str, **arguments: Any) -> Any:
        return guarded(self.describe(), operation, permission, lambda: getattr(self._client, method)(**arguments))

    def _head(self) -> str | None:
        """The region that the server reports ("" = none that means something); None when there is no bucket."""
        region = guarded(self.describe(), "looking for the bucket", "s3:ListBucket", self._look)
        if self._told.region and self._asked_region:
            self._same_region(self._told.region)
        return self._told.region or region if region is not None else None

    def _look(self, again: bool = True) -> str | None:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.head_bucket(Bucket=self._bucket)
        except ClientError as e:
            self._refuses = s3_servers.refuses(headers_of(e.response))
            if status_of(e) == 404:
                if not any(name.startswith("x-amz-") for name in headers_of(e.response)):
                    self._is_s3()
                return None
            if status_of(e) == 301:
                self._same_region(headers_of(e.response).get("x-amz-bucket-region", "another"))
            # HEAD has no body, so the reason has to be asked for. boto3 follows a server to its region by itself.
            try:
                there = self._client.get_bucket_location(Bucket=self._bucket).get("LocationConstraint")
            except ClientError as reason:
                # Some servers refuse HEAD where the bucket does not exist, and tell so only here.
                if code_of(reason) == "NoSuchBucket":
                    return None
                raise
            if self._told.region and not self._asked_region and again:
                # From now on boto3 signs for the region that it was told.
                return self._look(again=False)
            self._same_region(there or s3_client.DEFAULT_REGION if status_of(e) == 400 else self._region)
            raise
        headers = headers_of(answer)
        self._refuses = s3_servers.refuses(headers)
        if not any(name.startswith("x-amz-") for name in headers):
            self._is_s3()
        region = headers.get("x-amz-bucket-region", "")
        return region if _REGION.match(region) else ""

    def _is_s3(self) -> None:
        """Raise Failure when the server is none of S3.

        Any web server answers HEAD, which has no body to tell by. boto3 raises nothing for a listing that is not S3's
        either, but it lacks this key; and an error of S3 has a code.
        """
        from botocore.exceptions import ClientError

        status = 0
        try:
            if "IsTruncated" in self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1):
                return
        except ClientError as e:
            status = status_of(e)
            if status not in (403, 404):
                raise
            # Whoever may make a bucket need not be allowed to list one.
            if code_of(e) not in ("", str(status)):
                return
        raise Failure(f"{self.describe()}: looking for the bucket failed: {not_its(PEER, status)}.")

    def _same_region(self, region: str) -> None:
        """Raise Failure unless requests are signed for this region.

        Amazon says in which one a bucket is. Others say so of the server, of any request and whatever it is about, and
        some name a region for a bucket that is not there.
        """
        if region != self._region:
            of_server = self._told.region and not self._told.moved and not is_amazon(self._endpoint)
            what = _SERVER_IN if of_server else _BUCKET_IN
            raise Failure(
                f"{self.describe()}: {what} {region!r}, not in {self._region!r}; set region (on AWS endpoint too) to "
                "where it is."
            )

    def _read(self, feature: str) -> Read:
        from botocore.exceptions import ClientError

        row = self._rows.get(feature)
        if row is None:
            return Read(State.UNSUPPORTED, detail="S3 has no such setting")
        try:
            answer = getattr(self._client, row.get)(Bucket=self._bucket)
        except ClientError as e:
            code, status = code_of(e), status_of(e)
            if code in row.missing:
                return Read(State.ABSENT, detail="owned" if feature == "access" else "")
            if code in UNSUPPORTED or status in (405, 501):
                return Read(State.UNSUPPORTED, detail=f"it answers {code or status}")
            if code in FORBIDDEN or status == 403:
                return Read(State.FORBIDDEN, detail=f"needs {row.permission}")
            if code == "NoSuchBucket":
                return ABSENT
            return self._raise(feature, row, e)
        except Exception as e:
            return self._raise(feature, row, e)
        # When the answer is not S3's, boto3 gives one without the root, or with an empty one.
        if row.root and (row.root not in answer or answer[row.root] == {}):
            return Read(State.UNSUPPORTED, detail=_ELSE)
        try:
            value = row.normal(answer)
        except (AttributeError, LookupError, TypeError, ValueError):
            return Read(State.UNSUPPORTED, detail=_ELSE)
        detail = "owned" if feature == "access" else ""
        return Read(State.ABSENT, detail=detail) if value is None else Read(State.VALUE, value, detail)

    def _raise(self, feature: str, row: Row, error: Exception) -> Read:
        def again() -> Read:
            raise error

        return guarded(self.describe(), f"reading {feature}", row.permission, again)

    def _remove(self, feature: str, row: Row) -> None:
        """DELETE a setting, but only when a GET has just found it: otherwise it may remove the bucket, see ``Row``."""
        found = self._read(feature)
        if found.state is State.VALUE or (feature in _IN_POLICY and self._statements()):
            permission = row.delete_permission or row.put_permission
            self._call(f"removing {feature}", permission, row.delete, Bucket=self._bucket)

    def _now(self, feature: str) -> Mapping[str, Any]:
        """The server's whole answer about a feature of which only a part is ours; empty where nothing is set."""
        from botocore.exceptions import ClientError

        row = self._rows[feature]

        def read() -> Mapping[str, Any]:
            try:
                answer: Mapping[str, Any] = getattr(self._client, row.get)(Bucket=self._bucket)
            except ClientError as e:
                if code_of(e) in row.missing:
                    return {}
                raise
            if row.root not in answer:
                raise Unsupported(_ELSE)
            return answer

        return guarded(self.describe(), f"reading {feature}", row.permission, read)

    def _statements(self) -> list[dict[str, Any]]:
        """The statements of the whole policy. Raises Unsupported when the server's answer is no policy."""
        found = self._now("access")
        try:
            return statements(found["Policy"]) if found else []
        except ValueError:
            raise Unsupported(_ELSE) from None

    def _policy(self, feature: str, value: Any) -> list[dict[str, Any]]:
        """The statements to put: everybody else's as they are, and those of the feature."""
        if feature == "tls_only":
            others = [statement for statement in self._statements() if statement.get("Sid") != TLS_SID]
            return [*others, tls_statement(self._arn)] if value else others
        others = [statement for statement in self._statements() if not is_grant(statement, self._mark)]
        return [*others, *(json.loads(text) for texts in value.values() for text in texts)]
