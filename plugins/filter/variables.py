# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's filters: Ansible's variables in, plain data out. The work is in _inventory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ansible.errors import AnsibleError, AnsibleTemplatePluginError
from ansible.utils.display import Display
from jinja2 import UndefinedError, pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import (
    arguments,
    buckets,
    recorded,
    roles,
    together,
)
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import hosts as inventory
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import sources as origin
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.links import derive
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.members import Member, member, unknown
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import EDGES, HUBS
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import told as fleet_as_data
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology_checks import refusals, warnings
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import unknown as unknown_names
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import untrue
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import union
from ansible_collections.o11y.thanos.plugins.module_utils._options.switches import is_true
from ansible_collections.o11y.thanos.plugins.plugin_utils._variables import Ours, first_line, told

# Which bucket a host uses is told without its credentials, whose lookups may be slow or forbidden to another run.
_SECRETS = frozenset(name for name, key in union().items() if key.secret)
# What reading a variable raises that refers to what is not defined, or to a vault or a lookup that is not at hand.
_UNRESOLVED = (AnsibleError, UndefinedError)

T = TypeVar("T")


@pass_context
def instances(context: Context, variables: Mapping[str, Any], tiers: Collection[str] | None = None) -> dict[str, Any]:
    """See instances.yml."""
    wanted = None if tiers is None else [str(tier) for tier in tiers]
    return told(lambda: arguments.instances(Ours(context, variables), wanted))


@pass_context
def unread(context: Context, variables: Mapping[str, Any]) -> list[str]:
    """See unread.yml."""
    ours = Ours(context, variables)
    return [str(finding) for finding in (*unknown_names(ours), *untrue(ours))]


@pass_context
def common(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See common.yml."""
    return told(lambda: arguments.common(Ours(context, variables)))


@pass_context
def objstores(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See objstores.yml."""
    return told(lambda: together.objstores(Ours(context, variables)))


@pass_context
def sources(context: Context, variables: Mapping[str, Any], store: str = "") -> dict[str, str]:
    """See sources.yml."""
    return told(lambda: origin.sources(Ours(context, variables), str(store)))


@pass_context
def objstore_needs(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See objstore_needs.yml."""
    ours = Ours(context, variables, without=_SECRETS)
    return arguments.objstore_needs(ours, str(ours.get("thanos_stack") or roles.STACK))


@pass_context
def rights(context: Context, variables: Mapping[str, Any], optional: bool = False) -> dict[str, Any]:
    """See rights.yml."""
    # Imported here: it needs what renders a stack, which no other filter does, and each task would pay for.
    from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import cluster_role, role

    return told(lambda: (cluster_role if optional else role)(Ours(context, variables)))


@pass_context
def clashes(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See clashes.yml."""
    played = _played(context, hosts)
    return inventory.same_stack(
        _of_each(hosts, played, lambda host: inventory.site(hostvars[host], host in played)), played
    )


@pass_context
def labelled_alike(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See labelled_alike.yml."""
    return inventory.labelled_alike(_read(context, hostvars, hosts, buckets.written))


@pass_context
def topology(
    context: Context, hostvars: Mapping[str, Any], hosts: Collection[str], record: bool = False
) -> dict[str, Any]:
    """See topology.yml."""
    members, played = _members(context, hostvars, hosts), _played(context, hosts)
    kept = {}
    if record:
        named = _of_each(hosts, played, lambda host: buckets.named(Ours(context, hostvars[host], without=_SECRETS)))
        kept[recorded.KEY] = recorded.record(members, named)
    return {**fleet_as_data(members, played), **kept}


@pass_context
def topology_refusals(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See topology_refusals.yml."""
    played = _played(context, hosts)
    seen = _members(context, hostvars, hosts)
    others = _recorded(context) if any(one.partial for one in seen) else {}
    if others is None:
        Display().warning(
            "This run sees a part of the fleet, and thanos_topology does not tell of the rest: whether another part "
            "compacts a bucket of these hosts, or writes blocks with equal labels, is not known."
        )
    left = told(lambda: recorded.members(others or {}, without={one.host for one in seen}))
    found = derive([*seen, *left])
    # The mistakes of a host that is played are told in full by its own tasks.
    for sentence in warnings(found, without=played):
        Display().warning(sentence)
    return [str(finding) for finding in refusals(found, played)]


@pass_context
def granted_apart(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See granted_apart.yml."""
    found = _read(context, hostvars, hosts, buckets.granted)
    return inventory.granted_apart(
        {f"{name} of {host}": granted for host, stores in found.items() for name, granted in stores.items()}
    )


@pass_context
def needed_elsewhere(context: Context, hostvars: Mapping[str, Any], host: str, others: Collection[str]) -> list[str]:
    """See needed_elsewhere.yml."""
    removed = buckets.managed(Ours(context, hostvars[host], without=_SECRETS)).values()
    named, unknown = {}, []
    for other in others:
        try:
            named[str(other)] = buckets.named(Ours(context, hostvars[other], without=_SECRETS))
        except _UNRESOLVED as error:
            # What was removed cannot be brought back: here, what is not known counts as a use.
            unknown.append(
                f"Which buckets {other} uses, which this run does not tear down, is not known: its variables cannot be "
                f"read ({first_line(error)}). Make them readable, or leave thanos_teardown_buckets and "
                "thanos_teardown_blocks out."
            )
    if is_true(Ours(context, hostvars[host]).get("thanos_part_of_fleet")):
        recorded_ones = _recorded(context)
        if recorded_ones is None:
            unknown.append(
                "This run sees a part of the fleet, and thanos_topology does not tell which buckets the rest uses. "
                "Give it, or leave thanos_teardown_buckets and thanos_teardown_blocks out."
            )
        else:
            named |= told(lambda: recorded.buckets(recorded_ones, without=hostvars))
    return [*inventory.needed_elsewhere(removed, named), *(unknown if removed else ())]


@pass_context
def compacted_twice(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See compacted_twice.yml."""
    return inventory.compacted_twice(_read(context, hostvars, hosts, buckets.compacted))


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """As Ansible asks for them."""
        return {
            "instances": instances,
            "unread": unread,
            "common": common,
            "objstores": objstores,
            "objstore_needs": objstore_needs,
            "rights": rights,
            "sources": sources,
            "clashes": clashes,
            "compacted_twice": compacted_twice,
            "labelled_alike": labelled_alike,
            "granted_apart": granted_apart,
            "topology": topology,
            "topology_refusals": topology_refusals,
            "needed_elsewhere": needed_elsewhere,
        }


def _read(
    context: Context, hostvars: Mapping[str, Any], hosts: Collection[str], read: Callable[[Mapping[str, Any]], T]
) -> dict[str, T]:
    """What ``read`` makes of each host's variables."""
    return _of_each(hosts, _played(context, hosts), lambda host: read(Ours(context, hostvars[host], without=_SECRETS)))


def _of_each(hosts: Collection[str], played: Collection[str], work: Callable[[str], T]) -> dict[str, T]:
    """The result of ``work`` for each host; mistakes in its variables are told where the host itself is checked.

    A host that the play leaves out may refer to what is not at hand. The others are not held up for it.
    """
    found = {}
    for host in map(str, hosts):
        try:
            found[host] = work(host)
        except InvalidInput:
            continue
        except _UNRESOLVED as error:
            if host in played:
                raise
            Display().warning(
                f"{host} is not part of this run, and its variables cannot be read ({first_line(error)}): whether it "
                "is in the way of the others is not known"
            )
    return found


def _members(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[Member]:
    """Each host as the others see it; one that is not played, and refers to what is not at hand, is not known."""
    played, found = _played(context, hosts), []
    groups = context.resolve_or_missing("groups")
    fleet = [] if groups is missing else [host for name in (HUBS, EDGES) for host in groups.get(name, ())]
    # Whom a run plays is not who reads whom: the groups belong to it as a whole.
    for host in dict.fromkeys(map(str, (*hosts, *fleet))):
        own = hostvars[host]
        try:
            found.append(member(host, Ours(context, own, without=_SECRETS), host in played))
        except _UNRESOLVED as error:
            if host in played:
                raise
            why = f"{host} is not part of this run, and its variables cannot be read ({first_line(error)})."
            found.append(unknown(host, own.get("group_names") or (), why))
    return found


def _recorded(context: Context) -> Mapping[str, Any] | None:
    """What a run over the whole fleet knew of each host, as thanos_topology says; None where that is not set."""
    value = context.resolve_or_missing(recorded.VARIABLE)
    if value is missing or not value:
        return None
    if isinstance(value, Mapping):
        return told(lambda: recorded.within(value))
    text = str(value)
    if not text.lstrip().startswith("{"):
        try:
            text = Path(text).read_text(encoding="utf-8")
        except OSError as error:
            raise AnsibleTemplatePluginError(f"thanos_topology: {text} cannot be read: {error.strerror}.") from None
    return told(lambda: recorded.read(text))


def _played(context: Context, hosts: Collection[str]) -> Collection[str]:
    """The hosts of the play, also those that have failed by now; outside of a play all of them."""
    played = context.resolve_or_missing("ansible_play_hosts_all")
    return {str(host) for host in (hosts if played is missing else played)}
