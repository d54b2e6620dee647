# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over the whole fleet knew of each host, for runs that see a part of it only, such as a job's slices. Pure.

Names and buckets, and never a credential: a record travels through files and results.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._errors import InvalidInput
from .._findings import mistake
from .._objstore.identity import Identity
from .hosts import Labels, Series, Site
from .members import Member, Querier

# The variable with a record, and the key that holds it in the file that the playbook topology writes.
VARIABLE, KEY = "thanos_topology", "record"
# The fields of a member that are plain data by themselves.
_PLAIN = ("role", "unknown", "cluster", "encrypted", "version", "published", "hidden")


def record(members: Iterable[Member], named: Mapping[str, Collection[Identity]]) -> dict[str, Any]:
    """Host → what the others must know of it, as JSON takes it; ``named``: host → every bucket that it names."""
    return {member.host: _recorded(member, named.get(member.host, ())) for member in members}


def _recorded(member: Member, named: Collection[Identity]) -> dict[str, Any]:
    return {
        **{name: getattr(member, name) for name in _PLAIN},
        "groups": sorted(member.groups),
        "site": list(member.site),
        "reads": None if member.reads is None else list(member.reads),
        "instances": dict(member.instances),
        "queriers": [[*one[:2], list(one.replica_labels)] for one in member.queriers],
        "written": [
            [one.instance, one.bucket and list(one.bucket), _plain(one.labels), one.replica_label]
            for one in member.written
        ],
        "compacted": [list(bucket) for bucket in member.compacted],
        "granted": {
            store: [list(bucket), {role: sorted(users) for role, users in grants.items()}]
            for store, (bucket, grants) in member.granted.items()
        },
        "named": sorted({tuple(bucket) for bucket in named}),
    }


def _plain(labels: Labels | None) -> dict[str, str] | None:
    return None if labels is None else dict(sorted(labels))


def members(found: Mapping[str, Any], without: Collection[str]) -> list[Member]:
    """The hosts of a record, but for those that a run sees itself. Raises InvalidInput."""
    try:
        return [_restored(host, told) for host, told in found.items() if host not in without]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unreadable() from None


def buckets(found: Mapping[str, Any], without: Collection[str]) -> dict[str, list[Identity]]:
    """Host → every bucket that it names, of the hosts of a record that a run does not see. Raises InvalidInput."""
    try:
        return {
            host: [Identity(*bucket) for bucket in told["named"]] for host, told in found.items() if host not in without
        }
    except (KeyError, TypeError):
        raise _unreadable() from None


def _restored(host: str, told: Mapping[str, Any]) -> Member:
    return Member(
        host=host,
        groups=frozenset(told["groups"]),
        site=Site(*told["site"]),
        reads=None if told["reads"] is None else tuple(told["reads"]),
        instances=told["instances"],
        queriers=tuple(Querier(name, version, tuple(labels)) for name, version, labels in told["queriers"]),
        written=tuple(
            Series(
                name,
                Identity(*bucket) if bucket else None,
                None if labels is None else frozenset(labels.items()),
                replica,
            )
            for name, bucket, labels, replica in told["written"]
        ),
        compacted=tuple(Identity(*bucket) for bucket in told["compacted"]),
        granted={
            store: (Identity(*bucket), {role: frozenset(users) for role, users in grants.items()})
            for store, (bucket, grants) in told["granted"].items()
        },
        **{name: told[name] for name in _PLAIN},
    )


def read(text: str) -> Mapping[str, Any]:
    """The record in the text of a file of the playbook topology, or of what it handed over. Raises InvalidInput."""
    try:
        return within(json.loads(text))
    except ValueError:
        raise _unreadable() from None


def within(value: Any) -> Mapping[str, Any]:
    """The record in what such a text holds. Raises InvalidInput."""
    found = value.get(KEY) if isinstance(value, Mapping) else None
    if not isinstance(found, Mapping):
        raise _unreadable()
    return found


def _unreadable() -> InvalidInput:
    what = "this is not what the playbook topology of this release hands over or writes"
    advice = "Run it over the whole inventory, and give its topology.json, or what it handed over"
    return InvalidInput([mistake("variable-form", VARIABLE, what, advice)])
