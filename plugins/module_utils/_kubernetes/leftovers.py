# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that we no longer render and that stay nevertheless, since somebody else holds them too. Pure.

The server's record of managers is all that is known of earlier runs. So this tells what is certain: a field that was
ours until this run and is there after it; and that the record was wiped, since then nothing tells which ones were ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .compare import owned_fields
from .manifest import Manifest, Ref, managers_of

_SHOWN = 5
# Under this name the server keeps what it knows no writer of, once somebody applies.
_NOBODY = "before-first-apply"
# Given up for somebody who decides the number of pods; that it stays is meant.
_HANDED_OVER = frozenset({("f:spec", "f:replicas")})


def leftovers(ref: Ref, live: Manifest, after: Manifest, manager: str) -> list[str]:
    """Warnings about an object that was ``live`` before it was applied and is ``after`` since."""
    version = str(after.get("apiVersion") or live.get("apiVersion"))
    now = owned_fields(after, manager, version) or {}
    before = owned_fields(live, manager, version)
    if before is None:
        return [_wiped(ref)] if _unknown(live, manager) else []
    given_up = set(_leaves(before)) - set(_leaves(now)) - _HANDED_OVER
    holders: dict[str, list[str]] = {}
    for entry in after["metadata"].get("managedFields") or ():
        if entry.get("manager") == manager or entry.get("subresource"):
            continue
        kept = sorted(given_up.intersection(_leaves(entry.get("fieldsV1") or {})))
        if kept:
            holders.setdefault(str(entry.get("manager")), []).extend(map(_path, kept))
    return [
        f"{ref}: {_few(paths)} is no longer wanted and stays, since {holder} holds it too; remove it by hand"
        for holder, paths in sorted(holders.items())
    ]


def _unknown(live: Manifest, manager: str) -> bool:
    """Whether nothing tells any longer that we wrote an object, which without a wiped record cannot be."""
    known = managers_of(live)
    return manager not in known and (not known or _NOBODY in known)


def _wiped(ref: Ref) -> str:
    return (
        f"{ref}: the server's record of who wrote its fields (metadata.managedFields) was wiped, so '{_NOBODY}' holds "
        "all of them too, and those that are no longer wanted stay; where that matters, delete the object and run again"
    )


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of fields without fields below them."""
    for name, below in tree.items():
        if name == ".":
            continue
        if below and set(below) != {"."}:
            yield from _leaves(below, (*path, name))
        else:
            yield (*path, name)


def _path(names: tuple[str, ...]) -> str:
    """``spec.template.spec.containers[{"name":"thanos"}].image``."""
    return "".join(f".{name[2:]}" if name.startswith("f:") else f"[{name[2:]}]" for name in names).lstrip(".")


def _few(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
