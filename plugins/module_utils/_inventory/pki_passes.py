# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module pki is asked of one host of a fleet: which CAs and certificates it has, and whom it trusts. Pure.

A run takes two passes: in the first, each host makes its own CAs and tells their certificates; in the second, each
makes its certificates and is given the CAs of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput, nearest
from .._findings import ERROR, Finding, mistake
from .roles import BOTH, EDGE, HUB, dns_label, forgotten
from .variables import listed, mapping

_CLIENT, _SERVER = "client_ca", "server_ca"
# Options of the module that ``thanos_pki`` may hold. Steps and a lost CA have variables of their own: given on the
# command line, ``thanos_pki`` would take the place of what the inventory says in it.
LASTING = (_CLIENT, _SERVER, "client", "server", "settle")
# Host → result of its first pass; ``trial`` in it says that the pass was in check mode, though the run is not.
Results = Mapping[str, Mapping[str, Any]]


def needed(host: str, topology: Mapping[str, Any]) -> dict[str, bool]:
    """Which CAs the host has: one for the certificate that it shows as a client, one for that of its server."""
    there = topology["hosts"][host]
    if not there["tls"]:
        return {}
    found = {_CLIENT: bool(there["reads"]), _SERVER: bool(there["read_by"])}
    if there["partial"]:
        # Who is at the other ends is not to be seen.
        found = {_CLIENT: there["role"] in (HUB, BOTH), _SERVER: there["role"] in (EDGE, BOTH)}
    return {name: wanted for name, wanted in found.items() if wanted}


def asked_for(variables: Mapping[str, Any], problems: list[Finding]) -> dict[str, Any]:
    """What the user says of certificates, options of the module pki; every mistake is put on the ``problems``."""
    more = dict(mapping(variables, "thanos_pki", problems))
    for name in more:
        if name not in LASTING:
            other = {"rotate": "thanos_pki_rotate", "new_ca": "thanos_pki_new_ca"}.get(str(name))
            advice = f"use the variable {other}" if other else nearest(str(name), LASTING).strip()
            problems.append(mistake("option-unknown", f"thanos_pki.{name}", "there is no such option", advice))
    for name in ("client", "server"):
        if not isinstance(more.get(name) or {}, Mapping):
            problems.append(mistake("variable-form", f"thanos_pki.{name}", "this must be a mapping"))
    rotate = dict(mapping(variables, "thanos_pki_rotate", problems))
    problems += [
        mistake("option-unknown", f"thanos_pki_rotate.{name}", f"the CAs are {_CLIENT} and {_SERVER}")
        for name in rotate
        if name not in (_CLIENT, _SERVER)
    ]
    new = variables.get("thanos_pki_new_ca")
    return {**more, "rotate": rotate, **({} if new in (None, "") else {"new_ca": new})}


def _asked(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The same; raises InvalidInput with the mistakes."""
    problems: list[Finding] = []
    asked = asked_for(variables, problems)
    if problems:
        raise InvalidInput(problems)
    return asked


def first_pass(host: str, topology: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The options for the host's own CAs; empty where it needs none."""
    more = _asked(variables)
    asked: dict[str, Any] = {name: more.get(name) or True for name in needed(host, topology)}
    if not asked:
        return {}
    begin = {ca: step for ca, step in more["rotate"].items() if step == "begin" and ca in asked}
    return {**asked, **({"rotate": begin} if begin else {}), **_given(more, ("new_ca", "settle"))}


def peers(host: str, topology: Mapping[str, Any], told: Results) -> list[str]:
    """The hubs of an edge whose CA this run has not been told: whom the edge lets in depends on them.

    Not those whose variables cannot be read: their connection would be taken for another one.
    """
    if _SERVER not in needed(host, topology):
        return []
    hubs = [hub for hub in topology["hosts"][host]["read_by"] if topology["hosts"][hub]["known"]]
    return [hub for hub in hubs if not _authority(told.get(hub), _CLIENT)]


def second_pass(host: str, topology: Mapping[str, Any], variables: Mapping[str, Any], told: Results) -> dict[str, Any]:
    """The options for the host's certificates, and whom it trusts. ``told``: host → result of its first pass.

    Of a host that told nothing in this run, what was trusted before stays.
    """
    there, wanted = topology["hosts"][host], needed(host, topology)
    more, asked = _asked(variables), first_pass(host, topology, variables)
    if _SERVER in wanted:
        known = {hub: _authority(told.get(hub), _CLIENT) for hub in there["read_by"]}
        trust = [text for text in known.values() if text]
        own = more.get("server") or {}
        if not trust and not own.get("trust") and _trusts_nobody(told.get(host)):
            raise InvalidInput([_nobody_let_in(host, topology, told)])
        names = [there["server_name"], *(listed(own.get("names")) or ())]
        keep = {"keep": True} if there["partial"] or len(trust) < len(known) else {}
        asked["server"] = {**own, "names": names, **keep, **_trusting(trust, own)}
    if _CLIENT in wanted:
        known = {edge: _authority(told.get(edge), _SERVER) for edge in there["reads"]}
        gone = {dns_label(name): True for name in forgotten(variables, [])}
        given = {dns_label(edge): text for edge, text in known.items() if text and dns_label(edge) not in gone}
        forget = {"forget": list(gone)} if gone else {}
        # An endpoint that the run does not name stays, and so does the CA that it is verified with.
        own = more.get("client") or {}
        asked["client"] = {**own, "keep": True, "trust": given, **_trusting(given, own), **forget}
    steps = {ca: step for ca, step in more["rotate"].items() if ca in wanted}
    if steps:
        asked["rotate"] = steps
    # Who else reads a host of which a part of the fleet is to be seen is not known, and without readers pki refuses.
    if "switch" in steps.values() and not there["partial"]:
        asked["readers"] = {ca: _readers(host, ca, there, told) for ca, step in steps.items() if step == "switch"}
    return asked


def _trusting(found: Any, own: Mapping[str, Any]) -> dict[str, Any]:
    """The option ``trust`` of what the others told beside what the user names; empty where there is neither.

    What the user names in another form than the others are in goes on as it is, for the module to refuse.
    """
    named = own.get("trust")
    if not named:
        return {"trust": found} if found else {}
    if isinstance(found, Mapping) and isinstance(named, Mapping):
        return {"trust": {**found, **named}}
    return {"trust": [*found, *named] if isinstance(found, list) and isinstance(named, (list, tuple)) else named}


def _trusts_nobody(result: Mapping[str, Any] | None) -> bool:
    """Whether a host's first pass told that its server's Secret lets in nobody yet."""
    return bool(result) and not (result or {}).get("failed") and not _trusts(result).get("server")


def _nobody_let_in(host: str, topology: Mapping[str, Any], told: Results) -> Finding:
    """The finding about an edge that was told of no hub whom it shall let in: what is wrong is wrong with the hub."""
    reasons = {hub: _why_untold(told.get(hub)) for hub in topology["hosts"][host]["read_by"]}
    if not reasons:
        what = "is in a part of the fleet without a hub that reads it, and lets in none yet"
        advice = "Deploy it once in a run that has its hub, too."
        return Finding("fleet-untold", ERROR, host, what, advice, joint=" ")
    why = ", and ".join(f"{hub} {reason}" for hub, reason in reasons.items())
    what = f"shall let in {' and '.join(reasons)}, and has not been told the certificate of a CA of theirs: {why}"
    advice = f"Correct that, and deploy {' and '.join(reasons)} and {host} in one run."
    return Finding("fleet-untold", ERROR, host, what, advice, joint=" ")


def _why_untold(result: Mapping[str, Any] | None) -> str:
    found = result or {}
    if found.get("msg"):
        return f"failed ({' '.join(str(found['msg']).split()).rstrip('.')})"
    return "has no CA before it is deployed" if found.get(_CLIENT) else "was not asked, or did not come so far"


def _readers(host: str, ca: str, there: Mapping[str, Any], told: Results) -> dict[str, Any]:
    """Who reads the host by this CA, and the fingerprints that each of them trusts; none of one that is not known."""
    if ca == _SERVER:
        trusts = {hub: _trusts(told.get(hub)).get("client") or {} for hub in there["read_by"]}
        return {hub: theirs.get(dns_label(host), []) for hub, theirs in trusts.items()}
    return {edge: _trusts(told.get(edge)).get("server") or [] for edge in there["reads"]}


def _trusts(result: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (result or {}).get("trusts") or {}


def _authority(result: Mapping[str, Any] | None, ca: str) -> str:
    """The certificates of a host's CA; empty where it was not told, or was made up by a trial that wrote nothing."""
    found = result or {}
    made = [str(each["name"]) for each in found.get("objects") or () if each.get("action") == "created"]
    if found.get("trial") and any(name.endswith(f"-{ca.replace('_', '-')}") for name in made):
        return ""
    return "" if found.get("failed") else str(found.get(ca) or "")


def _given(more: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: more[name] for name in names if more.get(name) is not None}
