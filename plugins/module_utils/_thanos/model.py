# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What flows from spec to render: the stack a user asked for, and the facts about the cluster that rendering needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._objstore.identity import Identity
from .._objstore.needs import Needs
from .tier import Duty, Tier

if TYPE_CHECKING:
    from .workloads import Workload

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Instance:
    """One deployment of a tier. ``options`` holds a value for every row of the tier's option table."""

    tier: Tier
    name: str
    fullname: str
    options: Mapping[str, Any]

    def __getitem__(self, option: str) -> Any:
        return self.options[option]


@dataclass(frozen=True)
class Stack:
    """One Thanos in one cluster: the instances that shall exist, and the names of those that shall not.

    ``objstores`` is (object store, access role) → what its pods need, as far as the options tell. ``queriers`` are the
    addresses of those that run beside it, of instances that it does not name.
    """

    name: str
    namespace: str
    cluster: str
    instances: tuple[Instance, ...]
    absent: tuple[Instance, ...] = ()
    objstores: Mapping[tuple[str, str], Needs] = field(default_factory=dict)
    queriers: tuple[str, ...] = ()
    _workloads: dict[str, tuple[Workload, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def workloads(self, instance: Instance) -> tuple[Workload, ...]:
        """What an instance consists of, with its arguments; they are made once."""
        if instance.name not in self._workloads:
            self._workloads[instance.name] = instance.tier.workloads(instance, self)
        return self._workloads[instance.name]

    def doing(self, duty: Duty) -> tuple[Instance, ...]:
        """The instances whose tier has this duty."""
        return tuple(i for i in self.instances if duty in i.tier.duties)


@dataclass(frozen=True)
class ObjstoreFact:
    """What is known of an object-store Secret that exists: a digest keyed with its uid, and which store it is.

    ``needs`` are those of the options, or where these do not tell, what the Secret says of itself. ``identity`` is None
    when the content cannot be read or parsed. ``missing`` are those of ``needs.env`` that do not exist. No value of a
    Secret is part of it.
    """

    needs: Needs
    digest: str
    identity: Identity | None
    has_key: bool = True
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compactor:
    """A workload somewhere in the cluster that compacts a bucket; ``identity`` as in ObjstoreFact."""

    where: str
    identity: Identity | None


@dataclass(frozen=True)
class Count:
    """How many pods a live workload shall have; ``others`` when somebody beside us wrote that."""

    replicas: int
    others: bool


@dataclass(frozen=True)
class Facts:
    """The live facts that checks and rendering need. Empty facts stand for a cluster without anything of the stack.

    ``objstores`` is by (store or Secret name, access role), ``store_apis`` the headless Service with a StoreAPI by
    instance name, ``workloads`` the names of live workloads, ``live_instances`` the kind of workload by instance name,
    ``claims`` (size, class) by StatefulSet name, ``storage_classes`` None when unreadable, ``rule_sources`` the texts
    of a ruler's rule_files and rule_config_maps by instance name and file name, ``counts`` by workload name, of those
    alone whose count is not ours to set; ``files`` the keys of Secrets and ConfigMaps in the pods by kind and name
    (``Secret/tls``), None where there is none; ``queriers`` the addresses of live ones by instance name, ``former`` the
    bucket of live pods that are to have another Secret, by instance name; ``volumes`` the sizes (asked for, there) of
    claims by name, where the run makes pods that could be given one.
    """

    objstores: Mapping[tuple[str, str], ObjstoreFact] = field(default_factory=dict)
    store_apis: Mapping[str, str] = field(default_factory=dict)
    workloads: frozenset[str] = frozenset()
    live_instances: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    storage_classes: frozenset[str] | None = None
    default_storage_class: bool = True
    compactors: tuple[Compactor, ...] = ()
    rule_sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    counts: Mapping[str, Count] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    queriers: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, Identity] = field(default_factory=dict)
    volumes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a tier's renderer gets beside its instance."""

    stack: Stack
    facts: Facts
