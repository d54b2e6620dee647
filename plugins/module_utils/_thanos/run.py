# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run over one cluster: spec → gather → checks → render → plan → apply → wait. Knows no AnsibleModule."""

from __future__ import annotations

from dataclasses import replace

from .._errors import InvalidInput
from .._kubernetes import engine
from .._kubernetes.client import Client
from .._kubernetes.engine import Outcome, Settings
from .._kubernetes.manifest import Scope
from .checks import check, missing_objstores
from .counts import following
from .files import missing_files
from .gather import Gathered, gather
from .model import Facts, Stack
from .promtool import problems_of, unjudged
from .queriers import beside
from .render import phases
from .rendered import would_be_refused
from .rule_files import given, rule_files
from .tier import Duty


def deploy(
    client: Client,
    stack: Stack,
    settings: Settings,
    gathered: Gathered | None = None,
    *,
    purge: bool = False,
    tried: bool = False,
) -> Outcome:
    """Bring the cluster to ``stack``; with ``purge`` also remove stateless instances that it does not name.

    ``gathered``: what was gathered for it, where that is done already; ``tried``: and its rule files were tried, too.

    Raises InvalidInput with everything that can be known to be wrong, before anything is changed.
    """
    gathered = gathered or gather(client, stack)
    facts = gathered.facts
    stack = following(stack, facts.counts)
    if not purge:
        stack = beside(stack, facts.queriers)
    problems, warnings = check(stack, facts, planned=settings.check_mode)
    for ruler in stack.doing(Duty.RULES):
        if not problems and not tried:
            problems.extend(problems_of(rule_files(ruler, facts), f"instances.{ruler.name}.rules"))
    warnings.extend(unjudged(any(given(ruler, facts) for ruler in stack.doing(Duty.RULES))))
    missing = [*missing_objstores(stack, facts), *missing_files(stack, facts)]
    if settings.check_mode:
        # The task before this one, which makes them, made nothing either.
        warnings.extend(f"{each} In check mode that is to be expected before a first deploy." for each in missing)
    else:
        problems.extend(missing)
    if problems:
        raise InvalidInput(problems)
    rendered = phases(stack, facts)
    refused = would_be_refused(stack, rendered)
    if refused:
        raise InvalidInput(refused)
    instances = {i.name for i in (*stack.instances, *stack.absent)}
    if purge:
        gone, kept = _unlisted(stack, facts)
        instances |= gone
        warnings.extend(kept)
    settings = replace(settings, secrets=(*settings.secrets, *gathered.secrets))
    scope = Scope(stack.name, stack.namespace, frozenset(instances))
    outcome = engine.run(client, scope, rendered, settings)
    outcome.warnings[:0] = warnings
    return outcome


def _unlisted(stack: Stack, facts: Facts) -> tuple[set[str], list[str]]:
    """Live instances that the stack does not name: those that can go, and sentences about those that have data."""
    listed = {i.name for i in (*stack.instances, *stack.absent)}
    stateful = {name for name, kind in facts.live_instances.items() if kind == "StatefulSet"} - listed
    kept = [
        f"the instance '{name}' is not listed and was left alone, since it has data; list it with state: absent to "
        "remove it"
        for name in sorted(stateful)
    ]
    return set(facts.live_instances) - listed - stateful, kept
