# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure Blob Storage through azure-storage-blob: containers only, since the account is managed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..._errors import Failure
from ..model import (
    ABSENT,
    Observed,
    Read,
    State,
    Step,
    Transient,
)
from .azure_client import connect
from .azure_objects import AzureObjects

T = TypeVar("T")
_ACCOUNT = "it is a setting of the storage account, not of a container"
_ACCESS = {
    "AuthorizationFailure": "the server refuses the credential, or its firewall this host",
    "AuthenticationFailed": "the server refuses the credential, or the clock of this host is wrong",
    "InvalidAuthenticationInfo": "the server refuses the credential",
    "AccountIsDisabled": "the storage account is disabled",
    "ContainerBeingDeleted": "a container of this name is being deleted; try again in a minute",
    "LeaseIdMissing": "somebody holds a lease on the container; it cannot be removed",
    "InvalidHeaderValue": "the server does not know this version of the API; set api_version to one that it knows",
    "FeatureVersionMismatch": "the server does not know this version of the API; set api_version to one that it knows",
    "PublicAccessNotPermitted": "the storage account permits no public access",
}


class Azure:
    """See ``Adapter``. ``store`` holds typed keys of type AZURE, ``ca`` as PEM text, and ``api_version``."""

    profile: Mapping[str, Any] = {"public_access": "blocked"}

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

    def apply(self, step: Step) -> None:
        if step.feature == "tags":
            write = partial(self._client.set_container_metadata, metadata=dict(step.after))
        else:
            # Whoever has a stored access policy keeps it.
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
                return self._client.get_container_properties()
            except ResourceNotFoundError:
                return None

        return self._call("looking for the container", "containers/read", properties)

    def _call(self, operation: str, permission: str, act: Callable[[], T]) -> T:
        """The result of ``act``; what the SDK raises becomes a Failure without its text (it may quote a token)."""
        from azure.core.exceptions import (
            AzureError,
            HttpResponseError,
            ServiceRequestError,
            ServiceResponseError,
        )

        where = f"{self.describe()}: {operation}"
        try:
            return act()
        except HttpResponseError as e:
            code = getattr(e, "error_code", None) or ""
            if not e.status_code:
                # An identity that gave no token, so that nothing was asked.
                raise Failure(f"{where} failed: no usable credential ({type(e).__name__}).") from None
            raise _explain(where, permission, e.status_code, str(getattr(code, "value", code))) from None
        except (ServiceRequestError, ServiceResponseError) as e:
            hint = "the server's certificate is not trusted; set ca" if "CERTIFICATE" in str(e) else "no connection"
            raise Failure(f"{where} failed: {hint} ({type(e).__name__}).") from None
        except AzureError as e:
            raise Failure(f"{where} failed: {type(e).__name__}.") from None


def _explain(where: str, permission: str, status: int, code: str) -> Failure:
    if code in _ACCESS:
        return Failure(f"{where} failed: {_ACCESS[code]} ({code}).")
    if status in (401, 403):
        return Failure(
            f"{where} is forbidden; the identity lacks the (data) action {permission} on the container ({code})."
        )
    if status in (429, 500, 503):
        return Transient(f"{where} failed, the server is busy (HTTP {status}).")
    return Failure(f"{where} failed: the server answers {code or 'without a code'} (HTTP {status}).")


def _read(feature: str, properties: Any) -> Read:
    if feature == "public_access":
        return Read(State.VALUE, "open" if properties.public_access else "blocked")
    if feature == "tags":
        return Read(State.VALUE, dict(properties.metadata)) if properties.metadata else ABSENT
    if feature == "object_lock":
        held = properties.has_immutability_policy or properties.has_legal_hold
        return Read(State.VALUE, "retention") if held else ABSENT
    return Read(State.UNSUPPORTED, detail=_ACCOUNT)
