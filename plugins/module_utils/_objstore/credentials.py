# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pods of each access role come by their credential, and what that takes of Kubernetes. Pure.

Three levels say it, each over the one before: the store, its ``pods``, and ``access.<role>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import nearest
from .keys import PROVIDERS, credential_keys
from .values import Placeholder, converted, is_set

ALL = "all"
ROLES = ("reader", "writer", "compactor")
MODES = ("secret", "existing", "env", "external", "identity")
# Modes in which the credential is in a Secret that somebody else makes.
_FROM = ("existing", "env", "external")

_IDENTITY_OF = {
    "aws_role_arn": "S3",
    "gcp_service_account": "GCS",
    "azure_client_id": "AZURE",
    "azure_tenant_id": "AZURE",
}
# Types whose clients find a credential themselves where none is given.
OPTIONAL = frozenset(_IDENTITY_OF.values())
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_FORMS = {
    "aws_role_arn": (r"arn:aws[a-z-]*:iam::\d{12}:role/\S+", "the ARN of a role, such as arn:aws:iam::1234…:role/name"),
    "gcp_service_account": (r"[^@\s]+@[^@\s]+\.gserviceaccount\.com", "the address of a Google service account"),
    "azure_client_id": (_UUID, "the client id (a UUID) of a managed identity or application"),
    "azure_tenant_id": (_UUID, "the id (a UUID) of a tenant"),
}
_ANNOTATIONS = {
    "aws_role_arn": "eks.amazonaws.com/role-arn",
    "gcp_service_account": "iam.gke.io/gcp-service-account",
    "azure_client_id": "azure.workload.identity/client-id",
    "azure_tenant_id": "azure.workload.identity/tenant-id",
}
_AZURE_PODS = {"azure.workload.identity/use": "true"}
# Where identities come from is a choice between several ways, which these keys make; they are not a credential.
_WAYS = ("aws_sdk_auth", "user_assigned_id", "provider")
# The project and the domains are part of a login and not the pods' own: Thanos finds the container in their project.
_PLACES = re.compile("(project|domain|user_domain)_")

# Types whose buckets carry who may do what in them; see access.py.
CARRYING = ("S3", "GCS", "SWIFT")
# For the level of one access role alone.
GRANT_TO: dict[str, Any] = {"grant_to": {"type": "list", "elements": "str"}}
OPTIONS: dict[str, Any] = {
    "credentials_mode": {"type": "str", "choices": list(MODES)},
    "credentials_from": {
        "type": "dict",
        "no_log": False,
        "options": {
            "name": {"type": "str", "required": True},
            "keys": {"type": "dict", "no_log": False},
            "key": {"type": "str", "default": "objstore.yml", "no_log": False},
        },
    },
    "identity": {"type": "dict", "options": {name: {"type": "str"} for name in _IDENTITY_OF}},
}


@dataclass(frozen=True)
class Access:
    """What the pods of one access role use.

    ``keys`` are flat, with a Placeholder where the value is in the Secret ``source`` at its key ``taken[key]``; ``own``
    are the options of the innermost level.
    """

    role: str
    mode: str
    where: str
    keys: Mapping[str, Any] = field(repr=False)
    own: Mapping[str, Any] = field(repr=False)
    source: str = ""
    source_key: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)
    identity: Mapping[str, str] = field(default_factory=dict)


def accesses(store: Mapping[str, Any], upper: Mapping[str, Any], where: str = "") -> dict[str, Access]:
    """The access role of each Secret of a store → what its pods use.

    ``upper``: the keys of ``objstore.yml`` that make the bucket. ``all`` is every role that has no level of its own.
    """
    levels = _given(store.get("access"))
    roles = [role for role in ROLES if isinstance(levels.get(role), Mapping)]
    names = roles if len(roles) == len(ROLES) else [ALL, *roles]
    return {role: _access(role, store, upper, where) for role in names}


def _given(value: Any) -> dict[str, Any]:
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, Mapping) else {}


def _access(role: str, store: Mapping[str, Any], upper: Mapping[str, Any], where: str) -> Access:
    pods = _given(store.get("pods"))
    mine = _given(_given(store.get("access")).get(role)) if role != ALL else {}
    outer = {name: store[name] for name in OPTIONS if is_set(store.get(name))}
    said = {**outer, **{k: v for k, v in {**pods, **mine}.items() if k in OPTIONS and is_set(v)}}
    mode = str(said.get("credentials_mode") or MODES[0])
    source = _given(said.get("credentials_from")) if mode in _FROM else {}
    taken = {str(k): str(v) for k, v in _given(source.get("keys")).items()} if mode != "external" else {}
    inner, own = ("", outer) if not pods and not mine else ("pods.", pods) if not mine else (f"access.{role}.", mine)
    return Access(
        role=role,
        mode=mode,
        where=where + inner,
        keys={**_keys(mode, upper, pods, mine), **{key: Placeholder(variable(key)) for key in taken}},
        own=own,
        source=str(source.get("name") or ""),
        source_key=str(source.get("key") or OPTIONS["credentials_from"]["options"]["key"]["default"]),
        taken=taken,
        identity={k: str(v) for k, v in _given(said.get("identity")).items() if v} if mode == "identity" else {},
    )


def _keys(mode: str, upper: Mapping[str, Any], pods: Mapping[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    """The levels over each other. One that gives a secret gives all: two credentials never mix."""
    secret = _secret_keys(upper)
    keys = dict(upper) if mode == MODES[0] else _without_credential(upper, upper)
    for level in (pods, mine):
        if any(is_set(level.get(name)) for name in (*secret, "credentials_mode")):
            keys = _without_credential(keys, upper)
        elif mode != MODES[0] and level is mine and mine:
            keys = {k: v for k, v in keys.items() if k not in secret}
        keys.update((k, v) for k, v in level.items() if k not in OPTIONS and k not in GRANT_TO)
    return keys


def _secret_keys(store: Mapping[str, Any]) -> set[str]:
    kind = str(store.get("type"))
    return {name for name, key in PROVIDERS[kind].keys.items() if key.secret} if kind in PROVIDERS else set()


def _without_credential(keys: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(upper.get("type"))
    who = credential_keys(kind) if kind in PROVIDERS else frozenset()
    return {k: v for k, v in keys.items() if k not in who or k in _WAYS or _PLACES.match(k)}


def variable(key: str) -> str:
    """The environment variable that holds a key of ``objstore.yml``."""
    return f"OBJSTORE_{key.upper()}"


def needs_of_pods(access: Access) -> dict[str, Any]:
    """What pods with this Secret need beside it, JSON-ready and without any secret; empty for nothing.

    ``env``: variable → [Secret, key]; ``service_account_annotations`` and ``pod_labels`` as Kubernetes takes them.
    """
    needs: dict[str, Any] = {}
    if access.mode == "env":
        needs["env"] = {variable(key): [access.source, name] for key, name in access.taken.items()}
    if access.identity:
        needs["service_account_annotations"] = {_ANNOTATIONS[k]: v for k, v in access.identity.items()}
    if "azure_client_id" in access.identity:
        needs["pod_labels"] = dict(_AZURE_PODS)
    return needs


def mistakes(access: Access) -> list[str]:
    """What is wrong with it, without any secret value."""
    kind = str(access.keys.get("type") or "")
    found = []
    if access.mode in _FROM and not access.source:
        found.append(f"credentials_mode: {access.mode} needs credentials_from.name, the Secret that has them.")
    if access.mode in ("existing", "env") and access.source and not access.taken:
        found.append(
            "credentials_from.keys is required: which key of objstore.yml is at which key of the Secret, such as "
            "{access_key: AWS_ACCESS_KEY_ID}."
        )
    if access.own.get("grant_to") and kind in PROVIDERS and kind not in CARRYING:
        found.append(
            f"grant_to: a bucket of type {kind} carries no access list; leave it out, and give the documents that "
            "bucket_access returns to the provider's own tools."
        )
    found += _taken(access, kind) + (_identity(access, kind) if access.mode == "identity" else [])
    return [f"{access.where}{sentence}" for sentence in found]


def without_effect(store: Mapping[str, Any], found: Mapping[str, Access], where: str) -> list[str]:
    """Options of a level that no access role beneath it uses, most likely since its mode was forgotten."""
    levels = {"": store, "pods.": store.get("pods")}
    levels.update({f"access.{role}.": level for role, level in _given(store.get("access")).items()})
    sentences = []
    for path, level in levels.items():
        own = found.get(path.removeprefix("access.").rstrip("."))
        modes = {own.mode} if own else {access.mode for access in found.values()}
        given = {name for name in _given(level) if is_set(_given(level)[name])}
        if "credentials_from" in given and not modes & set(_FROM):
            sentences.append(
                f"{where}{path}credentials_from has no effect with credentials_mode: {', '.join(sorted(modes))}."
            )
        if "identity" in given and "identity" not in modes:
            sentences.append(f"{where}{path}identity needs credentials_mode: identity.")
    return sentences


def emptied(store: Mapping[str, Any], found: Mapping[str, Access], where: str, several: bool) -> list[str]:
    """Where credentials are to be written and are none, since a level gives their keys as empty texts.

    ``several`` at once are most likely variables that are not set; one alone may take away that of the level above.
    """
    kind, sentences = str(store.get("type")), {}
    for role, access in found.items():
        ways = (*_secret_keys(store), *_WAYS)
        if kind not in OPTIONAL or access.mode != MODES[0] or any(access.keys.get(name) for name in ways):
            continue
        mine, pods = _given(_given(store.get("access")).get(role)), _given(store.get("pods"))
        for path, level in {f"access.{role}.": mine, "pods.": pods, "": store}.items():
            names = [name for name in sorted(credential_keys(kind)) if level.get(name) == ""]
            if names and several is (len(names) > 1):
                sentences[
                    f"{where}{path}{', '.join(names)}: empty (a variable of the environment that is not set?), so that "
                    "pods would have no credential. If they find one themselves, say credentials_mode: identity."
                ] = path
    return list(sentences)


def malformed(level: Mapping[str, Any], where: str) -> list[str]:
    """What is wrong with the form of the options of one level, before it is read."""
    found = []
    mode = level.get("credentials_mode")
    if is_set(mode) and mode not in MODES:
        found.append(f"{where}credentials_mode: {mode!r} is not one of {', '.join(MODES)}.{nearest(str(mode), MODES)}")
    names = level.get("grant_to") or []
    names = names.split(",") if isinstance(names, str) else names
    if not isinstance(names, list):
        found.append(f"{where}grant_to: this is not a list of names.")
    elif not all(isinstance(name, (str, int)) and str(name).strip() for name in names):
        found.append(f"{where}grant_to: an entry is no name; an empty one may be a variable that is not set.")
    for name in ("credentials_from", "identity"):
        value = level.get(name)
        if not is_set(value):
            continue
        if not isinstance(value, Mapping):
            found.append(f"{where}{name}: this is not a mapping.")
            continue
        known = OPTIONS[name]["options"]
        found += [f"{where}{name}.{k}: there is no such key.{nearest(str(k), known)}" for k in value if k not in known]
        for key, row in known.items():
            if row["type"] == "dict" and not isinstance(value.get(key) or {}, Mapping):
                found.append(f"{where}{name}.{key}: this is not a mapping.")
            elif is_set(value.get(key)):
                converted("map" if row["type"] == "dict" else "str", value[key], f"{where}{name}.{key}", found)
    return found


def _taken(access: Access, kind: str) -> list[str]:
    if kind not in PROVIDERS:
        return []
    keys = PROVIDERS[kind].keys
    who = {name for name in credential_keys(kind) if keys[name].type == "str" and not keys[name].choices}
    found = [
        f"credentials_from.keys.{key}: this is no key of a credential of {kind}; those are {', '.join(sorted(who))}."
        for key in access.taken
        if key not in who
    ]
    given = [key for key in access.own if key in who and is_set(access.own[key])]
    found += [f"{k} is set beside credentials_from.keys.{k}; leave one out." for k in given if k in access.taken]
    if access.mode != MODES[0]:
        found += [
            f"{key} has no effect with credentials_mode: {access.mode}; leave it out."
            for key in given
            if key not in access.taken and keys[key].secret
        ]
    return found


def _identity(access: Access, kind: str) -> list[str]:
    found = []
    if kind in PROVIDERS and kind not in OPTIONAL:
        found.append(f"credentials_mode: identity is for S3, GCS and AZURE; {kind} needs a credential.")
    for name, value in access.identity.items():
        if name not in _FORMS:
            continue
        pattern, wording = _FORMS[name]
        if kind in PROVIDERS and _IDENTITY_OF[name] != kind:
            found.append(f"identity.{name} is for type {_IDENTITY_OF[name]} only.")
        elif not re.fullmatch(pattern, value):
            found.append(f"identity.{name}: {value!r} is not {wording}.")
    if "azure_client_id" in access.identity and is_set(access.keys.get("user_assigned_id")):
        found.append("user_assigned_id and identity.azure_client_id exclude each other; leave one out.")
    return found
