# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client for one Azure container from a ``store``, with the credential that Thanos would choose."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ..._errors import Failure, MissingLibrary
from .tls import trusted

DEFAULT_ENDPOINT = "blob.core.windows.net"


def connect(store: Mapping[str, Any], timeout: float, directory: str) -> Any:
    """A ContainerClient; nothing is sent yet. ``directory`` takes the file of a private authority. Raises Failure."""
    try:
        from azure.storage.blob import ContainerClient
    except ImportError:
        raise MissingLibrary(
            "containers of type AZURE need the Python package azure-storage-blob where the task runs: pip install "
            "'azure-storage-blob>=12.19' (the collection's meta/requirements-azure.txt)."
        ) from None
    # The SDK writes pages to standard error when something goes wrong; a Failure tells it in one sentence.
    logging.getLogger("azure").setLevel(logging.CRITICAL + 1)
    options: dict[str, Any] = {
        "connection_timeout": min(timeout, 10),
        "read_timeout": timeout,
        # A server that does not answer is asked once more after half a second; the SDK would wait for fifteen.
        "retry_total": 2,
        "retry_connect": 1,
        "retry_read": 1,
        "initial_backoff": 0.5,
        "increment_base": 0,
        "random_jitter_range": 0.2,
        "connection_verify": trusted(store, directory),
    }
    if store.get("api_version"):
        options["api_version"] = store["api_version"]
    name = store["container"]
    try:
        if store.get("storage_connection_string"):
            return ContainerClient.from_connection_string(store["storage_connection_string"], name, **options)
        credential = _credential(store, timeout)
        url = f"https://{store['storage_account']}.{store.get('endpoint') or DEFAULT_ENDPOINT}"
        return ContainerClient(url, name, credential=credential, **options)
    except ValueError:
        raise Failure(
            "storage_connection_string or storage_account_key: this is not what Azure gives out (a connection string "
            "has AccountName=…;AccountKey=…, a key is base64)."
        ) from None


def _credential(store: Mapping[str, Any], timeout: float) -> Any:
    if store.get("storage_account_key"):
        return {"account_name": store["storage_account"], "account_key": store["storage_account_key"]}
    try:
        from azure.identity import ClientSecretCredential, DefaultAzureCredential, ManagedIdentityCredential
    except ImportError:
        raise MissingLibrary(
            "without storage_account_key or storage_connection_string, containers of type AZURE need the Python "
            "package azure-identity where the task runs: pip install azure-identity."
        ) from None
    if store.get("client_secret"):
        missing = [key for key in ("az_tenant_id", "client_id") if not store.get(key)]
        if missing:
            raise Failure(f"{' and '.join(missing)} missing: client_secret goes with az_tenant_id and client_id.")
        patience = {"retry_total": 1, "connection_timeout": min(timeout, 10), "read_timeout": timeout}
        try:
            return ClientSecretCredential(store["az_tenant_id"], store["client_id"], store["client_secret"], **patience)
        except ValueError:
            raise Failure("az_tenant_id: this is not the id or the domain of a tenant.") from None
    if store.get("user_assigned_id"):
        return ManagedIdentityCredential(client_id=store["user_assigned_id"])
    return DefaultAzureCredential()
