# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the others of a fleet must know of a host, read from its variables once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .._errors import InvalidInput
from .._findings import Finding
from .._objstore.identity import Identity
from .._options.convert import convert
from .._options.switches import is_true
from .._thanos.tiers import TIERS
from .._thanos.versions import DEFAULT_THANOS
from . import roles
from .arguments import common, instances
from .buckets import Grants, compactors, granted, labelled, using
from .hosts import NAMESPACE, Series, Site, site
from .variables import declared_stores, reads_of


class Querier(NamedTuple):
    """A querier: its instance's name, its version, and the labels that it takes for those of replicas."""

    instance: str
    version: str
    replica_labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A host of the fleet.

    ``reads``: what ``thanos_reads`` names, None without it. ``unknown``: why the rest is not known, empty where it is.
    ``published``: the first querier's address, empty where none is known; ``hidden`` says why it can have none.
    ``mistakes``: those in variables that only the fleet reads. ``partial``: the inventory is a part of the fleet.
    """

    host: str
    groups: frozenset[str]
    role: str
    site: Site
    reads: tuple[str, ...] | None = None
    unknown: str = ""
    cluster: str = ""
    encrypted: bool = True
    version: str = DEFAULT_THANOS
    instances: Mapping[str, str]
    queriers: tuple[Querier, ...] = ()
    published: str = ""
    hidden: str = ""
    written: tuple[Series, ...] = ()
    compacted: tuple[Identity, ...] = ()
    granted: Grants
    mistakes: tuple[Finding, ...] = ()
    partial: bool = False

    @property
    def server_name(self) -> str:
        """The name in the certificate of its querier; empty where nobody reads it."""
        return roles.server_name(self.site.stack, self.host) if self.role in (roles.EDGE, roles.BOTH) else ""


def member(host: str, variables: Mapping[str, Any], played: bool = True) -> Member:
    """The host with these variables. Mistakes in those that its own tasks read are told there."""
    mistakes: list[Finding] = []
    bare = unknown(host, variables.get("group_names") or (), "")
    reads, partial = reads_of(variables, mistakes), is_true(variables.get("thanos_part_of_fleet"))
    bare = replace(bare, site=site(variables, played), reads=reads, mistakes=tuple(mistakes), partial=partial)
    try:
        return _known(bare, variables)
    except InvalidInput as error:
        first, more = error.problems[0], len(error.problems) - 1
        return replace(bare, unknown=f"its variables have mistakes. {first}{f' And {more} more.' if more else ''}")


def unknown(host: str, groups: Iterable[Any], why: str) -> Member:
    """A host of which no more is known than its groups."""
    names = frozenset(map(str, groups))
    place = Site("", NAMESPACE, roles.STACK)
    return Member(host=host, groups=names, role=roles.role_of(names), site=place, unknown=why, instances={}, granted={})


def _known(bare: Member, variables: Mapping[str, Any]) -> Member:
    found = {name: options for name, options in instances(variables).items() if options.get("state") != "absent"}
    stores, shared = declared_stores(variables, []), common(variables)
    used = using(found, stores, bare.site.stack)
    cluster = str(variables.get("thanos_cluster") or bare.host)
    names = roles.queriers(found)
    general = {"version": variables.get("thanos_version") or DEFAULT_THANOS, **_set(shared)}
    queriers = tuple(_querier(name, _tier(name, found[name]), {**general, **_set(found[name])}) for name in names)
    published, hidden = _address(found, names, _told(variables))
    return replace(
        bare,
        cluster=cluster,
        encrypted=roles.encrypted(variables),
        version=queriers[0].version if queriers else str(general["version"]),
        instances={name: _tier(name, options) for name, options in found.items()},
        queriers=queriers,
        published=published,
        hidden=hidden,
        written=tuple(labelled(found, shared, bare.site.stack, cluster, used)),
        compacted=tuple(compactors(used)),
        granted=granted(variables),
    )


def _tier(name: str, options: Mapping[str, Any]) -> str:
    return str(options.get("tier", name))


def _set(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None and value != ""}


def _querier(name: str, tier: str, options: Mapping[str, Any]) -> Querier:
    rows = {key: TIERS[tier].options[key] for key in ("version", "replica_labels")}
    # A mistake is told where the host itself is checked.
    typed = convert(rows, {key: options[key] for key in rows if key in options}, "", [])
    return Querier(name, str(typed["version"]).removeprefix("v"), tuple(typed["replica_labels"]))


def _told(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Instance → the address under which the last task of the role ``stack`` published it."""
    result = variables.get("stack_result")
    published = result.get("published") if isinstance(result, Mapping) else None
    return published if isinstance(published, Mapping) else {}


def _address(found: Mapping[str, Mapping[str, Any]], names: list[str], told: Mapping[str, Any]) -> tuple[str, str]:
    """The address of the querier that others read, and why there can be none."""
    if not names:
        return "", "it has no querier: enable the tier query there (thanos_enabled)"
    publish = found[names[0]].get("publish")
    if not isinstance(publish, Mapping):
        publish = {"type": publish}
    given = publish.get("address") or told.get(names[0])
    if not given and not publish.get("type"):
        return "", "its querier is not published: give its publish there a type or an address"
    return str(given or ""), ""
