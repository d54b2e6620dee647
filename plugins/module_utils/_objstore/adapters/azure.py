# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure Blob Storage through azure-storage-blob: containers only, since the account is managed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..._errors import Failure
from ..bucket_model import (
    ABSENT,
    FeatureChange,
    Observed,
    Read,
    State,
)
from .azure_client import connect
from .azure_errors import PEER, guarded
from .azure_objects import AzureObjects
from .reasons import not_its

T = TypeVar("T")
_ACCOUNT = "it is a setting of the storage account, not of a container"


class Azure:
    """See ``Adapter``. ``store`` holds typed keys of type AZURE, ``ca`` as PEM text, and ``api_version``."""

    profile: Mapping[str, Any] = {"public_access": "blocked", "object_lock": "off"}

    def __init__(self, store: Mapping[str, Any], timeout: float, directory: str) -> None:
        self._name = str(store["container"])
        self._account = str(store["storage_account"])
        self._client = connect(store, timeout, directory)
        self.objects = AzureObjects(self._client, self._call)

    def describe(self) -> str:
        return f"azure://{self._account}/{self._name}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        properties = self._properties()
        if properties is None:
            return Observed(False)
        return Observed(True, features={feature: _read(feature, properties) for feature in features})

    def create(self, _region: str) -> None:
        self._call("making the container", "containers/write", self._client.create_container)

    def apply(self, step: FeatureChange) -> None:
        if step.feature == "tags":
            write = partial(self._client.set_container_metadata, metadata=dict(step.after))
        else:
            # The call replaces both, so the stored access policies are sent back as they were read.
            policies = self._call(
                "reading access", "containers/getAcl/action", self._client.get_container_access_policy
            )
            identifiers = {policy.id: policy.access_policy for policy in policies.get("signed_identifiers") or ()}
            write = partial(self._client.set_container_access_policy, identifiers, public_access=None)
        self._call(f"writing {step.feature}", "containers/write", write)

    def delete(self) -> None:
        self._call("removing the container", "containers/delete", self._client.delete_container)

    def _properties(self) -> Any:
        from azure.core.exceptions import ResourceNotFoundError

        def properties() -> Any:
            try:
                found = self._client.get_container_properties()
            except ResourceNotFoundError as e:
                if not any(name.lower().startswith("x-ms-") for name in _headers(e)):
                    # Any web server answers 404, and Azure says which request it answers.
                    raise Failure(
                        f"{self.describe()}: looking for the container failed: {not_its(PEER, 404)}."
                    ) from None
                return None
            if found.etag is None:
                # The SDK gives an empty container for any answer with status 200, also one of another web server.
                raise Failure(f"{self.describe()}: looking for the container failed: {not_its(PEER)}.")
            return found

        return self._call("looking for the container", "containers/read", properties)

    def _call(self, operation: str, permission: str, act: Callable[[], T]) -> T:
        return guarded(f"{self.describe()}: {operation}", permission, act)


def _headers(error: Any) -> Mapping[str, str]:
    return error.response.headers if error.response is not None else {}


def _read(feature: str, properties: Any) -> Read:
    if feature == "public_access":
        return Read(State.VALUE, "open" if properties.public_access else "blocked")
    if feature == "tags":
        return Read(State.VALUE, dict(properties.metadata)) if properties.metadata else ABSENT
    if feature == "object_lock":
        held = properties.has_immutability_policy or properties.has_legal_hold
        return Read(State.VALUE, "retention") if held else ABSENT
    return Read(State.UNSUPPORTED, detail=_ACCOUNT)
