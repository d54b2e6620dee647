# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables as they are read: which there are, layers, text instead of a mapping. Pure.

``thanos_<tier>``, ``thanos_<tier>_group`` and ``thanos_<tier>_host`` are layers: mappings are merged deep, everything
else is replaced. Values are handed on as they are; the modules convert and judge them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import nearest
from .._findings import Finding, mistake
from .._objstore.credentials import ROLES
from .._options.convert import separated
from .._options.switches import is_false, is_true
from .._thanos.tiers import TIERS

PREFIX = "thanos_"
_SUFFIXES = ("", "_group", "_host")
OTHERS = (
    "thanos_instances",
    "thanos_enabled",
    "thanos_objstore",
    "thanos_objstores",
    "thanos_stack",
    "thanos_namespace",
    "thanos_version",
    "thanos_cluster",
    "thanos_kubeconfig",
    "thanos_context",
    "thanos_hosts",
    "thanos_serial",
    "thanos_reads",
    "thanos_fleet",
    "thanos_fleet_tls",
    "thanos_part_of_fleet",
    "thanos_topology",
    "thanos_fleet_forget",
    "thanos_pki",
    "thanos_pki_rotate",
    "thanos_pki_new_ca",
    "thanos_wait_timeout",
    "thanos_report_dir",
    "thanos_teardown_claims",
    "thanos_teardown_authorities",
    "thanos_teardown_buckets",
    "thanos_teardown_blocks",
    "thanos_teardown_namespace",
    "thanos_verify_timeout",
)
# Those that are true or false, where anything else would be taken for one of them without a word.
TRUTHS = (
    "thanos_fleet_tls",
    "thanos_part_of_fleet",
    "thanos_pki_new_ca",
    "thanos_teardown_claims",
    "thanos_teardown_authorities",
    "thanos_teardown_buckets",
    "thanos_teardown_blocks",
    "thanos_teardown_namespace",
)
KNOWN = (*(f"thanos_{name}{suffix}" for name in (*TIERS, "common") for suffix in _SUFFIXES), *OTHERS)


def unknown(variables: Mapping[str, Any]) -> list[Finding]:
    """A finding for every variable that starts with ``thanos_`` and that nothing reads."""
    names = sorted(str(name) for name in variables if str(name).startswith(PREFIX) and name not in KNOWN)
    # The prefix, which all have, would make any two of them alike.
    what = "there is no such variable"
    return [mistake("variable-unknown", name, what, nearest(name, KNOWN, PREFIX).strip()) for name in names]


def untrue(variables: Mapping[str, Any]) -> list[Finding]:
    """A finding for each of TRUTHS that is neither true nor false."""
    given = {name: variables[name] for name in TRUTHS if name in variables}
    return [
        mistake("variable-form", name, f"'{value}' is neither true nor false")
        for name, value in given.items()
        if value not in (None, "") and not is_true(value) and not is_false(value)
    ]


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers from left to right, the last one wins: mappings are merged deep, everything else is replaced."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            if isinstance(below, Mapping) and isinstance(value, Mapping):
                value = merged([below, value])
            result[key] = value
    return result


def layers(variables: Mapping[str, Any], name: str, problems: list[Finding]) -> dict[str, Any]:
    """The layers of ``thanos_<name>``, merged."""
    return merged([layer for _name, layer in layers_apart(variables, name, problems)])


def layers_apart(
    variables: Mapping[str, Any], name: str, problems: list[Finding]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Each layer of ``thanos_<name>`` beside the name of its variable."""
    names = [f"thanos_{name}{suffix}" for suffix in _SUFFIXES]
    return [(variable, mapping(variables, variable, problems)) for variable in names]


def mapping(variables: Mapping[str, Any], name: str, problems: list[Finding]) -> Mapping[str, Any]:
    """A variable that is a mapping, or its text in YAML, as surveys and the command line give it."""
    value = variables.get(name)
    if isinstance(value, str) and value.strip():
        import yaml

        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            value = False  # the parser's message would quote the text
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        problems.append(mistake("variable-form", name, "this must be a mapping"))
        return {}
    return value


def listed(value: Any) -> Any:
    """A list that may be given as text."""
    return separated(value) if isinstance(value, str) else value


def reads_of(variables: Mapping[str, Any], mistakes: list[Finding]) -> tuple[str, ...] | None:
    """The names in ``thanos_reads``, None where it is not set."""
    value = variables.get("thanos_reads")
    if value is None or value == "":
        return None
    names = listed(value)
    if not isinstance(names, (list, tuple)):
        mistakes.append(mistake("variable-form", "thanos_reads", "this must be a list of hosts and groups"))
        return None
    return tuple(str(name) for name in names if name not in (None, ""))


def declared_stores(variables: Mapping[str, Any], problems: list[Finding]) -> dict[str, Any]:
    """Store name → options as they are given; what is not well formed is put on the ``problems``."""
    result = dict(mapping(variables, "thanos_objstores", problems))
    short = mapping(variables, "thanos_objstore", problems)
    if short and "default" in result:
        what = "is the store 'default', which thanos_objstores has too"
        problems.append(mistake("option-conflict", "thanos_objstore", what, "leave one out", joint=" "))
    if short:
        result = {"default": short, **result}
    problems.extend(
        mistake("variable-form", f"thanos_objstores.{name}", "this must be a mapping with type and bucket")
        for name, store in result.items()
        if not isinstance(store, Mapping)
    )
    problems.extend(
        mistake(
            "store-missing",
            f"thanos_objstores.{name}",
            f"the Secret of {stem}.access.{role} has the same name",
            "choose another one",
        )
        for name in result
        for stem, dash, role in [str(name).rpartition("-")]
        if dash and role in ROLES and stem in result
    )
    return result
