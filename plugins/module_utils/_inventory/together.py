# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes of variables, of object stores and of instances in one refusal, although three tasks would find them. Pure.

Where only one of the three has any, the task that it is for tells them: then nothing is lost by waiting for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InvalidInput
from .._findings import Finding, followed
from .._objstore.options import ANY_VERSION, mistakes
from .._objstore.wishes import mistakes_in_wishes
from . import arguments
from .roles import STACK
from .sources import PLAIN, said, sources
from .variables import declared_stores, layers

# Options of the whole stack that the role takes from one variable each.
_OF_STACK = ("name", "namespace", "cluster", "version")


def objstores(variables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """As ``arguments.objstores``; raises InvalidInput with the mistakes of stores and instances, too."""
    problems: list[Finding] = []
    try:
        found = arguments.objstores(variables)
    except InvalidInput as error:
        problems, found = list(error.findings), declared_stores(variables, [])
    wrong = of_stores(variables, found)
    if not problems and not wrong:
        return found
    instances = of_instances(variables)
    if not problems and not instances:
        return found
    told = {str(finding): finding for finding in (*problems, *wrong, *instances)}
    raise InvalidInput(list(told.values()))


def of_stores(variables: Mapping[str, Any], stores: Mapping[str, Any]) -> list[Finding]:
    """What the module ``bucket`` would refuse of each store."""
    found: list[Finding] = []
    for name, store in stores.items():
        if isinstance(store, Mapping):
            where = f"{said(variables, str(name))}."
            found += [*mistakes(store, ANY_VERSION, where), *mistakes_in_wishes(store, where)]
    return found


def of_instances(variables: Mapping[str, Any]) -> list[Finding]:
    """What the module ``stack`` would refuse of the instances, whatever else is wrong."""
    # Imported here: it takes long, and is needed only where a run ends.
    from .._thanos.spec import inherited, parse

    given = {name: variables[PLAIN[name]] for name in _OF_STACK if variables.get(PLAIN[name]) not in (None, "")}
    raw = {
        "cluster": "cluster",
        **given,
        "common": layers(variables, "common", []),
        "instances": arguments.declared_instances(variables, []),
        "objstores": arguments.objstore_needs(variables, str(given.get("name") or STACK)),
    }
    try:
        parse(raw)
    except InvalidInput as error:
        everywhere = followed(inherited(raw), sources(variables))
        return [finding.typed(everywhere) for finding in error.findings]
    return []
