# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology as lines of text, for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HOSTS = ("HOST", "ROLE", "LEVEL", "CLUSTER", "STACK", "THANOS", "TIERS", "READS")
LINKS = ("LINK", "ADDRESS", "NAME IN THE CERTIFICATE", "TLS")
MOST = 4


def table(topology: Mapping[str, Any]) -> list[str]:
    """Hosts, links, then what is wrong, one line each; ``topology`` as the filter of that name gives it."""
    lines = _aligned([HOSTS, *rows_of_hosts(topology)])
    if topology["links"]:
        lines += ["", *_aligned([LINKS, *rows_of_links(topology)])]
    found = [("refused", topology["refusals"]), ("warning", topology["warnings"])]
    told = [f"{word:<8} {sentence}" for word, sentences in found for sentence in sentences]
    return [*lines, *([""] if told else []), *told]


def rows_of_hosts(topology: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The cells below HOSTS, those that read others first."""
    hosts = sorted(topology["hosts"].items(), key=lambda item: (-item[1]["level"], item[0]))
    return [_host(name, told) for name, told in hosts]


def rows_of_links(topology: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The cells below LINKS."""
    return [_link(link) for link in topology["links"]]


def few(names: Sequence[str]) -> str:
    """Some of many names."""
    more = len(names) - MOST
    return ", ".join([*names[:MOST], *([f"{more} more"] if more > 0 else [])])


def _host(name: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    if not told["known"]:
        return (name, told["role"], str(told["level"]), "?", "?", "?", "?", few(told["reads"]) or "-")
    stack = f"{told['stack']} in {told['namespace']}"
    tiers, reads = ", ".join(told["tiers"]) or "-", few(told["reads"]) or "-"
    return (name, told["role"], str(told["level"]), told["cluster"], stack, told["version"], tiers, reads)


def _link(link: Mapping[str, Any]) -> tuple[str, ...]:
    ends = f"{link['hub']} reads {link['edge']}"
    return (ends, link["address"] or "not known yet", link["server_name"], "mutual" if link["tls"] else "no")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
