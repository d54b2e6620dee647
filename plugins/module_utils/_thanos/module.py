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
from .._kubernetes.module import (
    WAIT,
    cluster_uid,
    connect,
    result,
    settings,
)
from .._kubernetes.teardown import teardown
from . import spec
from .options import Option, argument_spec
from .run import deploy
from .tiers import TIERS

_TEARDOWN = {
    "state": Option(choices=("present", "absent"), default="present"),
    "delete_claims": Option("bool", False),
    "delete_secrets": Option("bool", False),
    "delete_namespace": Option("bool", False),
}
_TIER_NAMES = {"stack": Option(default="thanos", form="dns_label"), "name": Option(form="instance")}
_OUR_ROWS = {**spec.STACK_MODULE, **_TEARDOWN}


def run_stack() -> None:
    """The module ``stack``."""
    arguments = {**argument_spec(_OUR_ROWS), **WAIT, **CONNECTION}
    module = _ansible.checked(arguments, lambda raw: _mistakes(_own(raw)))

    def work() -> Mapping[str, Any]:
        values = _own(module.params)
        client = connect(module)
        uid = {"cluster_uid": cluster_uid(client)}
        if values["state"] == "absent":
            scope = Scope(values["name"], values["namespace"])
            going = {
                "PersistentVolumeClaim": values["delete_claims"],
                "Secret": values["delete_secrets"],
                "Namespace": values["delete_namespace"],
            }
            return result(module, teardown(client, scope, settings(module), going), **uid)
        stack = spec.parse(values, _TEARDOWN)
        return result(module, deploy(client, stack, settings(module), purge=module.params["purge"]), **uid)

    _ansible.finish(module, work)


def run_tier(tier: str) -> None:
    """The module of one tier: a stack of one instance, which finds its neighbours by their Services."""
    arguments = {**argument_spec({**_TIER_NAMES, **spec.STACK, **TIERS[tier].options}), **WAIT, **CONNECTION}
    module = _ansible.checked(arguments, lambda raw: _tier_mistakes(tier, raw))

    def work() -> Mapping[str, Any]:
        stack = spec.parse(_as_stack(tier, module.params))
        return result(module, deploy(connect(module), stack, settings(module)))

    _ansible.finish(module, work)


def _own(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without those that the engine knows."""
    return {k: v for k, v in params.items() if k not in WAIT and k not in _CONNECTION_NAMES}


_CONNECTION_NAMES = {name for key, row in CONNECTION.items() for name in (key, *row.get("aliases", []))}


def _as_stack(tier: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A tier module's parameters as those of ``stack``."""
    own = _own(params)
    names: dict[str, Any] = {k: own.pop(k) for k in ("namespace", "cluster") if k in own}
    stack = own.pop("stack", None)
    name = own.pop("name", None) or tier
    return {**names, "name": stack, "instances": {name: {**own, "tier": tier}}}


def _tier_mistakes(tier: str, raw: Mapping[str, Any]) -> list[str]:
    """Every mistake in a tier module's parameters, its options named as the user typed them."""
    where = f"instances.{raw.get('name') or tier}."
    return [problem.removeprefix(where) for problem in _mistakes(_as_stack(tier, raw))]


def _mistakes(values: Mapping[str, Any]) -> list[str]:
    """Every mistake in the parameters of ``stack``."""
    if values.get("state") == "absent" and "instances" in values:
        # The whole stack goes, whatever its instances are.
        values = {**values, "instances": {"query": {}}}
    try:
        spec.parse(values, _TEARDOWN)
    except InvalidInput as e:
        return list(e.problems)
    return []
