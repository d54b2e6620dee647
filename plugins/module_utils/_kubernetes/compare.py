# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a live object is what we would apply. Pure. Any doubt is a difference, for a needless PATCH changes nothing.

A live object is the same when every wanted leaf has its value, and when the fields that our manager owns
(``managedFields``, in the notation of Kubernetes' FieldsV1) are exactly those that we render. So a value that somebody
edited or removed is seen, also where the server would have put the same default, and so is a field that we no longer
render.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .manifest import Manifest, field_manager, quantity

# Numbers below these keys are equal in any notation: "1000m" and 1.
_QUANTITIES = frozenset({"requests", "limits", "capacity", "sizeLimit", "divisor"})
# Key fields of lists that the server fills in before it associates items.
_KEY_DEFAULTS = {"protocol": "TCP"}
# Ownership of everything below an atomic field.
_COVERED: Mapping[str, Any] = {}


def differences(desired: Manifest, live: Manifest, manager: str) -> tuple[str, ...]:
    """Paths and reasons, without any value, why ``desired`` must be applied; empty where the live object is it."""
    owned = owned_fields(live, manager, desired["apiVersion"])
    if owned is None:
        return (f"not yet written by {manager}",)
    walk = _Walk()
    metadata = {key: value for key, value in desired["metadata"].items() if key not in ("name", "namespace")}
    wanted = {key: value for key, value in desired.items() if key not in ("apiVersion", "kind", "metadata")}
    if metadata:
        wanted["metadata"] = metadata
    walk.fields(wanted, live, owned, "", False)
    return tuple(walk.reasons)


def owned_fields(live: Manifest, manager: str, api_version: str) -> Mapping[str, Any] | None:
    """The FieldsV1 tree of what ``manager`` applied; None unless it applied exactly once, in this API version."""
    entries = _applied(live, manager)
    if len(entries) != 1 or entries[0].get("apiVersion") != api_version:
        return None
    fields: Mapping[str, Any] | None = entries[0].get("fieldsV1")
    return fields or None


def former_managers(live: Manifest, stack: str, manager: str) -> tuple[str, ...]:
    """Managers of other instances of the stack that still own fields of an object which now is ``manager``'s."""
    names = {str(e.get("manager")) for e in live["metadata"].get("managedFields") or () if _is_apply(e)}
    return tuple(sorted(n for n in names - {manager} if n.startswith(field_manager(stack, ""))))


def claimed(live: Manifest, manager: str) -> list[Mapping[str, Any]] | None:
    """``managedFields`` with every field of the spec that another hand set turned into ours; None if there is none.

    Applying after that removes those that we do not render. It is needed where both cannot be at once, as in a volume
    of two types.
    """
    entries = live["metadata"].get("managedFields") or []
    foreign = [e for e in entries if e.get("operation") == "Update" and not e.get("subresource")]
    ours = _applied(live, manager)
    taken = [e["fieldsV1"]["f:spec"] for e in foreign if "f:spec" in (e.get("fieldsV1") or {})]
    if len(ours) != 1 or not taken:
        return None
    fields = dict(ours[0]["fieldsV1"])
    for spec in taken:
        fields["f:spec"] = union(fields.get("f:spec", {}), spec)
    left = [{**e, "fieldsV1": {k: v for k, v in e["fieldsV1"].items() if k != "f:spec"}} for e in foreign]
    others = [e for e in entries if e not in foreign and e is not ours[0]]
    return [*others, *(e for e in left if e["fieldsV1"]), {**ours[0], "fieldsV1": fields}]


def content(item: Manifest) -> Manifest:
    """What of an object is compared to tell whether the server changed it."""
    hidden = ("managedFields", "resourceVersion", "generation")
    metadata = {key: value for key, value in item["metadata"].items() if key not in hidden}
    return {**{key: value for key, value in item.items() if key != "status"}, "metadata": metadata}


def identifies(name: str, item: Any) -> bool:
    """Whether a path element (``k:{"name":"x"}`` or ``v:"x"``) means this item of a list."""
    try:
        key = json.loads(name[2:])
    except ValueError:
        return False
    if name.startswith("v:"):
        return bool(key == item)
    if not name.startswith("k:") or not isinstance(item, Mapping):
        return False
    return all(item.get(field, _KEY_DEFAULTS.get(field)) == value for field, value in key.items())


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of FieldsV1 as one."""
    return {key: union(one.get(key, {}), other.get(key, {})) for key in {*one, *other}}


def _applied(live: Manifest, manager: str) -> list[Mapping[str, Any]]:
    entries = live["metadata"].get("managedFields") or ()
    return [e for e in entries if e.get("manager") == manager and _is_apply(e)]


def _is_apply(entry: Mapping[str, Any]) -> bool:
    return entry.get("operation") == "Apply" and not entry.get("subresource")


class _Walk:
    """One walk over wanted value, live value and ownership at once.

    Ownership of a node is a mapping (of ``f:<field>``, ``k:<key as JSON>``, ``v:<value as JSON>``), empty for a leaf
    or an atomic node, and None where we do not own it.
    """

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def fields(self, wanted: Mapping[str, Any], live: Any, owned: Mapping[str, Any], path: str, numeric: bool) -> None:
        """Every field of a mapping; below a covered node (empty ``owned``) only values count."""
        found = live if isinstance(live, Mapping) else {}
        for key, want in wanted.items():
            node = owned.get(f"f:{key}") if owned else _COVERED
            self.value(want, found.get(key), node, f"{path}.{key}", numeric or key in _QUANTITIES)
        for key in owned:
            if key != "." and key[2:] not in wanted:
                self.reasons.append(f"{path}.{key[2:]}: no longer wanted")

    def value(self, want: Any, live: Any, owned: Mapping[str, Any] | None, path: str, numeric: bool) -> None:
        """One node of any type."""
        if owned is None and want == [] and not live:
            # The server notes no owner of an empty list that it associates by keys.
            return
        if owned is None:
            self.reasons.append(f"{path}: removed or written by another")
        elif isinstance(want, Mapping):
            if want and not isinstance(live, Mapping):
                self.reasons.append(f"{path}: absent")
            elif want or owned:
                self.fields(want, live, owned, path, numeric)
        elif isinstance(want, list):
            self.items(want, live if isinstance(live, list) else [], owned, path, numeric)
        elif not _equal(want, live, numeric):
            self.reasons.append(f"{path}: differs")

    def items(self, want: list[Any], live: list[Any], owned: Mapping[str, Any], path: str, numeric: bool) -> None:
        """A list: by position where it is atomic, else by the keys that the server associates items with."""
        if not owned:
            if len(want) != len(live):
                self.reasons.append(f"{path}: has another number of items")
            for index, (item, found) in enumerate(zip(want, live, strict=False)):
                self.value(item, found, _COVERED, f"{path}[{index}]", numeric)
            return
        rest = {name: node for name, node in owned.items() if name != "."}
        for index, item in enumerate(want):
            name = next((name for name in rest if identifies(name, item)), "")
            node = rest.pop(name, None)
            found = next((entry for entry in live if name and identifies(name, entry)), None)
            self.value(item, found, None if found is None else node, f"{path}[{index}]", numeric)
        self.reasons.extend(f"{path}: an item is no longer wanted" for _unused in rest)


def _equal(want: Any, live: Any, numeric: bool) -> bool:
    if live is None:
        # The server leaves out empty text, zero and false where they mean nothing; that we still own the field tells
        # this from a removal.
        return not want
    if isinstance(want, bool) or isinstance(live, bool):
        return want is live
    if numeric and want != live:
        number = quantity(want)
        return number is not None and number == quantity(live)
    return bool(want == live)
