# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One row per feature of an S3 bucket: how it is read, what absence looks like, how it is written and removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import s3_lifecycle
from .s3_policy import (
    TLS_SID,
    canonical,
    is_grant,
    statements,
)

# These two flags take away public access that was given; the other two refuse requests that would give it. Ceph's
# radosgw takes every upload, and every policy that lets a user in, for such a request, so only AWS gets all four.
_TAKE_AWAY = ("IgnorePublicAcls", "RestrictPublicBuckets")
_ALL_FLAGS = (*_TAKE_AWAY, "BlockPublicAcls", "BlockPublicPolicy")


@dataclass(frozen=True)
class Row:
    """How one feature is read, written and removed.

    ``root``: the key that every real answer has. Without it the server answered something else, and is taken not to
    implement the call.
    ``normal``: answer → our value (None = nothing set).
    ``native``: name of the bucket, value → arguments of ``put``.
    ``delete``: is only called right after a read that found a value, because servers that do not know a setting take
    the DELETE of it for the DELETE of the bucket. Its permission is ``put_permission`` where ``delete_permission`` is
    empty.
    ``adds``: ``put`` replaces all, of which only a part is ours; so ``native`` gets what is there instead of a value.
    """

    get: str
    root: str
    missing: tuple[str, ...]
    permission: str
    normal: Callable[[Mapping[str, Any]], Any]
    put: str = ""
    put_permission: str = ""
    native: Callable[[str, Any], dict[str, Any]] | None = None
    delete: str = ""
    delete_permission: str = ""
    adds: bool = False


def _encryption(answer: Mapping[str, Any]) -> Any:
    rules = answer["ServerSideEncryptionConfiguration"].get("Rules") or [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {}
    kind = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "SSE-KMS-DSSE"}.get(
        default.get("SSEAlgorithm", "")
    )
    if kind is None:
        return None
    key = {"kms_key_id": default["KMSMasterKeyID"]} if default.get("KMSMasterKeyID") else {}
    return {"type": kind, **key, "bucket_key": bool(rules[0].get("BucketKeyEnabled"))}


def _put_encryption(bucket: str, value: Mapping[str, Any]) -> dict[str, Any]:
    kms = value["type"] != "SSE-S3"
    algorithm = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "SSE-KMS-DSSE": "aws:kms:dsse"}[value["type"]]
    default = {"SSEAlgorithm": algorithm}
    if value.get("kms_key_id"):
        default["KMSMasterKeyID"] = value["kms_key_id"]
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": default}
    if kms:
        rule["BucketKeyEnabled"] = value.get("bucket_key", True)
    return {"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _public_access(flags: Sequence[str]) -> Row:
    root = "PublicAccessBlockConfiguration"
    return Row(
        "get_public_access_block",
        root,
        ("NoSuchPublicAccessBlockConfiguration",),
        "s3:GetBucketPublicAccessBlock",
        lambda answer: "blocked" if all(answer[root].get(flag) for flag in flags) else "open",
        "put_public_access_block",
        "s3:PutBucketPublicAccessBlock",
        lambda bucket, there: {"Bucket": bucket, root: {**there, **dict.fromkeys(flags, True)}},
        adds=True,
    )


def _lock(answer: Mapping[str, Any]) -> str | None:
    lock = answer["ObjectLockConfiguration"]
    if lock.get("ObjectLockEnabled") != "Enabled":
        return None
    return "retention" if (lock.get("Rule") or {}).get("DefaultRetention") else "enabled"


def _policy_row(normal: Callable[[Mapping[str, Any]], Any]) -> Row:
    return Row(
        "get_bucket_policy",
        "Policy",
        ("NoSuchBucketPolicy",),
        "s3:GetBucketPolicy",
        normal,
        "put_bucket_policy",
        "s3:PutBucketPolicy",
        _put_policy,
        "delete_bucket_policy",
        "s3:DeleteBucketPolicy",
    )


def access_row(mark: str) -> Row:
    """The row for the statements of one prefix; ``mark`` tells them from those of other prefixes."""

    def ours(answer: Mapping[str, Any]) -> dict[str, list[str]] | None:
        return {s["Sid"]: [canonical(s)] for s in statements(answer["Policy"]) if is_grant(s, mark)} or None

    return _policy_row(ours)


def _put_policy(bucket: str, value: Any) -> dict[str, Any]:
    return {"Bucket": bucket, "Policy": json.dumps({"Version": "2012-10-17", "Statement": value})}


ROWS: dict[str, Row] = {
    "ownership": Row(
        "get_bucket_ownership_controls",
        "OwnershipControls",
        ("OwnershipControlsNotFoundError",),
        "s3:GetBucketOwnershipControls",
        lambda answer: (answer["OwnershipControls"].get("Rules") or [{}])[0].get("ObjectOwnership"),
        "put_bucket_ownership_controls",
        "s3:PutBucketOwnershipControls",
        lambda bucket, value: {"Bucket": bucket, "OwnershipControls": {"Rules": [{"ObjectOwnership": value}]}},
    ),
    "public_access": _public_access(_TAKE_AWAY),
    "versioning": Row(
        "get_bucket_versioning",
        "",
        (),
        "s3:GetBucketVersioning",
        lambda answer: {"Enabled": "enabled", "Suspended": "disabled"}.get(answer.get("Status", "")),
        "put_bucket_versioning",
        "s3:PutBucketVersioning",
        lambda bucket, value: {
            "Bucket": bucket,
            "VersioningConfiguration": {"Status": "Enabled" if value == "enabled" else "Suspended"},
        },
    ),
    "encryption": Row(
        "get_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        ("ServerSideEncryptionConfigurationNotFoundError",),
        "s3:GetEncryptionConfiguration",
        _encryption,
        "put_bucket_encryption",
        "s3:PutEncryptionConfiguration",
        _put_encryption,
        "delete_bucket_encryption",
    ),
    "lifecycle": Row(
        "get_bucket_lifecycle_configuration",
        "Rules",
        ("NoSuchLifecycleConfiguration",),
        "s3:GetLifecycleConfiguration",
        lambda answer: s3_lifecycle.read(answer["Rules"]) or None,
        "put_bucket_lifecycle_configuration",
        "s3:PutLifecycleConfiguration",
        lambda bucket, value: {"Bucket": bucket, "LifecycleConfiguration": {"Rules": s3_lifecycle.write(value)}},
        "delete_bucket_lifecycle",
    ),
    "object_lock": Row(
        "get_object_lock_configuration",
        "ObjectLockConfiguration",
        ("ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound"),
        "s3:GetBucketObjectLockConfiguration",
        _lock,
    ),
    "tags": Row(
        "get_bucket_tagging",
        "TagSet",
        ("NoSuchTagSet", "NoSuchTagSetError"),
        "s3:GetBucketTagging",
        lambda answer: {tag["Key"]: tag["Value"] for tag in answer["TagSet"]} or None,
        "put_bucket_tagging",
        "s3:PutBucketTagging",
        lambda bucket, value: {
            "Bucket": bucket,
            "Tagging": {"TagSet": [{"Key": k, "Value": v} for k, v in sorted(value.items())]},
        },
        "delete_bucket_tagging",
    ),
    "tls_only": _policy_row(lambda answer: any(s.get("Sid") == TLS_SID for s in statements(answer["Policy"])) or None),
}
AWS_ROWS = {**ROWS, "public_access": _public_access(_ALL_FLAGS)}
