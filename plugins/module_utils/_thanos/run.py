# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run over one cluster: spec → gather → checks → render → plan → apply → wait. Knows no AnsibleModule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .._body import Command, no_command
from .._errors import InvalidInput
from .._findings import Finding
from .._kubernetes import engine
from .._kubernetes.client import Client
from .._kubernetes.engine import Outcome, Settings
from .._kubernetes.manifest import Scope
from .caches import missing_passwords
from .checks import check, missing_objstores
from .counts import following
from .existing import knowing
from .files import missing_files
from .former_labels import changed_labels
from .gather import Gathered, gather
from .grpc_tls import missing_certificates
from .known_endpoints import not_forgotten, remembering, unknown
from .model import Context, Facts, Instance, Stack
from .prometheus import each_job
from .prometheus_version import is_certain, prometheus_version
from .promtool import JOBS, RULES, problems_of, problems_of_jobs, unjudged
from .queriers import beside
from .render import lost_labels, owners_part, phases
from .rendered import would_be_refused
from .ring_phases import ring_warnings
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
    command: Command = no_command,
) -> Outcome:
    """Bring the cluster to ``stack``; with ``purge`` also remove stateless instances that it does not name.

    ``gathered``: what was gathered for it, where that is done already; ``tried``: and its rule files were tried, too.
    ``command`` runs what tries them.

    Raises InvalidInput with everything that can be known to be wrong, before anything is changed.
    """
    gathered = gathered or gather(client, stack)
    facts = gathered.facts
    # In check mode they may be in the making: the edges of a first deploy are published by the same run.
    untold = [] if settings.check_mode else unknown(stack, facts.endpoints, facts.files)
    untold += not_forgotten(stack, facts.endpoints)
    stack = knowing(remembering(following(stack, facts.counts), facts.endpoints, facts.files), facts.existing)
    if not purge:
        stack = beside(stack, facts.queriers, facts.fronts)
    problems, warnings = check(stack, facts, planned=settings.check_mode)
    if not problems and not tried:
        for wrong, unsure in _judged(stack, facts, command):
            problems.extend(wrong)
            warnings.extend(unsure)
    warnings.extend(untold)
    rules = any(given(ruler, facts) for ruler in stack.doing(Duty.RULES))
    warnings.extend(unjudged({RULES: rules, JOBS: any(i["scrape_configs"] for i in _scrapers(stack))}))
    made = [*missing_objstores(stack, facts), *missing_certificates(stack, facts)]
    theirs = [*missing_files(stack, facts), *missing_passwords(stack, facts)]
    if settings.check_mode:
        # The tasks before this one, which make them, made nothing either. One sentence, as it is no news.
        absent = "; ".join(dict.fromkeys(each.what for each in made))
        warnings.extend([f"not there yet, as is to be expected before a first deploy: {absent}"] if made else ())
        warnings.extend(f"{each} In check mode that is to be expected before a first deploy." for each in theirs)
    else:
        problems.extend((*made, *theirs))
    if problems:
        raise InvalidInput(problems)
    warnings.extend(ring_warnings(Context(stack, facts)))
    warnings.extend((*owners_part(stack, facts), *lost_labels(stack)))
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
    outcome.warnings[:0] = [*warnings, *changed_labels(outcome.updated)]
    return outcome


def _judged(stack: Stack, facts: Facts, command: Command) -> Iterator[tuple[list[Finding], list[str]]]:
    """What promtool says of rules and jobs: (problems, warnings) of each instance."""
    for ruler in stack.doing(Duty.RULES):
        yield problems_of(rule_files(ruler, facts), f"instances.{ruler.name}.rules", command)
    for each in _scrapers(stack):
        where, version = f"instances.{each.name}", prometheus_version(each)
        yield problems_of_jobs(each_job(each), where, version, is_certain(each), command)


def _scrapers(stack: Stack) -> list[Instance]:
    """The Prometheis that the collection configures."""
    return [instance for instance in stack.doing(Duty.SCRAPE) if not instance["prometheus"]]


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
