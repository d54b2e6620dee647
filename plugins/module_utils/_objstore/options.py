# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The typed mapping of one object store, as the inventory and every module take it.

Its upper level says how to reach the store, in the words of ``objstore.yml``, and what the bucket shall be;
``pods`` holds what differs for the pods (a narrower credential, another address) and defaults to the upper level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._errors import InvalidInput
from .features import OPTIONS, mistakes_in_features
from .keys import PROVIDERS, Key
from .objstore_yml import problems
from .values import unknown

_ANSIBLE = {"duration": "str", "go_duration": "str", "map": "dict", "section": "dict"}
# Ansible warns of options that sound like a secret and do not say whether they are one.
_SOUNDS_SECRET = ("pass", "secret", "token", "key", "credential", "auth")
_OUTER = ("type", "prefix", "ca")
_NOT_FOR_PODS = ("type", "prefix")


def union() -> dict[str, Key]:
    """Every key of every provider; what two providers have in common is one row."""
    rows: dict[str, Key] = {}
    for provider in PROVIDERS.values():
        for name, key in provider.keys.items():
            rows[name] = _join(rows[name], key) if name in rows else key
    return rows


def _join(left: Key, right: Key) -> Key:
    keys = {**(left.keys or {}), **(right.keys or {})} or None
    return Key(left.type, secret=left.secret or right.secret, choices=left.choices or right.choices, keys=keys)


def argument_spec() -> dict[str, Any]:
    """The suboptions of a ``store`` as AnsibleModule wants them. Required keys depend on the type: see ``mistakes``."""
    keys = {name: _row(name, key) for name, key in union().items()}
    ca = {"ca": {"type": "str", "no_log": False}}
    return {
        "type": {"type": "str", "choices": list(PROVIDERS), "required": True},
        "prefix": {"type": "str"},
        **ca,
        **keys,
        **OPTIONS,
        "pods": {"type": "dict", "options": {**ca, **keys}},
    }


def _row(name: str, key: Key) -> dict[str, Any]:
    row: dict[str, Any] = {"type": _ANSIBLE.get(key.type, key.type)}
    if key.secret:
        row["no_log"] = True
    elif any(part in name for part in _SOUNDS_SECRET):
        row["no_log"] = False
    if key.choices:
        row["choices"] = list(key.choices)
    if key.keys is not None:
        row["options"] = {sub: _row(sub, below) for sub, below in key.keys.items()}
    return row


def for_bucket(store: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the bucket: the keys of ``objstore.yml`` of the upper level that are set."""
    return {k: v for k, v in store.items() if k not in OPTIONS and k != "pods" and v is not None}


def for_pods(store: Mapping[str, Any]) -> dict[str, Any]:
    """What the pods use: the upper level, and over it what ``pods`` says. An empty text there removes a value."""
    pods = {k: v for k, v in (store.get("pods") or {}).items() if v is not None}
    return {**for_bucket(store), **pods}


def mistakes(store: Any, version: str, where: str = "store.") -> list[str]:
    """Every mistake in a raw ``store`` mapping, of the bucket's side and of the pods'. No secret value is in them."""
    if not isinstance(store, Mapping):
        return [f"{where.rstrip('.')} must be a mapping with at least type and the bucket."]
    own = PROVIDERS[store["type"]].keys if store.get("type") in PROVIDERS else union()
    known = [*_OUTER, *own, *OPTIONS, "pods"]
    found = [f"{where}{k}: {unknown(str(k), known)}" for k in store if k not in known]
    known_store = {k: v for k, v in store.items() if k in known}
    found += _quietly(lambda: problems(read_ca(for_bucket(known_store)), version, where))
    found += mistakes_in_features(known_store, where)
    pods = store.get("pods") or {}
    if not isinstance(pods, Mapping):
        return [*found, f"{where}pods must be a mapping."]
    found += [
        f"{where}pods.{k}: set it in {where.rstrip('.')}, it is the same for both." for k in pods if k in _NOT_FOR_PODS
    ]
    pods = {k: v for k, v in pods.items() if k not in _NOT_FOR_PODS}
    if pods:
        known_store["pods"] = pods
        ours = _quietly(lambda: problems(read_ca(for_pods(known_store)), version, f"{where}pods."))
        repeated = {sentence.replace(where, f"{where}pods.", 1) for sentence in found}
        found += [sentence for sentence in ours if sentence not in repeated]
    return found


def _quietly(check: Callable[[], list[str]]) -> list[str]:
    try:
        return check()
    except InvalidInput as e:
        return list(e.problems)


def read_ca(keys: Mapping[str, Any]) -> dict[str, Any]:
    """``keys`` with the content of ``ca`` where it was a path. Raises InvalidInput when it cannot be read."""
    ca = keys.get("ca")
    if not isinstance(ca, str) or not ca or "-----BEGIN" in ca:
        return dict(keys)
    try:
        return {**keys, "ca": Path(ca).expanduser().read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError, ValueError) as e:
        reason = getattr(e, "strerror", None) or "not a text file"
        raise InvalidInput(
            [f"ca: the file {ca!r} cannot be read ({reason}); give its path or certificates in PEM form."]
        ) from None
