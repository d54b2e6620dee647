# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that an admission webhook rewrites: another registry, a pinned digest. Pure.

A webhook changes the workload or its pods while the server stores them, so that deploying again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._kubernetes.compare import identifies, owned_fields
from .._kubernetes.manifest import managers_of

_REFERENCE = re.compile(r"(?P<name>[^@]+?)(?::(?P<tag>[^:/@]+))?(?:@(?P<digest>.+))?")


@dataclass(frozen=True)
class _Image:
    """The parts of an image's reference; empty where it has none."""

    name: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, reference: str) -> _Image:
        match = _REFERENCE.fullmatch(reference)
        parts = match.groupdict(default="") if match else {"name": reference, "tag": "", "digest": ""}
        return cls(**parts)


def rewritten(wanted: str, found: str) -> bool:
    """Whether ``found`` may be what a webhook makes of ``wanted``: the same program by name, tag and digest.

    A mirror may put more before the name, or join registry and path into one name; a digest may stand in the place of
    the tag.
    """
    want, have = _Image.parse(wanted), _Image.parse(found)
    same_name = have.name.rpartition("/")[2].endswith(want.name.rpartition("/")[2])
    same_digest = not want.digest or want.digest == have.digest
    same_tag = have.tag == want.tag or (not have.tag and bool(have.digest)) or (not want.tag and have.tag == "latest")
    return same_name and same_digest and same_tag


def edited_by(workload: Mapping[str, Any], manager: str, container: str) -> str:
    """Who set a container's image in a live workload by hand; empty where it is as ``manager`` had it stored.

    What a webhook changes while we apply stays ours, what anybody else sets does not.
    """
    owned = owned_fields(dict(workload), manager, "apps/v1")
    if owned is None:
        return "" if _never_written(workload) else _others(workload, manager)
    node: Mapping[str, Any] = owned
    for step in ("spec", "template", "spec", "containers"):
        node = node.get(f"f:{step}") or {}
    items = [below for key, below in node.items() if identifies(key, {"name": container})]
    return "" if any("f:image" in below for below in items) else _others(workload, manager)


def _never_written(workload: Mapping[str, Any]) -> bool:
    """Whether nothing is known of who wrote it."""
    return not workload["metadata"].get("managedFields")


def _others(workload: Mapping[str, Any], manager: str) -> str:
    return ", ".join(name for name in managers_of(workload) if name != manager) or "somebody else"
