# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A boto3 client for a ``store``: AWS, or any server that speaks S3."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..._errors import Failure, MissingLibrary
from ..amazon import is_found_by_region, region_in
from .s3_errors import client_reason
from .tls import trusted

WORKERS = 8
DEFAULT_REGION = "us-east-1"
# Servers that take the bucket in the host name only.
_VIRTUAL_ONLY = re.compile(r"\.aliyuncs\.com(:\d+)?\Z")


def region_of(store: Mapping[str, Any]) -> str:
    """The region to sign for: the option, else the one in an AWS endpoint, else the one every server takes."""
    return str(store.get("region") or region_in(str(store["endpoint"])) or DEFAULT_REGION)


def make(store: Mapping[str, Any], timeout: float, directory: str) -> Any:
    """The client. ``ca`` is PEM text; without keys boto3 looks at its environment, profiles and instance roles.

    ``timeout``: seconds for a connection and for each answer. ``directory``: a folder for temporary files that outlives
    the client. Raises Failure.
    """
    try:
        import boto3
        import botocore.session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise MissingLibrary(
            "buckets of type S3 need the Python package boto3 where the task runs: pip install 'boto3>=1.34' (the "
            "collection's meta/requirements-s3.txt)."
        ) from None
    custom = not is_found_by_region(str(store["endpoint"]))
    options: dict[str, Any] = {
        "signature_version": "s3" if store.get("signature_version2") else "s3v4",
        "s3": {"addressing_style": _addressing(store, custom)},
        # AWS throttles, so requests are repeated there; any other server that fails shall be told of soon.
        "retries": {"total_max_attempts": 2 if custom else 5, "mode": "standard"},
        "connect_timeout": min(timeout, 10),
        "read_timeout": timeout,
        "max_pool_connections": WORKERS,
    }
    checksums = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    try:
        config = Config(**options, **checksums)
    except TypeError:  # botocore before 1.36 has neither the options nor the checksums
        config = Config(**options)
    try:
        core = botocore.session.Session()
        core.register_component("data_loader", _descriptions(core.get_config_variable("data_path")))
        session = boto3.session.Session(
            botocore_session=core,
            aws_access_key_id=store.get("access_key"),
            aws_secret_access_key=store.get("secret_key"),
            aws_session_token=store.get("session_token"),
            region_name=region_of(store),
        )
        endpoint = _url(store) if custom else None
        trust = trusted(store, directory)
        # None leaves the choice to boto3, which looks at AWS_CA_BUNDLE and profiles; True would take its own list.
        verify = None if trust is True else trust
        client = session.client("s3", endpoint_url=endpoint, config=config, verify=verify)
    except (BotoCoreError, ValueError) as e:
        raise Failure(f"the S3 client cannot be made: {client_reason(e)}.") from None
    client.meta.events.register("before-call.s3", _add_md5)
    return client


@cache
def _descriptions(path: str | None) -> Any:
    """botocore's files about services. Each session would read its own again, which takes most of a client's time."""
    from botocore.loaders import create_loader

    return create_loader(path)


def _url(store: Mapping[str, Any]) -> str:
    return f"{'http' if store.get('insecure') else 'https'}://{store['endpoint']}"


def _addressing(store: Mapping[str, Any], custom: bool) -> str:
    chosen = {"path": "path", "virtual-hosted": "virtual"}.get(store.get("bucket_lookup_type") or "")
    automatic = "virtual" if _VIRTUAL_ONLY.search(store["endpoint"]) else "path" if custom else "auto"
    return chosen or automatic


def _add_md5(params: dict[str, Any], **_event: Any) -> None:
    """Add Content-MD5, which many servers demand for changes to a bucket and newer versions of boto3 do not send."""
    body = params.get("body")
    if isinstance(body, str):
        body = body.encode()
    if isinstance(body, bytes) and body and "Content-MD5" not in params["headers"]:
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()
