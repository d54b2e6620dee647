# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets with certificates: what is known of them, and what is wrong with those that somebody else makes.

What ``pki`` makes is judged there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._errors import MissingLibrary
from .._findings import Finding, mistake
from .._kubernetes.client import Client
from .._kubernetes.manifest import INSTANCE_LABEL, label_of
from .._pki import judge
from .._pki.pem import Unreadable
from .._pki.texts import MADE_BY_PKI, day
from .._pki.x509 import CLIENT, SERVER, Certificate, need_library, read_certificates
from .grpc_tls import CERTIFICATE, GENERATION_ANNOTATION, KEY, TlsSecret, holds_certificate, tls_secrets
from .model import Instance, Stack, TlsFact
from .tier import Duty

# Secret → its keys with their texts.
Texts = Mapping[str, Mapping[str, str]]


def facts_of_certificates(
    client: Client, stack: Stack, secrets: Mapping[str, Mapping[str, Any] | None], warnings: list[str]
) -> dict[str, Any]:
    """The facts about Secrets with certificates, of those that exist."""
    used = {each.name for instance in stack.instances for each in tls_secrets(instance)}
    there = {name: secret for name in used if (secret := secrets[name]) is not None}
    found = unfit(stack, secrets, client.now(), warnings) if there else ()
    return {"certificates": {name: _fact(secret) for name, secret in there.items()}, "unfit": found}


def _fact(secret: Mapping[str, Any]) -> TlsFact:
    uid, data = secret["metadata"]["uid"].encode(), secret.get("data") or {}
    authorities = {key: value for key, value in data.items() if key not in (CERTIFICATE, KEY)}
    digests = {k: hmac.new(uid, v.encode(), hashlib.sha256).hexdigest()[:16] for k, v in authorities.items()}
    generation = (secret["metadata"].get("annotations") or {}).get(GENERATION_ANNOTATION, "")
    empty = tuple(key for key, value in sorted(authorities.items()) if not holds_certificate(_decoded(value)))
    return TlsFact(digests, generation, empty)


def _decoded(value: str) -> str:
    """A value of a Secret as text."""
    return base64.b64decode(value).decode("utf-8", "replace")


def unfit(
    stack: Stack, secrets: Mapping[str, Mapping[str, Any] | None], now: datetime, warnings: list[str]
) -> tuple[Finding, ...]:
    """Everything that is wrong with certificates in live Secrets; without a library to read them a warning."""
    given = _given(stack, secrets)
    used = [(i, each) for i in stack.instances for each in tls_secrets(i) if each.name in given]
    if not used:
        return ()
    try:
        need_library()
    except MissingLibrary as missing:
        names = ", ".join(sorted({each.name for _instance, each in used}))
        warnings.append(f"the certificates in {names} were not looked at: {missing}")
        return ()
    found: list[Finding] = []
    for instance, each in used:
        where, data = f"instances.{instance.name}.", given[each.name]
        if data.get(CERTIFICATE) and data.get(KEY) and (f"{each.option}.secret", KEY) in each.keys:
            found += _of_pair(stack, instance, each, given, now)
        files = [(path, key) for path, key in each.keys if key not in (CERTIFICATE, KEY) and data.get(key)]
        found += [problem for path, key in files for problem in _expired(where + path, each.name, key, data[key], now)]
    return tuple(dict.fromkeys(found))


def _given(stack: Stack, secrets: Mapping[str, Mapping[str, Any] | None]) -> Texts:
    """The texts of Secrets with certificates that the module pki did not make."""
    found = {}
    for name in {each.name for instance in stack.instances for each in tls_secrets(instance)}:
        secret = secrets[name]
        if secret is not None and not label_of(secret, INSTANCE_LABEL).startswith(MADE_BY_PKI):
            data = secret.get("data") or {}
            found[name] = {key: _decoded(value) for key, value in data.items()}
    return found


def _of_pair(stack: Stack, instance: Instance, secret: TlsSecret, given: Texts, now: datetime) -> list[Finding]:
    """What is wrong with the certificate that an instance shows."""
    where, data = f"instances.{instance.name}.{secret.option}.secret", given[secret.name]
    found: list[Finding] = []
    pair = judge.pair(where, secret.name, data[CERTIFICATE], data[KEY], found)
    if pair is None:
        return found
    server = secret.option == "grpc_tls"
    names, trusted = _as_called(stack, instance, given) if server else ([], [])
    return found + judge.leaf(where, pair, SERVER if server else CLIENT, names, trusted, now)


def _as_called(stack: Stack, instance: Instance, given: Texts) -> tuple[list[str], list[Certificate]]:
    """The names by which a server is called, and the CAs that the queriers of its own stack verify it with."""
    names, trusted = list(instance["grpc_tls"]["names"]), []
    for querier in stack.doing(Duty.QUERY):
        local = querier.options.get("local_tls")
        if not local or instance not in stack.doing(Duty.STORE_API) or querier.name == instance.name:
            continue
        names.append(local["server_name"])
        secret = (querier.options.get("client_tls") or {}).get("secret", "")
        trusted += _readable(given.get(secret, {}).get(local["ca"] or "", ""))
    return names, trusted


def _expired(where: str, secret: str, key: str, text: str, now: datetime) -> list[Finding]:
    """A file of CAs of which none is valid any longer: nobody is trusted by it."""
    certificates = _readable(text)
    if not certificates or any(now < each.not_after for each in certificates):
        return []
    last = max(each.not_after for each in certificates)
    what = f"every CA in {key} of the Secret {secret} has expired, the last one on {day(last)}"
    return [mistake("certificate-unfit", where, what, "put valid ones there")]


def _readable(text: str) -> list[Certificate]:
    try:
        return read_certificates(text)
    except Unreadable:
        return []
