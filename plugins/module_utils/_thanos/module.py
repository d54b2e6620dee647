# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules ``stack`` and those of the tiers: their options, and one run of the flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _ansible
from .._errors import InvalidInput
from .._kubernetes.connection import ARGUMENT_SPEC as CONNECTION
from .._kubernetes.manifest import Scope
from .._kubernetes.module import cluster_uid, connect, result, settings
from .._kubernetes.teardown import teardown
from . import spec
from .model import Stack
from .options import Option, argument_spec, convert
from .run import deploy
from .tiers import TIERS

_WAIT = {"wait": Option("bool", True), "wait_timeout": Option("int", 600, minimum=1)}
_BESIDE = {
    **_WAIT,
    "state": Option(choices=("present", "absent"), default="present"),
    "delete_claims": Option("bool", False),
    "delete_secrets": Option("bool", False),
    "delete_namespace": Option("bool", False),
}
_TIER_NAMES = {"stack": Option(default="thanos", form="dns_label"), "name": Option(form="instance")}
_OUR_ROWS = {**spec.STACK_MODULE, **_BESIDE}


def run_stack() -> None:
    """The module ``stack``."""
    arguments = {**argument_spec(_OUR_ROWS), **CONNECTION}
    module = _ansible.checked(arguments, lambda raw: _mistakes(_own(raw)))

    def work() -> Mapping[str, Any]:
        values = _own(module.params)
        client = connect(module)
        uid = {"cluster_uid": cluster_uid(client)}
        stack = _parsed(values)
        if values["state"] == "absent":
            going = {
                "PersistentVolumeClaim": values["delete_claims"],
                "Secret": values["delete_secrets"],
                "Namespace": values["delete_namespace"],
            }
            return result(module, teardown(client, Scope(stack.name, stack.namespace), settings(module), going), **uid)
        return result(module, deploy(client, stack, settings(module), purge=module.params["purge"]), **uid)

    _ansible.finish(module, work)


def run_tier(tier: str) -> None:
    """The module of one tier: a stack of one instance, which finds its neighbours by their Services."""
    arguments = {**argument_spec({**_TIER_NAMES, **spec.STACK, **_WAIT, **TIERS[tier].options}), **CONNECTION}
    module = _ansible.checked(arguments, lambda raw: _tier_mistakes(tier, raw))

    def work() -> Mapping[str, Any]:
        stack = _parsed(_as_stack(tier, module.params))
        return result(module, deploy(connect(module), stack, settings(module)))

    _ansible.finish(module, work)


def _own(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without those of the connection."""
    return {k: v for k, v in params.items() if k not in _CONNECTION_NAMES}


_CONNECTION_NAMES = {name for key, row in CONNECTION.items() for name in (key, *row.get("aliases", []))}


def _as_stack(tier: str, params: Mapping[str, Any], problems: list[str] | None = None) -> dict[str, Any]:
    """A tier module's parameters as those of ``stack``; mistakes in its names are appended to ``problems``."""
    own = _own(params)
    named = convert(_TIER_NAMES, {k: own.pop(k, None) for k in _TIER_NAMES}, "", [] if problems is None else problems)
    names: dict[str, Any] = {k: own.pop(k) for k in (*spec.STACK, *_WAIT) if k in own}
    return {**names, "name": named["stack"], "instances": {named["name"] or tier: {**own, "tier": tier}}}


def _tier_mistakes(tier: str, raw: Mapping[str, Any]) -> list[str]:
    """Every mistake in a tier module's parameters, its options named as the user typed them."""
    problems: list[str] = []
    values = _as_stack(tier, raw, problems)
    where = f"instances.{next(iter(values['instances']))}."
    return [*problems, *(problem.removeprefix(where) for problem in _mistakes(values))]


def _mistakes(values: Mapping[str, Any]) -> list[str]:
    """Every mistake in the parameters of ``stack``."""
    try:
        _parsed(values)
    except InvalidInput as e:
        return list(e.problems)
    return []


def _parsed(values: Mapping[str, Any]) -> Stack:
    """The stack that the parameters of ``stack`` describe. Raises InvalidInput with every mistake."""
    if values.get("state") == "absent" and "instances" in values:
        # The whole stack goes, whatever its instances are.
        values = {**values, "instances": {"query": {}}}
    return spec.parse(values, _BESIDE)
