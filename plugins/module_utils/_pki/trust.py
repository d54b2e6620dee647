# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA certificates that a host trusts, as keys of its Secrets; and when their readers must start anew. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .._findings import Finding, mistake
from . import judge
from .asked import LeafAsked
from .pem import Unreadable
from .x509 import Certificate, bundle, read_certificates

GENERATION = "o11y.thanos/generation"
_OWN = "tls.crt"
# What a server's Secret calls the CAs of its clients; a client's has a key for each server.
_OF_SERVER = "ca.crt"


def bundles(
    name: str, asked: LeafAsked, live: Mapping[str, str], now: datetime, found: list[Finding]
) -> dict[str, str]:
    """Key of the Secret → CA certificates. What the task does not know stays as it is."""
    gone = {_OWN, *(f"{name}.crt" for name in asked.forget)}
    kept = {key: text for key, text in live.items() if key.endswith(".crt") and key not in gone}
    if asked.trust is None:
        if name == "server" and not kept.get(_OF_SERVER):
            what = "is required: the certificates of the CAs of its hubs"
            found.append(mistake("option-required", "server.trust", what, joint=" "))
        return kept
    wanted: dict[str, str] = {}
    for key, text in asked.trust.items():
        edge = key.removesuffix(".crt")
        where = f"{name}.trust" if name == "server" else f"{name}.trust.{edge}"
        certificates = judge.authorities(where, text, now, found)
        if asked.keep and name == "server":
            certificates += _readable(kept.get(key, ""))
        wanted[key] = bundle(certificates)
    return {**kept, **wanted} if asked.keep else wanted


def generation(annotation: str, before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """The number that readers of a client's Secret are started with.

    A querier reads the CA of an address once. It must start anew when that CA changed, and not when an address came
    or went.
    """
    number = int(annotation) if annotation.isdigit() else 1
    same = all(fingerprints(before[key]) == fingerprints(text) for key, text in after.items() if key in before)
    return number if same else number + 1


def fingerprints(text: str) -> list[str]:
    """Those of the certificates of a bundle; of one that cannot be read a word that no certificate has."""
    try:
        return sorted({each.fingerprint for each in read_certificates(text)})
    except Unreadable:
        return ["unreadable"]


def trusts(live: Mapping[str, str]) -> dict[str, list[str]]:
    """What a Secret trusts now: whom, and the fingerprints of their CAs."""
    keys = [key for key in live if key.endswith(".crt") and key != _OWN]
    return {key.removesuffix(".crt"): fingerprints(live[key]) for key in sorted(keys)}


def _readable(text: str) -> list[Certificate]:
    try:
        return read_certificates(text)
    except Unreadable:
        return []
