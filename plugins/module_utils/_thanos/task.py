# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of ``stack`` and of the tiers' modules: their options, and one run of the flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .._body import Body, Mode, Run, sourced
from .._errors import InvalidInput
from .._findings import Finding
from .._kubernetes.client import Client
from .._kubernetes.connection import ARGUMENT_SPEC as CONNECTION
from .._kubernetes.manifest import Scope
from .._kubernetes.task import cluster_uid, connect, own, result, settings
from .._kubernetes.teardown import teardown
from .._options.convert import convert
from .._options.former import renamed
from .._options.rows import Option, argument_spec
from .._threads import in_threads
from . import spec
from .counts import read_counts
from .facts_json import packed, unpacked
from .former_labels import of_another_cluster
from .gather import Gathered, gather, secrets_of
from .model import Stack
from .published import addresses
from .run import deploy
from .tier import Tier
from .tiers import TIERS

_WAIT = {"wait": Option("bool", True), "wait_timeout": Option("int", 600, minimum=1)}
_BESIDE = {
    **_WAIT,
    "state": Option(choices=("present", "absent"), default="present"),
    "delete_claims": Option("bool", False),
    "delete_secrets": Option("bool", False),
    "delete_authorities": Option("bool", False),
    "delete_namespace": Option("bool", False),
}
_SHARED = (*spec.STACK, *spec.STORES, *_WAIT)
_TIER_NAMES = {"stack": Option(default="thanos", form="service_name"), "name": Option(form="instance")}


def _check_stack(raw: Mapping[str, Any]) -> Run:
    return partial(_run_stack, _parsed(own(raw)))


def _run_stack(stack: Stack, params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Deploy or remove a whole stack."""
    client, how = connect(params, mode), settings(params, mode)
    if params["state"] == "absent":
        going = {
            "PersistentVolumeClaim": params["delete_claims"],
            "Secret": params["delete_secrets"],
            "Kept": params["delete_authorities"],
            "Namespace": params["delete_namespace"],
        }
        uid = cluster_uid(client)
        scope = Scope(stack.name, stack.namespace)
        return result(teardown(client, scope, how, going, partial(of_another_cluster, stack)), cluster_uid=uid)
    question = ["stack", client.host, dict(params)]
    known = None if mode.check_mode else _known(client, stack, mode.kept.take(question))
    uid, gathered = known or _asked(client, stack)
    tried = known is not None
    outcome = deploy(client, stack, how, gathered, purge=params["purge"], tried=tried, command=mode.command)
    if mode.check_mode:
        mode.kept.put(question, {"cluster_uid": uid, "facts": packed(gathered.facts)})
    return result(outcome, cluster_uid=uid, published=addresses(client, stack))


def _asked(client: Client, stack: Stack) -> tuple[str, Gathered]:
    """The cluster's uid, and the facts about the stack."""
    questions: list[Callable[[], Any]] = [partial(cluster_uid, client), partial(gather, client, stack)]
    uid, gathered = in_threads(lambda ask: ask(), questions)
    return uid, gathered


def _known(client: Client, stack: Stack, kept: Any) -> tuple[str, Gathered] | None:
    """The same from what a task in check mode found out. Nothing of the Secrets is kept, so they are read again: what
    pods log while the run waits may quote them.
    """
    if kept is None:
        return None
    facts = unpacked(kept["facts"])
    # Who owns a count may have changed; then ours, if it was written, would win over theirs.
    facts = replace(facts, counts=read_counts(client, stack))
    return kept["cluster_uid"], Gathered(facts, secrets_of(client, stack, facts))


_ROWS = {**spec.STACK_MODULE, **_BESIDE}
STACK = sourced(
    Body({**argument_spec(_ROWS), **CONNECTION}, _check_stack, former=partial(spec.former, _ROWS)), spec.inherited
)


def tier(declared: Tier) -> Body:
    """The body of a tier's module: a stack of one instance, which finds its neighbours by their Services."""
    rows = {**_TIER_NAMES, **spec.STACK, **(spec.STORES if declared.access else {}), **_WAIT, **declared.options}
    arguments = {**argument_spec(rows), **CONNECTION}
    return Body(arguments, partial(_check_tier, declared.name), former=partial(renamed, rows, told=True))


def _check_tier(name: str, raw: Mapping[str, Any]) -> Run:
    """Raises InvalidInput with every mistake, the options named as the user typed them."""
    problems: list[Finding] = []
    values = _as_stack(name, raw, problems)
    where = f"instances.{next(iter(values['instances']))}."
    try:
        stack = _parsed(values)
    except InvalidInput as error:
        problems += [replace(found, where=found.where.removeprefix(where)) for found in error.findings]
    if problems:
        raise InvalidInput(problems)
    return partial(_run_tier, stack, where)


def _run_tier(stack: Stack, where: str, params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Deploy one instance, whose options stand at ``where`` in warnings, which is not how the user typed them."""
    client = connect(params, mode)
    outcome = deploy(client, stack, settings(params, mode), command=mode.command)
    publishes = any("publish" in instance.options for instance in (*stack.instances, *stack.absent))
    outcome.warnings[:] = [warning.replace(where, "") for warning in outcome.warnings]
    return result(outcome, published=addresses(client, stack)) if publishes else result(outcome)


def _as_stack(name: str, params: Mapping[str, Any], problems: list[Finding]) -> dict[str, Any]:
    """A tier module's parameters as those of ``stack``; mistakes in its names are appended to ``problems``."""
    values = own(params)
    named = convert(_TIER_NAMES, {k: values.pop(k, None) for k in _TIER_NAMES}, "", problems)
    shared: dict[str, Any] = {k: values.pop(k) for k in _SHARED if k in values}
    return {**shared, "name": named["stack"], "instances": {named["name"] or name: {**values, "tier": name}}}


def _parsed(values: Mapping[str, Any]) -> Stack:
    """The stack that the parameters of ``stack`` describe. Raises InvalidInput with every mistake."""
    if values.get("state") == "absent" and "instances" in values:
        # The whole stack goes, whatever its instances are.
        values = {**values, "instances": {next(iter(TIERS)): {}}}
    return spec.parse(values, _BESIDE)
