# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenStack Swift through python-swiftclient; Keystone through keystoneauth1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
from .reasons import not_its
from .swift_client import connect
from .swift_errors import PEER, guarded, is_own
from .swift_objects import SwiftObjects

T = TypeVar("T")
_META = "x-container-meta-"
# Metadata with a meaning of its own, some of it secret: neither shown as tags nor ever removed.
_NOT_TAGS = re.compile(r"(temp-url-key|quota-|access-control-|web-|sysmeta)")
_VERSIONS = "x-versions-enabled"
# Features that are set on the container of segments too: a large block is read from there.
_OF_ALL = ("public_access", "access")
_PUBLIC = re.compile(r"\.r:|\.rlistings")
_ROLE = "the user needs a role that may do this in the project, such as swiftoperator or member"


class Swift:
    """See ``Adapter``. ``store`` holds typed keys of type SWIFT, ``ca`` as PEM text."""

    profile: Mapping[str, Any] = {"public_access": "blocked", "versioning": "disabled"}

    def __init__(self, store: Mapping[str, Any], timeout: float, directory: str) -> None:
        self._container = str(store["container_name"])
        segments = str(store.get("large_object_segments_container_name") or self._container)
        # Thanos needs both when it starts and makes neither of them.
        self._containers = list(dict.fromkeys([self._container, segments]))
        # A URL may hold a user and password, which must not be shown.
        self._place = re.sub("//[^/@]*@", "//", str(store["auth_url"]))
        self._connection = connect(store, timeout, directory)
        self.objects = SwiftObjects(self._connection, self._containers, self._call)

    def describe(self) -> str:
        return f"swift://{self._container} at {self._place}"

    def observe(self, features: tuple[str, ...]) -> Observed:
        found = [self._head(container) for container in self._containers]
        there = [headers for headers in found if headers is not None]
        if len(there) < len(found):
            return Observed(False, rest=bool(there))
        return Observed(True, features={name: _of_all(name, there) for name in features})

    def create(self, _region: str) -> None:
        for container in self._containers:
            self._call("making the container", partial(self._connection.put_container, container))

    def apply(self, step: FeatureChange) -> None:
        for container in self._containers if step.feature in _OF_ALL else self._containers[:1]:
            # Each container has lists of its own, and what others put into them is kept: so each is read first.
            headers = _write(replace(step, before=_read(step.feature, self._head(container) or {})))
            self._call(f"writing {step.feature}", partial(self._connection.post_container, container, headers))

    def delete(self) -> None:
        for container in reversed(self._containers):
            if self._head(container) is not None:
                self._call("removing the container", partial(self._connection.delete_container, container))

    def _head(self, container: str) -> Mapping[str, str] | None:
        def head() -> Mapping[str, str] | None:
            from swiftclient.exceptions import ClientException

            try:
                found = dict(self._connection.head_container(container))
            except ClientException as e:
                if e.http_status == 404 and is_own(e.http_response_headers):
                    return None
                raise
            if "x-container-object-count" not in found:
                # Swift always sends this header; any other web server may answer 200 as well.
                raise Failure(f"{self.describe()}: looking for the container failed: {not_its(PEER)}.")
            return found

        return self._call("looking for the container", head)

    def _call(self, operation: str, act: Callable[[], T], right: str = "") -> T:
        """Do it. ``right``: what the message of a refusal names beside a role in the project."""
        otherwise = f", unless {right}" if right else ""
        return guarded(f"{self.describe()}: {operation}", f"{_ROLE}{otherwise}", act)


def _of_all(feature: str, containers: Sequence[Mapping[str, str]]) -> Read:
    """One value for all containers: open when any is; of lists the entries that every one has; else the first one's."""
    reads = [_read(feature, headers) for headers in containers]
    if feature == "public_access":
        return next((read for read in reads if read.value == "open"), reads[0])
    if feature == "access":
        lists = {
            name: [entry for entry in entries if all(entry in read.value[name] for read in reads)]
            for name, entries in reads[0].value.items()
        }
        return Read(State.VALUE, lists)
    return reads[0]


def _read(feature: str, headers: Mapping[str, str]) -> Read:
    if feature == "versioning":
        on = headers.get(_VERSIONS)
        return ABSENT if on is None else Read(State.VALUE, "enabled" if on.lower() == "true" else "disabled")
    if feature == "public_access":
        acl = headers.get("x-container-read", "")
        # The whole list goes along in ``detail``, so that a write keeps other readers.
        return Read(State.VALUE, "open" if _PUBLIC.search(acl) else "blocked", acl)
    if feature == "access":
        lists = {name: _entries(headers.get(f"x-container-{name}", "")) for name in ("read", "write")}
        return Read(State.VALUE, lists)
    if feature == "tags":
        tags = {
            name[len(_META) :]: value
            for name, value in headers.items()
            if name.startswith(_META) and not _NOT_TAGS.match(name[len(_META) :])
        }
        return Read(State.VALUE, tags) if tags else ABSENT
    return Read(State.UNSUPPORTED, detail="Swift has no such setting of a container")


def _entries(acl: str) -> list[str]:
    return [entry.strip() for entry in acl.split(",") if entry.strip()]


def _write(step: FeatureChange) -> dict[str, str]:
    """Headers of the POST that sets the feature."""
    if step.feature == "versioning":
        return {_VERSIONS: "true" if step.after == "enabled" else "false"}
    if step.feature == "tags":
        gone = {f"x-remove-container-meta-{tag}": "x" for tag in (step.before.value or {}) if tag not in step.after}
        return {**{f"{_META}{tag}": value for tag, value in step.after.items()}, **gone}
    if step.feature == "access":
        lists = {name: [*step.before.value[name], *entries] for name, entries in step.after.items()}
        return {f"x-container-{name}": ",".join(dict.fromkeys(entries)) for name, entries in lists.items()}
    readers = _entries(step.before.detail)
    return {"x-container-read": ",".join(reader for reader in readers if not _PUBLIC.match(reader))}
