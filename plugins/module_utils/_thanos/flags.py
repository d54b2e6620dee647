# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which flags each tier's command has, per Thanos version, from the help of 0.39 to 0.42 and from start-up runs.

Grammar of a word: ``name[:traits][@since][!removed]``; traits: ``b`` boolean (has a ``--no-`` form), ``r`` repeatable,
``h`` hidden from the help, ``f`` the path of a file. Without ``@`` the flag is in the oldest supported version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._errors import nearest
from .._findings import Finding, mistake
from .versions import at_least

# Words that several tiers have in common; a tier's file names those it has, and its own.
EVERY = """
    auto-gomemlimit.ratio debug.name:h enable-auto-gomemlimit:b http-address http-grace-period http.config:f
    log.format log.level tracing.config tracing.config-file:f
"""
WEB = "web.disable-cors:b web.external-prefix web.prefix-header"
ROUTE = "web.route-prefix"
GRPC = """
    grpc-address grpc-grace-period grpc-server-max-connection-age grpc-server-tls-cert:f
    grpc-server-tls-ciphers:r@0.42 grpc-server-tls-client-ca:f grpc-server-tls-curves:r@0.42
    grpc-server-tls-key:f grpc-server-tls-min-version request.logging-config request.logging-config-file:f
    store.limits.request-samples store.limits.request-series
"""
OBJSTORE = "objstore.config objstore.config-file:f"
SELECTOR = "selector.relabel-config selector.relabel-config-file:f"
PROMQL = "alert.query-url enable-feature:r query.default-step query.enable-x-functions:b"
SHIPPER = """
    shipper.allow-out-of-order-uploads:hb shipper.ignore-unequal-block-size:hb shipper.meta-file-name
    shipper.skip-corrupted-blocks:hb shipper.upload-compacted:b shipper.upload-concurrency@0.41
"""
BLOCKS = """
    block-discovery-strategy block-meta-fetch-concurrency bucket-web-label consistency-delay
    disable-admin-operations:b max-time web.disable:b
"""

# Flags older than the table, removed before it begins, that users still carry along: flag → what replaces it.
GONE: dict[str, str] = {
    **dict.fromkeys(
        ["store", "store-strict", "rule", "target", "metadata", "exemplar"], "the endpoint file (option endpoints)"
    ),
    "log.request.decision": "--request.logging-config-file",
    "debug.advertise-compatibility-label": "nothing: it had no effect any more",
}


# Flags that would work against what is rendered: flag → why, and what to do.
REFUSED: dict[str, tuple[str, str]] = {
    "http.config": (
        "TLS or a password on this port would shut out probes, scrapers, verify and the other tiers",
        "put an Ingress or a proxy with them in front of the Service",
    ),
    "index-cache-size": ("it has no effect, since the cache is configured in a file", "set index_cache.max_size"),
}

_OUT = "leave it out"
# What Thanos does not start with beside a flag or its --…-file, which exclude each other too.
_EXCLUDED: dict[str, set[str]] = {
    "query.config": {"query", "query.sd-files", "grpc-query-endpoint"},
    "alertmanagers.config": {"alertmanagers.url"},
}


# Flags that tiers render otherwise than from their table → the option that sets them.
OF_OBJSTORE = {"objstore.config-file": "objstore"}
OF_GRPC = {
    f"grpc-server-tls-{name}": f"grpc_tls.{option}"
    for name, option in (
        ("cert", "secret"),
        ("key", "secret"),
        ("client-ca", "client_ca"),
        ("min-version", "min_version"),
    )
}


@dataclass(frozen=True)
class Flag:
    """One flag of one tier: from which version on (``0.41``), until which, whether it repeats; ``file`` if its value is
    the path of one.
    """

    since: str
    removed: str
    boolean: bool
    repeatable: bool
    hidden: bool
    file: bool

    def exists_in(self, version: str) -> bool:
        """Whether Thanos ``version`` knows the flag."""
        return at_least(version, self.since) and not (self.removed and at_least(version, self.removed))


def table(*words: str) -> dict[str, Flag]:
    """Flags by name, without dashes, from words in the grammar that this file's docstring explains."""
    result: dict[str, Flag] = {}
    for word in " ".join(words).split():
        rest, _unused, removed = word.partition("!")
        rest, _unused, since = rest.partition("@")
        name, _unused, traits = rest.partition(":")
        result[name] = Flag(since or "0.39", removed, "b" in traits, "r" in traits, "h" in traits, "f" in traits)
    return result


def options_of(flag_of: Mapping[str, str], *more: Mapping[str, str]) -> dict[str, str]:
    """Flag → the option that sets it, from option → flag and ``more`` of the former."""
    return {**{flag: option for option, flag in flag_of.items()}, **{k: v for each in more for k, v in each.items()}}


def name_of(argument: str) -> str:
    """``query.timeout`` of ``--query.timeout=2m``."""
    return argument.split("=", 1)[0].removeprefix("--")


def shown(argument: str) -> str:
    """What a message shows of an argument that is no flag: not the words behind the first, which may be anything."""
    first, *more = argument.split(maxsplit=1) or [""]
    return f"{first} …" if more else first


def _setter(option: str) -> tuple[str, str]:
    """Who sets a flag, and what to do instead."""
    return (f"the option {option}", f"use {option}") if option else ("the collection", _OUT)


def _excluded_by(name: str) -> set[str]:
    stem = name.removesuffix("-file")
    return {stem, f"{stem}-file", *_EXCLUDED.get(stem, ())} - {name}


def problems_of(
    tier: str,
    known: Mapping[str, Flag],
    version: str,
    extra: Sequence[str],
    rendered: Sequence[str],
    option_of: Mapping[str, str],
    where: str,
) -> list[Finding]:
    """What is wrong with ``extra_args``: unknown, removed or too new flags, those of a wrong form, those that an
    option already sets, and those that exclude another one.

    ``known`` are the flags of the ``tier``, ``rendered`` the arguments that it renders, ``option_of`` a flag the option
    that sets it.
    """
    set_by_us = {name: option_of.get(name, "") for name in map(name_of, rendered)}
    given = {*set_by_us, *map(name_of, extra)}
    told: list[tuple[str, str]] = []
    for argument in extra:
        told += _told_of(argument, tier, known, version, set_by_us, given)
    return [mistake("flag-refused", where, what, advice) for what, advice in told]


def _told_of(
    argument: str, tier: str, known: Mapping[str, Flag], version: str, set_by_us: Mapping[str, str], given: set[str]
) -> list[tuple[str, str]]:
    """What is wrong with one argument, and what to do."""
    name = name_of(argument)
    positive = name.removeprefix("no-")
    plain = positive if name not in known and positive in known and known[positive].boolean else name
    flag = known.get(plain)
    if not argument.startswith("--"):
        return [(f"'{shown(argument)}' is not a flag", "write it as --name=value")]
    if flag is None and plain in GONE:
        return [(f"--{plain} was removed from Thanos", f"use {GONE[plain]} instead")]
    if flag is None:
        return [(f"the {tier} of Thanos {version} has no flag --{shown(plain)}", nearest(plain, known).strip())]
    if plain in REFUSED:
        why, advice = REFUSED[plain]
        return [(f"--{plain}: {why}", advice)]
    if not flag.exists_in(version):
        removed = f" and was removed in {flag.removed}" if flag.removed else ""
        return [(f"--{plain} is not in Thanos {version}; it came with {flag.since}{removed}", "")]
    if flag.boolean == ("=" in argument):
        takes, form = ("takes no", f"--{plain} or --no-{plain}") if flag.boolean else ("needs a", f"--{plain}=value")
        return [(f"'{shown(argument)}': the flag {takes} value", f"write {form}")]
    if plain in set_by_us and not flag.repeatable:
        who, advice = _setter(set_by_us[plain])
        return [(f"--{plain}: {who} sets it already", advice)]
    return [
        (f"Thanos does not start with --{plain} beside --{other}, which {_setter(set_by_us[other])[0]} sets", _OUT)
        if other in set_by_us
        else (f"Thanos does not start with --{plain} beside --{other}", "leave one of them out")
        for other in sorted(_excluded_by(plain) & given)
        if other in set_by_us or plain < other
    ]
