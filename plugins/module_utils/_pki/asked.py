# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ``pki``: rows, and what becomes of the raw parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from .._findings import Finding, mistake
from .._options.convert import convert
from .._options.forms import FORMS, seconds
from .._options.rows import SOURCES, Option
from .pem import Unreadable, certificate_blocks
from .texts import certificates_of

BEGIN, SWITCH, FINISH = "begin", "switch", "finish"
AUTHORITIES = ("client_ca", "server_ca")
# Which CA signs what.
SIGNED_BY = {"client": "client_ca", "server": "server_ca"}
# Beside the CA certificates of edges, each under the name of its edge, the client's Secret has tls.crt.
_TAKEN = ("tls",)
# How true and false may be typed where a mapping can stand as well.
_YES, _NO = ("true", "yes"), ("false", "no", "")
_LONGEST = 100 * 365 * 86400

_PEM = Option(elements="", must="the text of certificates in PEM form")
_AUTHORITY = {
    "secret": Option(form="dns_name"),
    "also": Option(),
    "lifetime": Option(default="10y", form="duration"),
    "warn_before": Option(default="1y", form="duration"),
}
_LEAF = {
    "secret": Option(form="dns_name"),
    "ca": Option(),
    "lifetime": Option(default="90d", form="duration"),
    "renew_before": Option(default="30d", form="duration"),
    "keep": Option("bool", False),
}
_CLIENT = {
    **_LEAF,
    "trust": Option("dict", strict=True, keys="dns_label", elements=_PEM),
    "forget": Option("list", elements="str"),
}
_SERVER = {
    **_LEAF,
    "names": Option("list", elements="str"),
    "trust": Option("list", strict=True, must="a list of texts in PEM form", elements=_PEM),
}
_STEPS = {name: Option(choices=(BEGIN, SWITCH, FINISH)) for name in AUTHORITIES}
_READERS = {name: Option("dict", strict=True) for name in AUTHORITIES}
OPTIONS = {
    "name": Option(default="thanos", form="service_name"),
    "namespace": Option(default="monitoring", form="dns_label"),
    "cluster": Option(),
    "client_ca": Option("raw"),
    "server_ca": Option("raw"),
    "client": Option("dict", strict=True, options=_CLIENT),
    "server": Option("dict", strict=True, options=_SERVER),
    "new_ca": Option("bool", False),
    "rotate": Option("dict", options=_STEPS),
    "readers": Option("dict", strict=True, options=_READERS),
    "settle": Option(default="5m", form="duration"),
    "delete_authorities": Option("bool", False),
    "sources": SOURCES,
    "state": Option(choices=("present", "absent"), default="present"),
}


@dataclass(frozen=True)
class AuthorityAsked:
    """A CA that the host shall have. ``secret``: an existing Secret with it; ``also``: certificates in PEM form."""

    secret: str = ""
    also: str = ""
    lifetime: timedelta = timedelta(days=3650)
    warn_before: timedelta = timedelta(days=365)


@dataclass(frozen=True)
class LeafAsked:
    """A certificate with its key. ``trust`` is key of the Secret → PEM text; None where it is not known."""

    secret: str = ""
    ca: str = ""
    names: tuple[str, ...] = ()
    trust: Mapping[str, str] | None = None
    keep: bool = False
    forget: tuple[str, ...] = ()
    lifetime: timedelta = timedelta(days=90)
    renew_before: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Asked:
    """What a task asks for. ``authorities``, ``leaves``, ``steps`` and ``readers`` are keyed by option."""

    stack: str
    namespace: str
    cluster: str
    authorities: Mapping[str, AuthorityAsked] = field(default_factory=dict)
    leaves: Mapping[str, LeafAsked] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    readers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    new_ca: bool = False
    settle: timedelta = timedelta(minutes=5)
    present: bool = True
    delete_authorities: bool = False


def parse(raw: Mapping[str, Any], found: list[Finding]) -> Asked:
    """What the raw parameters ask for; every mistake in them is appended to ``found``."""
    values = convert(OPTIONS, {n: v for n, v in raw.items() if n in OPTIONS and n not in AUTHORITIES}, "", found)
    present = values["state"] != "absent"
    wanted = [name for name in SIGNED_BY if present and raw.get(name) is not None]
    leaves = {name: _leaf(name, values[name], raw[name], found) for name in wanted}
    authorities = {}
    for name in AUTHORITIES:
        # What signs a certificate is there, unless the certificate is given.
        implied = any(SIGNED_BY[leaf] == name and not asked.secret for leaf, asked in leaves.items())
        given = raw.get(name)
        if present and (implied if given is None else str(given).lower() not in _NO):
            authorities[name] = _authority(name, given, found)
    asked = Asked(
        stack=values["name"],
        namespace=values["namespace"],
        cluster=values["cluster"] or values["name"],
        authorities=authorities,
        leaves=leaves,
        steps={name: step for name, step in (values["rotate"] or {}).items() if step},
        readers=_readers(raw.get("readers"), found),
        new_ca=values["new_ca"],
        settle=_span(values["settle"]),
        present=present,
        delete_authorities=values["delete_authorities"],
    )
    found.extend(_contradictions(asked))
    return asked


def _authority(name: str, given: Any, found: list[Finding]) -> AuthorityAsked:
    """From true, its text, or a mapping with more."""
    if given is None or str(given).lower() in _YES:
        given = {}
    if not isinstance(given, Mapping):
        found.append(mistake("option-type", name, "must be true, false or a mapping", joint=" "))
        given = {}
    values = convert(_AUTHORITY, given, f"{name}.", found)
    if values["also"]:
        found.extend(_torn(f"{name}.also", values["also"]))
    lifetime = _lifetime(f"{name}.lifetime", values["lifetime"], found)
    return AuthorityAsked(values["secret"] or "", values["also"] or "", lifetime, _span(values["warn_before"]))


def _leaf(name: str, values: Mapping[str, Any] | None, raw: Any, found: list[Finding]) -> LeafAsked:
    values = values or convert({"client": _CLIENT, "server": _SERVER}[name], {}, f"{name}.", [])
    said = isinstance(raw, Mapping) and raw.get("trust") is not None
    lifetime = _lifetime(f"{name}.lifetime", values["lifetime"], found)
    window = _span(values["renew_before"])
    if window >= lifetime:
        what = f"{values['renew_before']} is not shorter than lifetime ({values['lifetime']})"
        found.append(mistake("option-conflict", f"{name}.renew_before", what, "each run would renew the certificate"))
    if values["ca"]:
        found.extend(_torn(f"{name}.ca", values["ca"]))
    names = tuple(map(_normal, values.get("names") or ()))
    found.extend(
        mistake("option-form", f"{name}.names", f"'{each}' is neither a DNS name nor an address")
        for each in names
        if not _is_name(each)
    )
    for where, text in _texts(name, values["trust"]):
        found.extend(_torn(where, text))
    return LeafAsked(
        values["secret"] or "",
        values["ca"] or "",
        names,
        _trust(name, values["trust"], found) if said else None,
        values["keep"],
        tuple(values.get("forget") or ()),
        lifetime,
        window,
    )


def _trust(name: str, trust: Any, found: list[Finding]) -> dict[str, str]:
    """Key of the Secret → PEM text. What a server trusts is one file."""
    if not isinstance(trust, Mapping):
        if not trust:
            what = "names nobody, and then nobody can read this server"
            found.append(mistake("option-empty", f"{name}.trust", what, "give the CA of each hub, or leave it out"))
        return {"ca.crt": "\n".join(str(text or "") for text in trust)}
    for each in _TAKEN:
        if each in trust:
            what = "the Secret has a key of this name for the hub's own certificate"
            found.append(mistake("option-conflict", f"{name}.trust.{each}", what, "rename the edge"))
    return {f"{key}.crt": str(text or "") for key, text in trust.items()}


def _texts(name: str, trust: Any) -> Iterator[tuple[str, str]]:
    """(where, text) of every certificate that is to be trusted."""
    if isinstance(trust, Mapping):
        yield from ((f"{name}.trust.{key}", str(text or "")) for key, text in trust.items())
    else:
        yield from ((f"{name}.trust[{i}]", str(text or "")) for i, text in enumerate(trust or ()))


def _torn(where: str, text: str) -> list[Finding]:
    """The finding about a text that is no certificates. A key among them must be told before anything is shown."""
    try:
        certificate_blocks(text)
    except Unreadable as error:
        return [certificates_of(where, error)]
    return []


def _readers(raw: Any, found: list[Finding]) -> dict[str, dict[str, tuple[str, ...]]]:
    """CA → host → fingerprints that it trusts. An empty mapping says that nobody reads, none that it is not known."""
    readers: dict[str, dict[str, tuple[str, ...]]] = {}
    for name in AUTHORITIES:
        given = raw.get(name) if isinstance(raw, Mapping) else None
        if given is None:
            continue
        if not isinstance(given, Mapping) or not all(isinstance(each, (list, tuple)) for each in given.values()):
            what = "must map each host to the list of fingerprints that it trusts"
            found.append(mistake("option-type", f"readers.{name}", what, joint=" "))
            continue
        readers[name] = {str(host): tuple(map(str, each)) for host, each in given.items()}
    return readers


def _contradictions(asked: Asked) -> list[Finding]:
    """What is wrong with options beside each other."""
    found = []
    if asked.present and not (asked.authorities or asked.leaves):
        what = "give at least one of client_ca, server_ca, client and server"
        found.append(mistake("option-required", "", what))
    server = asked.leaves.get("server")
    if server and not server.names:
        what = "is required: the names by which hubs call this server"
        found.append(mistake("option-required", "server.names", what, joint=" "))
    for name, leaf in asked.leaves.items():
        if leaf.ca and not leaf.secret:
            what = "changes nothing, since the certificate is not given"
            found.append(mistake("option-without-effect", f"{name}.ca", what, f"set {name}.secret, or leave it out"))
        found += [
            mistake("option-conflict", f"{name}.forget", f"'{each}' is in {name}.trust, too", "leave one of them out")
            for each in leaf.forget
            if f"{each}.crt" in (leaf.trust or {})
        ]
    for name in asked.steps:
        given = asked.authorities.get(name, AuthorityAsked()).secret
        if given:
            what = f"the CA is that of the Secret {given}, which is not made here"
            advice = f"name the next one in {name}.also, deploy, then change the Secret; docs/tls.md has the steps"
            found.append(mistake("option-conflict", f"rotate.{name}", what, advice))
    return found


def _lifetime(where: str, text: str, found: list[Finding]) -> timedelta:
    length = seconds(text)
    if not 0 < length <= _LONGEST:
        found.append(mistake("option-range", where, f"{text} is not possible", "give between one minute and 100 years"))
        return timedelta(days=1)
    return timedelta(seconds=length)


def _span(text: str) -> timedelta:
    return timedelta(seconds=min(seconds(text), _LONGEST))


def _normal(text: str) -> str:
    """A name as certificates have it."""
    try:
        return str(ip_address(text))
    except ValueError:
        return text.lower().rstrip(".")


def _is_name(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return FORMS["dns_name"].accepts(text)
    return True
