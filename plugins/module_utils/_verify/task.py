# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``verify``: ask, and fail with the whole report if any line fails."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from .._body import Body, Mode, Run, sourced
from .._errors import Failure
from .._kubernetes.connection import ARGUMENT_SPEC
from .._kubernetes.task import connect, own
from .._options.rows import Option, argument_spec
from .._thanos import spec
from .._thanos.counts import following, read_counts
from .._thanos.existing import knowing
from .._thanos.known_endpoints import read_endpoints, remembering
from .._thanos.model import Facts, Stack
from .._thanos.read_existing import read_existing
from .._thanos.rule_sources import rule_sources
from .._thanos.volumes import read_volumes, with_claims
from .checks import CHECKS
from .expect import expectations
from .rounds import addresses, verify

OWN = {
    "checks": Option("list", elements="str", choices=tuple(CHECKS)),
    "timeout": Option("int", 120, minimum=0),
}
# What only deploying needs.
_NOT_OURS = ("purge", *spec.STORES)
OPTIONS = {**{name: row for name, row in spec.STACK_MODULE.items() if name not in _NOT_OURS}, **OWN}


def check(raw: Mapping[str, Any]) -> Run:
    """What there is to ask. Raises InvalidInput with every mistake."""
    return partial(_run, spec.parse(own(raw), OWN))


def _run(stack: Stack, params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """The report, its table and the web pages. Raises Failure with all of them if any line fails."""
    client = connect(params, mode)
    stack = remembering(following(stack, read_counts(client, stack)), read_endpoints(client, stack, []))
    stack = knowing(stack, read_existing(client, stack))
    volumes = (read_volumes(client, stack) if with_claims(stack) else None) or {}
    expected = expectations(stack, Facts(rule_sources=rule_sources(client, stack), volumes=volumes))
    report = verify(client, expected, params["checks"] or list(CHECKS), params["timeout"])
    report = report.typed(params["sources"])
    pages = addresses(client, expected)
    table = report.table(pages)
    links = [{"page": page, "url": url} for page, url in pages]
    result = {"changed": False, "report": report.as_dict(), "table": table, "addresses": links}
    if report.count("fail"):
        raise Failure("\n".join(table), result)
    return result


VERIFY = sourced(
    Body({**argument_spec(OPTIONS), **ARGUMENT_SPEC}, check, former=partial(spec.former, OPTIONS)), spec.inherited
)
