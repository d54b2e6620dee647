# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the pods of each access role come by their credential, and what that takes of Kubernetes. Pure.

Three levels say it, each over the one before: the store, its ``pods``, and ``access.<role>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._findings import Finding, beneath, mistake
from .._options.convert import convert
from .._options.rows import Option, Placeholder, is_set
from .keys import PROVIDERS, STORE, credential_keys

ALL = "all"
# Where the option ``secrets`` of a tier puts its files.
SECRETS_DIR = "/etc/thanos/secrets"
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
GRANT_TO = {
    "grant_to": Option("list", elements="str", form="grantee", strict=True, blanks=True, wording="a list of names"),
}
_FILE = "objstore.yml"
OPTIONS = {
    "credentials_mode": Option(choices=MODES),
    "credentials_from": Option(
        "dict",
        strict=True,
        options={
            "name": Option(required=True),
            "keys": Option("dict", elements="str", strict=True),
            "key": Option(default=_FILE),
        },
    ),
    "identity": Option("dict", strict=True, options={name: Option() for name in _IDENTITY_OF}),
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


def levels(store: Mapping[str, Any]) -> dict[str, Any]:
    """What is put before an option's name → raw value of that level of a store, the upper one first."""
    access = store.get("access")
    roles = {f"access.{role}.": level for role, level in access.items()} if isinstance(access, Mapping) else {}
    return {"": store, "pods.": store.get("pods"), **roles}


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
        source_key=str(source.get("key") or _FILE),
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


def mistakes(access: Access) -> list[Finding]:
    """What is wrong with it, without any secret value."""
    kind = str(access.keys.get("type") or "")
    found = []
    if access.mode in _FROM and not access.source:
        what = f"{access.mode} needs credentials_from.name, the Secret that has them"
        found.append(mistake("option-incomplete", "credentials_mode", what))
    if access.mode in ("existing", "env") and access.source and not access.taken:
        what = (
            "is required: which key of objstore.yml is at which key of the Secret, such as "
            "{access_key: AWS_ACCESS_KEY_ID}"
        )
        found.append(mistake("option-incomplete", "credentials_from.keys", what, joint=" "))
    if access.own.get("grant_to") and kind in PROVIDERS and kind not in CARRYING:
        advice = "leave it out, and give the documents that bucket_access returns to the provider's own tools"
        what = f"a bucket of type {kind} carries no access list"
        found.append(mistake("option-without-effect", "grant_to", what, advice))
    found += _federated(access.keys.get("service_account"))
    found += _taken(access, kind) + (_identity(access, kind) if access.mode == "identity" else [])
    return beneath(access.where, found)


def _federated(text: Any) -> list[Finding]:
    """What is wrong with a credential of Google that exchanges a token of somebody else, which the pods must have."""
    source, whose = _token_source(text)
    origin = _origin(source)
    if not origin:
        return []
    has = "has as source_credentials" if whose else "is"
    what = f"{has} an external_account whose token comes from {origin}"
    advice = (
        f"nothing puts that into the pods: mount a Secret with the option secrets of the tiers and name its file below "
        f"{SECRETS_DIR}/, or use credentials_mode: identity"
    )
    return [mistake("store-invalid", "service_account", what, advice, joint=" ")]


def _token_source(text: Any) -> tuple[dict[str, Any], bool]:
    """Where an external_account has its token from, and whether it is the source of another one; empty for others."""
    try:
        document = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        document = {}  # told where its form is checked
    inner = False
    while isinstance(document, Mapping) and document.get("type") == "impersonated_service_account":
        document, inner = document.get("source_credentials"), True
    if not isinstance(document, Mapping) or document.get("type") != "external_account":
        return {}, inner
    return _given(document.get("credential_source")), inner


def _origin(source: Mapping[str, Any]) -> str:
    """The program or the first file that a ``credential_source`` names and that no Secret brings; empty for none."""
    if "executable" in source:
        return "a program"
    return next((f"the file {path}" for path in _files(source) if not path.startswith(f"{SECRETS_DIR}/")), "")


def _files(source: Mapping[str, Any]) -> list[str]:
    certificate = _given(source.get("certificate"))
    files = (source.get("file"), certificate.get("certificate_config_location"), certificate.get("trust_chain_path"))
    return [str(path) for path in files if path]


def files_of(keys: Mapping[str, Any]) -> tuple[str, ...]:
    """The files that the credential in these keys of ``objstore.yml`` is read with, which the pods must have."""
    return tuple(_files(_token_source(keys.get("service_account"))[0]))


def without_effect(store: Mapping[str, Any], found: Mapping[str, Access], where: str) -> list[Finding]:
    """Options of a level that no access role beneath it uses, most likely since its mode was forgotten."""
    told = []
    for path, level in levels(store).items():
        own = found.get(path.removeprefix("access.").rstrip("."))
        modes = {own.mode} if own else {access.mode for access in found.values()}
        given = {name for name in _given(level) if is_set(_given(level)[name])}
        if "credentials_from" in given and not modes & set(_FROM):
            what = f"has no effect with credentials_mode: {', '.join(sorted(modes))}"
            told.append(mistake("option-without-effect", f"{where}{path}credentials_from", what, joint=" "))
        if "identity" in given and "identity" not in modes:
            what = "needs credentials_mode: identity"
            told.append(mistake("option-incomplete", f"{where}{path}identity", what, joint=" "))
    return told


def emptied(store: Mapping[str, Any], found: Mapping[str, Access], where: str, several: bool) -> list[Finding]:
    """Where credentials are to be written and are none, since a level gives their keys as empty texts.

    ``several`` at once are most likely variables that are not set; one alone may take away that of the level above.
    """
    kind, told = str(store.get("type")), {}
    for role, access in found.items():
        ways = (*_secret_keys(store), *_WAYS)
        if kind not in OPTIONAL or access.mode != MODES[0] or any(access.keys.get(name) for name in ways):
            continue
        mine, pods = _given(_given(store.get("access")).get(role)), _given(store.get("pods"))
        for path, level in {f"access.{role}.": mine, "pods.": pods, "": store}.items():
            names = [name for name in sorted(credential_keys(kind)) if level.get(name) == ""]
            if names and several is (len(names) > 1):
                what = "empty (a variable of the environment that is not set?), so that pods would have no credential"
                advice = "If they find one themselves, say credentials_mode: identity."
                told[mistake("option-empty", f"{where}{path}{', '.join(names)}", what, advice)] = path
    return list(told)


def malformed(level: Mapping[str, Any], where: str) -> list[Finding]:
    """What is wrong with the form of the options of one level, before it is read."""
    found: list[Finding] = []
    rows = {**OPTIONS, **GRANT_TO}
    convert(rows, {name: level[name] for name in rows if name in level}, where, found, STORE)
    return found


def _taken(access: Access, kind: str) -> list[Finding]:
    if kind not in PROVIDERS:
        return []
    keys = PROVIDERS[kind].keys
    who = {name for name in credential_keys(kind) if keys[name].type == "str" and not keys[name].choices}
    found = [
        mistake(
            "credential-invalid",
            f"credentials_from.keys.{key}",
            f"this is no key of a credential of {kind}",
            f"those are {', '.join(sorted(who))}",
        )
        for key in access.taken
        if key not in who
    ]
    given = [key for key in access.own if key in who and is_set(access.own[key])]
    found += [
        mistake("option-conflict", k, f"is set beside credentials_from.keys.{k}", "leave one out", joint=" ")
        for k in given
        if k in access.taken
    ]
    if access.mode != MODES[0]:
        what = f"has no effect with credentials_mode: {access.mode}"
        found += [
            mistake("option-without-effect", key, what, "leave it out", joint=" ")
            for key in given
            if key not in access.taken and keys[key].secret
        ]
    return found


def _identity(access: Access, kind: str) -> list[Finding]:
    found = []
    if kind in PROVIDERS and kind not in OPTIONAL:
        what = f"identity is for S3, GCS and AZURE; {kind} needs a credential"
        found.append(mistake("credential-invalid", "credentials_mode", what))
    for name, value in access.identity.items():
        if name not in _FORMS:
            continue
        pattern, wording = _FORMS[name]
        if kind in PROVIDERS and _IDENTITY_OF[name] != kind:
            what = f"is for type {_IDENTITY_OF[name]} only"
            found.append(mistake("option-without-effect", f"identity.{name}", what, joint=" "))
        elif not re.fullmatch(pattern, value):
            found.append(mistake("option-form", f"identity.{name}", f"{value!r} is not {wording}"))
    if "azure_client_id" in access.identity and is_set(access.keys.get("user_assigned_id")):
        what = "and identity.azure_client_id exclude each other"
        found.append(mistake("option-conflict", "user_assigned_id", what, "leave one out", joint=" "))
    return found
