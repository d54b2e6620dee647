# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google Cloud Storage through google-cloud-storage. One read shows every setting of a bucket; PATCH writes one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..._errors import Failure, MissingLibrary
from ..bucket_model import (
    ABSENT,
    FeatureChange,
    Observed,
    Read,
    State,
)
from ..features import DEFAULT_RULES
from . import gcs_lifecycle
from .gcs_errors import PEER, content_type, explained, guarded
from .gcs_objects import GcsObjects
from .reasons import not_its
from .tls import trusted

T = TypeVar("T")
_DAY = 86400
_SCOPE = "https://www.googleapis.com/auth/devstorage.full_control"


class Gcs:
    """See ``Adapter``. ``store`` holds typed keys of type GCS, and ``location`` and ``project`` for a new bucket."""

    profile: Mapping[str, Any] = {
        "public_access": "blocked",
        "versioning": "disabled",
        "lifecycle": DEFAULT_RULES,
        "object_lock": "off",
        "soft_delete": "choose",
    }

    def __init__(self, store: Mapping[str, Any], timeout: float, directory: str) -> None:
        self._name = str(store["bucket"])
        self._project = _project(store)
        self._client = _client(store, self._project, directory)
        self._bucket = self._client.bucket(self._name)
        self._patience = _patience(timeout)
        self.objects = GcsObjects(self._bucket, self._call, self._patience)

    def describe(self) -> str:
        return f"gs://{self._name}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        from google.api_core.exceptions import NotFound

        def reload() -> bool:
            try:
                self._bucket.reload(**self._patience)
            except NotFound as e:
                # An emulator may answer without a body, and so without a type.
                if content_type(e) and not explained(e):
                    raise Failure(f"{self.describe()}: looking for the bucket failed: {not_its(PEER, 404)}.") from None
                return False
            if not self._bucket.location:
                # The SDK gives an empty bucket for any answer with status 200, also one of another web server.
                raise Failure(f"{self.describe()}: looking for the bucket failed: {not_its(PEER)}.")
            return True

        if not self._call("looking for the bucket", "storage.buckets.get", reload):
            return Observed(False)
        place = str(self._bucket.location or "").lower()
        return Observed(True, place, {feature: self._read(feature) for feature in features})

    def create(self, region: str) -> None:
        if not self._project:
            raise Failure(f"{self.describe()} needs a project to be made in; set project, or GOOGLE_CLOUD_PROJECT.")
        bucket = self._client.bucket(self._name)
        self._call(
            "making the bucket",
            "storage.buckets.create",
            lambda: self._client.create_bucket(
                bucket, project=self._project, location=region or None, **self._patience
            ),
        )

    def apply(self, step: FeatureChange) -> None:
        if step.feature == "access":
            self._bind(step.after)
            return
        _WRITES[step.feature](self._bucket, step.after)
        self._call(f"writing {step.feature}", "storage.buckets.update", lambda: self._bucket.patch(**self._patience))

    def delete(self) -> None:
        self._call("removing the bucket", "storage.buckets.delete", lambda: self._bucket.delete(**self._patience))

    def _read(self, feature: str) -> Read:
        if feature == "access":
            return Read(State.VALUE, self._bindings())
        if feature not in _READS:
            return Read(State.UNSUPPORTED, detail="Google Cloud Storage has no such setting")
        value = _READS[feature](self._bucket)
        return ABSENT if value is None else Read(State.VALUE, value)

    def _policy(self) -> Any:
        read = partial(self._bucket.get_iam_policy, requested_policy_version=3, **self._patience)
        return self._call("reading access", "storage.buckets.getIamPolicy", read)

    def _bindings(self) -> dict[str, list[str]]:
        """Role → members, of bindings without a condition."""
        plain = [binding for binding in self._policy().bindings if not binding.get("condition")]
        return {binding["role"]: sorted(binding["members"]) for binding in plain}

    def _bind(self, wanted: Mapping[str, list[str]]) -> None:
        policy = self._policy()
        for role, members in wanted.items():
            same = [b for b in policy.bindings if b["role"] == role and not b.get("condition")]
            if same:
                same[0]["members"] = {*same[0]["members"], *members}
            else:
                policy.bindings.append({"role": role, "members": set(members)})
        write = partial(self._bucket.set_iam_policy, policy, **self._patience)
        self._call("writing access", "storage.buckets.setIamPolicy", write)

    def _call(self, operation: str, permission: str, act: Callable[[], T]) -> T:
        return guarded(f"{self.describe()}: {operation}", permission, act)


def _patience(timeout: float) -> dict[str, Any]:
    """How long to wait for an answer and to repeat a request; by default Google repeats for two minutes."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return {"timeout": timeout, "retry": DEFAULT_RETRY.with_timeout(min(timeout, 10))}


def _project(store: Mapping[str, Any]) -> str:
    own = _parsed(store).get("project_id", "") if store.get("service_account") else ""
    return str(store.get("project") or own or os.environ.get("GOOGLE_CLOUD_PROJECT", ""))


def _parsed(store: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(store["service_account"])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failure("service_account must be the text of a Google credentials file: a JSON object with 'type'.")
    return found


def _client(store: Mapping[str, Any], project: str, directory: str) -> Any:
    try:
        from google.cloud.storage import Client
    except ImportError:
        raise MissingLibrary(
            "buckets of type GCS need the Python package google-cloud-storage where the task runs: pip install "
            "'google-cloud-storage>=2.14' (the collection's meta/requirements-gcs.txt)."
        ) from None
    # The variable that Google's own clients, and those of Thanos, know for emulators.
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    credentials = _credentials(store, bool(emulator))
    return Client(
        project=project or ("unknown" if store.get("service_account") or emulator else None),
        credentials=credentials,
        _http=_session(credentials, trusted(store, directory)),
    )


def _credentials(store: Mapping[str, Any], anonymous: bool) -> Any:
    import google.auth
    import google.auth.credentials
    import google.auth.exceptions

    if store.get("service_account"):
        try:
            return _account(_parsed(store))
        except (ValueError, google.auth.exceptions.GoogleAuthError):
            raise Failure(
                "service_account: this is not a usable credential; a key of it is missing, or its private key cannot "
                "be read. Give the text of the file as Google made it."
            ) from None
    if anonymous:
        nobody: Any = google.auth.credentials.AnonymousCredentials
        return nobody()
    return guarded("looking for a credential", "", lambda: google.auth.default(scopes=[_SCOPE]))[0]


def _account(info: Mapping[str, Any]) -> Any:
    import google.auth
    from google.oauth2 import service_account

    if info.get("type") == "service_account":
        own: Any = service_account.Credentials.from_service_account_info
        return own(info, scopes=[_SCOPE])
    # The credential of a user, or of another cloud.
    load: Any = google.auth.load_credentials_from_dict
    return load(info, scopes=[_SCOPE])[0]


def _session(credentials: Any, trust: bool | str) -> Any:
    """What sends requests, for the bucket and for tokens. ``trust``: see ``trusted``."""
    from google.auth.transport import requests as transport
    from requests import Session

    for_tokens = Session()
    make: Any = transport.AuthorizedSession
    session: Any = make(credentials, auth_request=transport.Request(for_tokens))
    if trust is not True:
        each: Any
        for each in (session, for_tokens):
            # With every request, as requests prefers REQUESTS_CA_BUNDLE to an attribute of the session.
            each.request = partial(each.request, verify=trust)
    return session


def _encryption(bucket: Any) -> dict[str, Any]:
    key = bucket.default_kms_key_name
    return {"type": "SSE-KMS", "kms_key_id": key, "bucket_key": True} if key else {"type": "SSE-S3"}


def _public(bucket: Any) -> str:
    access = bucket.iam_configuration
    closed = access.public_access_prevention == "enforced" and access.uniform_bucket_level_access_enabled
    return "blocked" if closed else "open"


_READS: dict[str, Callable[[Any], Any]] = {
    "public_access": _public,
    "versioning": lambda bucket: "enabled" if bucket.versioning_enabled else None,
    "encryption": _encryption,
    "lifecycle": lambda bucket: gcs_lifecycle.read(dict(rule) for rule in bucket.lifecycle_rules) or None,
    "object_lock": lambda bucket: "retention" if bucket.retention_period else None,
    "soft_delete": lambda bucket: int(bucket.soft_delete_policy.retention_duration_seconds or 0) // _DAY or None,
    "tags": lambda bucket: {name: text for name, text in bucket.labels.items() if text is not None} or None,
}


def _close(bucket: Any, _value: str) -> None:
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    bucket.iam_configuration.public_access_prevention = "enforced"


def _encrypt(bucket: Any, value: Mapping[str, Any] | None) -> None:
    bucket.default_kms_key_name = (value or {}).get("kms_key_id")


def _version(bucket: Any, value: str) -> None:
    bucket.versioning_enabled = value == "enabled"


def _live(bucket: Any, value: Any) -> None:
    bucket.lifecycle_rules = gcs_lifecycle.write(value)


def _soft(bucket: Any, value: int) -> None:
    bucket.soft_delete_policy.retention_duration_seconds = value * _DAY


def _label(bucket: Any, value: Mapping[str, str]) -> None:
    bucket.labels = dict(value)


_WRITES: dict[str, Callable[[Any, Any], None]] = {
    "public_access": _close,
    "versioning": _version,
    "encryption": _encrypt,
    "lifecycle": _live,
    "soft_delete": _soft,
    "tags": _label,
}
