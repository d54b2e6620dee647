# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The typed mapping of one object store, as the inventory and every module take it.

Its upper level says how to reach the store, in the words of ``objstore.yml``, and what the bucket shall be;
``pods`` holds what differs for the pods (a narrower credential, another address) and defaults to the upper level;
``access.<role>`` what differs from that for the pods of one access role.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.common.validation import check_type_bool

from .._errors import InvalidInput, nearest
from .._findings import Finding, beneath, mistake, source
from .._options.convert import unknown
from .._options.rows import Option, is_set
from .._options.rows import argument_spec as rows_to_spec
from . import credentials
from .credentials import GRANT_TO, ROLES, Access
from .feature_options import OPTIONS, mistakes_in_features
from .keys import PROVIDERS, STORE, credential_keys
from .objstore_yml import problems

# What stands before its options in messages, unless it is told where they were typed.
AT = "store."
_OUTER = ("type", "prefix", "ca")
_NOT_FOR_PODS = ("type", "prefix")
_NOT_THANOS = frozenset((*OPTIONS, *credentials.OPTIONS, "pods", "access"))


def union() -> dict[str, Option]:
    """Every key of every provider; what two providers have in common is one row. Required ones depend on the type."""
    rows: dict[str, Option] = {}
    for provider in PROVIDERS.values():
        for name, key in provider.keys.items():
            rows[name] = replace(_join(rows[name], key) if name in rows else key, required=False)
    return rows


def _join(left: Option, right: Option) -> Option:
    options = {**(left.options or {}), **(right.options or {})} or None
    choices, secret = left.choices or right.choices, left.secret or right.secret
    return replace(left, secret=secret, choices=choices, options=options)


def rows() -> dict[str, Option]:
    """The suboptions of a ``store``. What else is required depends on the type: see ``mistakes``."""
    keys = {"ca": Option(), **union()}
    inner = {**keys, **credentials.OPTIONS}
    role = Option("dict", options={**inner, **GRANT_TO}, folded=True)
    return {
        "type": Option(choices=tuple(PROVIDERS), required=True),
        "prefix": Option(),
        **keys,
        **OPTIONS,
        **credentials.OPTIONS,
        "pods": Option("dict", options=inner, folded=True),
        "access": Option("dict", options=dict.fromkeys(ROLES, role)),
    }


def argument_spec() -> dict[str, Any]:
    """The suboptions of a ``store`` as AnsibleModule wants them."""
    return rows_to_spec(rows())


def for_bucket(store: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the bucket: the keys of ``objstore.yml`` of the upper level that are set.

    Beneath a key Ansible has filled in what any provider has there, as None, and the store's own may not know it.
    """
    return {key: _set(value) for key, value in _upper(store).items()}


def _upper(store: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in store.items() if key not in _NOT_THANOS and value is not None}


def _set(value: Any) -> Any:
    """The value without what is not set beneath it."""
    if not isinstance(value, Mapping):
        return value
    return {key: _set(below) for key, below in value.items() if below is not None}


def for_pods(store: Mapping[str, Any], where: str = "") -> dict[str, Access]:
    """What the pods of each access role use; ``all`` is every role that ``access`` does not name.

    The upper level, and over it what ``pods`` and ``access`` say. An empty text there removes a value.
    """
    return credentials.accesses(store, for_bucket(store), where)


# A bucket does not depend on the version of Thanos; what the pods' keys need is checked where their Secret is made.
ANY_VERSION = "0.42"
# Beside the bucket's name; in the HTTP client's options the same name would mean something else.
_TIMEOUT = (
    "it is an option of the module bucket, beside store",
    "leave it out; the role objstore waits 60 seconds for each answer",
)
_AT_TOP = replace(STORE, instead={**STORE.instead, "timeout": _TIMEOUT})


def mistakes(store: Any, version: str, where: str = AT, whole: bool = True) -> list[Finding]:
    """Every mistake in a raw ``store`` mapping, of the bucket's side and of the pods'. No secret value is in them.

    Unless the ``whole`` of it is used, only names and types are looked at.
    """
    if not isinstance(store, Mapping):
        return [_must_be(where.rstrip("."), "a mapping with at least type and the bucket")]
    kind = store.get("type")
    if kind is not None and not isinstance(kind, str):
        return [_must_be(f"{where}type", f"one of {', '.join(PROVIDERS)}")]
    own = PROVIDERS[kind].keys if kind in PROVIDERS else union()
    known = [*_OUTER, *own, *_NOT_THANOS]
    found = [unknown(k, known, where, _AT_TOP) for k in store if k not in known]
    known_store = {k: v for k, v in store.items() if k in known}
    found += _problems(_upper(known_store), version, where, whole and (_manages(store) or _reaches(known_store)))
    found += mistakes_in_features(known_store, where) + _mistakes_in_levels(known_store, own, where)
    bare = {_bare(finding, where) for finding in found}
    well_formed = _well_formed(known_store)
    accesses = for_pods(well_formed, where)
    if whole:
        found += credentials.without_effect(well_formed, accesses, where)
        found += credentials.emptied(well_formed, accesses, where, several=True)
    for access in accesses.values():
        inner = access.where
        if access.mode not in credentials.MODES:
            continue
        theirs = credentials.mistakes(access) if whole else []
        theirs += _problems(access.keys, version, inner, whole and access.mode != "external")
        found += [finding for finding in theirs if _bare(finding, inner) not in bare]
        bare |= {_bare(finding, inner) for finding in theirs}
    return found


def typed_at(raw: Mapping[str, Any]) -> str:
    """What stands before an option of the store in messages: ``store.``, or the variable that ``sources`` names."""
    given = raw.get("sources")
    return f"{source(AT.rstrip('.'), given if isinstance(given, Mapping) else {})}."


def _bare(finding: Finding, where: str) -> Finding:
    """What is said of an option wherever it stands: the levels say much of each other again."""
    return replace(finding, where=finding.where.removeprefix(where))


def _must_be(where: str, what: str) -> Finding:
    return mistake("option-type", where, f"must be {what}", joint=" ")


def _manages(store: Mapping[str, Any]) -> bool:
    try:
        return bool(check_type_bool(store.get("manage", True)))
    except TypeError:
        return True


def says_where(keys: Mapping[str, Any]) -> bool:
    """Whether these keys name the store and the bucket; the upper level need not for a bucket that is not managed."""
    who = credential_keys(keys["type"])
    needed = (name for name, key in PROVIDERS[keys["type"]].keys.items() if key.required and name not in who)
    return all(is_set(keys.get(name)) for name in needed)


def _reaches(store: Mapping[str, Any]) -> bool:
    """Whether the upper level leads to a bucket that is left alone all the same: ``probe`` goes there."""
    kind = store.get("type")
    if kind not in PROVIDERS:
        return False
    secrets = (name for name, key in PROVIDERS[kind].keys.items() if key.secret)
    return (kind in credentials.OPTIONAL or any(is_set(store.get(name)) for name in secrets)) and says_where(store)


def _levels(store: Mapping[str, Any]) -> dict[str, Any]:
    """Path → raw value of everything beneath the upper level."""
    return {path.removesuffix("."): level for path, level in credentials.levels(store).items() if path}


def _mistakes_in_levels(store: Mapping[str, Any], own: Collection[str], where: str) -> list[Finding]:
    found = credentials.malformed(store, where)
    if store.get("access") is not None and not isinstance(store["access"], Mapping):
        found.append(_must_be(f"{where}access", f"a mapping of {', '.join(ROLES)}"))
    for path, level in _levels(store).items():
        role = path.removeprefix("access.")
        if path != role and role not in ROLES:
            what = "there is no such access role"
            found.append(mistake("option-unknown", f"{where}{path}", what, nearest(role, ROLES).strip()))
        elif level is not None and not isinstance(level, Mapping):
            found.append(_must_be(f"{where}{path}", "a mapping"))
        elif level:
            found += [
                mistake("store-invalid", f"{where}{path}.{k}", f"set it in {where.rstrip('.')}, it is the same for all")
                for k in level
                if k in _NOT_FOR_PODS
            ]
            known = [*own, *_OUTER, *credentials.OPTIONS, *(GRANT_TO if path != "pods" else ())]
            # Of other names it is told where the levels lie over each other.
            lost = [k for k in level if k not in known and (level[k] is None or k in GRANT_TO)]
            found += [unknown(k, known, f"{where}{path}.", STORE) for k in lost]
            found += credentials.malformed(level, f"{where}{path}.")
    return found


def _well_formed(store: Mapping[str, Any]) -> dict[str, Any]:
    """Without the levels, and the parts of levels, that there is a sentence about already."""

    def level(value: Any) -> Any:
        return {k: v for k, v in value.items() if k not in _NOT_FOR_PODS} if isinstance(value, Mapping) else None

    access = store["access"].items() if isinstance(store.get("access"), Mapping) else ()
    return {
        **store,
        "pods": level(store.get("pods")),
        "access": {role: level(value) for role, value in access if role in ROLES},
    }


def _problems(keys: Mapping[str, Any], version: str, where: str, whole: bool) -> list[Finding]:
    try:
        return problems(read_ca(keys) if whole else keys, version, where, whole)
    except InvalidInput as e:
        return beneath(where, e.findings)


def read_ca(keys: Mapping[str, Any]) -> dict[str, Any]:
    """``keys`` with the content of ``ca`` where it was a path. Raises InvalidInput when it cannot be read."""
    ca = keys.get("ca")
    if not isinstance(ca, str) or not ca or "-----BEGIN" in ca:
        return dict(keys)
    try:
        return {**keys, "ca": Path(ca).expanduser().read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError, ValueError) as e:
        reason = getattr(e, "strerror", None) or "not a text file"
        what, advice = f"the file {ca!r} cannot be read ({reason})", "give its path or certificates in PEM form"
        raise InvalidInput([mistake("option-file", "ca", what, advice)]) from None
