# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What flows from spec to render: the stack a user asked for, and the facts about the cluster that rendering needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._findings import Finding
from .._objstore.identity import Identity
from .._objstore.needs import Needs
from .tier import Duty, Tier

if TYPE_CHECKING:
    from .hashring.rings import RingFacts
    from .workloads import Workload

Manifest = dict[str, Any]


def fullname(stack: str, name: str, given: Any) -> str:
    """What an instance is called on the server: as the option of that name says, else by its stack and its name."""
    return str(given or f"{stack}-{name}".replace("_", "-"))


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
class Front:
    """A query frontend: the URL of its API, that of what it asks, and whether it remembers answers."""

    url: str
    downstream: str
    remembers: bool


@dataclass(frozen=True)
class Stack:
    """One Thanos in one cluster: the instances that shall exist, and the names of those that shall not.

    ``objstores`` is (object store, access role) → what its pods need, as far as the options tell. ``queriers`` are the
    addresses of those that run beside it, by instance; it names none of these. ``fronts`` are query frontends likewise.
    ``warnings`` are about options, whatever is live.
    """

    name: str
    namespace: str
    cluster: str
    instances: tuple[Instance, ...]
    absent: tuple[Instance, ...] = ()
    objstores: Mapping[tuple[str, str], Needs] = field(default_factory=dict)
    queriers: Mapping[str, str] = field(default_factory=dict)
    fronts: Mapping[str, Front] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    _workloads: dict[str, tuple[Workload, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def workloads(self, instance: Instance) -> tuple[Workload, ...]:
        """What an instance consists of, with its arguments; they are made once."""
        if instance.name not in self._workloads:
            self._workloads[instance.name] = instance.tier.workloads(instance, self)
        return self._workloads[instance.name]

    def views(self) -> tuple[Instance, ...]:
        """Every instance as its workloads see it: more than once, where these differ in their options."""
        return tuple({id(w.instance): w.instance for i in self.instances for w in self.workloads(i)}.values())

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
class TlsFact:
    """What is known of a Secret with certificates: digests of its CA files, keyed with its uid, and its generation.

    ``empty`` are the CA files in which there is no certificate.
    """

    digests: Mapping[str, str]
    generation: str = ""
    empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialled:
    """How live pods of a querier speak to each endpoint, as a digest by address; how often that changed for them."""

    settings: Mapping[str, str]
    generation: int = 0


@dataclass(frozen=True)
class Node:
    """A ready node: its address for clients outside, when it was made, and whether it takes new pods."""

    name: str
    address: str
    created: str = ""
    schedulable: bool = True


@dataclass(frozen=True)
class Replica:
    """A pod of a Prometheus that somebody else made, and what it told; ``error`` why it could not be asked.

    ``labels`` are its external labels, ``flags`` those of its command, ``interval`` is how often it scrapes at least.
    """

    pod: str
    version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    interval: str = ""
    error: str = ""


@dataclass(frozen=True)
class Existing:
    """A Prometheus that somebody else made: a StatefulSet, or the custom resource of the Prometheus Operator.

    ``missing`` says why nothing is known of it, and ``advice`` what to do. ``controller`` is what owns the object and
    would undo a change, ``tool`` what it is deployed with by its marks, ``chart`` its Helm chart. ``sidecar`` is whose
    sidecar there is: ``ours``, ``theirs``, or empty. ``selector`` are the labels of its pods, ``scheme`` is that of
    their web port; each of the ``shards`` scrapes a part of the targets.

    Of a StatefulSet: ``container`` is the one of Prometheus among ``containers``, ``mounts`` its volume mounts,
    ``user`` whom it runs as (empty where the pod says so, None where nothing does), ``temporary`` the volumes that live
    as long as a pod, ``ports`` those of all containers but our own. Of a custom resource: ``operator`` is the version
    of its definition, ``schema`` the fields that this has, None where it may not be read.
    """

    kind: str
    name: str
    missing: str = ""
    advice: str = ""
    replicas: int = 1
    shards: int = 1
    selector: Mapping[str, str] = field(default_factory=dict)
    pods: tuple[Replica, ...] = ()
    scheme: str = "http"
    controller: str = ""
    tool: str = ""
    chart: str = ""
    sidecar: str = ""
    container: str = ""
    containers: tuple[str, ...] = ()
    mounts: tuple[Mapping[str, Any], ...] = ()
    user: Mapping[str, int] | None = None
    temporary: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    on_delete: bool = False
    operator: str = ""
    schema: tuple[str, ...] | None = None

    @property
    def told(self) -> tuple[Replica, ...]:
        """The pods that could be asked."""
        return tuple(replica for replica in self.pods if not replica.error)

    def flag(self, name: str) -> str:
        """What a flag of its command is; its pods have the same."""
        return str(self.told[0].flags.get(name, "")) if self.told else ""


@dataclass(frozen=True)
class Facts:
    """The live facts that checks and rendering need. Empty facts stand for a cluster without anything of the stack.

    ``objstores`` is by (store or Secret name, access role), ``store_apis`` the instance name by headless Service
    with a StoreAPI, ``workloads`` names of live workloads, ``live_instances`` the kind of workload by instance name,
    ``claims`` (size, class) by StatefulSet name, ``storage_classes`` None when unreadable, ``rule_sources`` the texts
    of a ruler's rule_files and rule_config_maps by instance name and file name, ``counts`` by workload name, of those
    alone whose count is not ours to set; ``files`` the keys of Secrets and ConfigMaps in the pods by kind and name
    (``Secret/tls``), None where there is none; ``queriers`` the addresses of live ones by instance name, ``former`` the
    bucket of live pods that are to have another Secret, by workload name; ``volumes`` the sizes (asked for, there) of
    claims by name, where the run makes pods that could be given one; ``certificates`` by Secret name, ``secured`` the
    instances whose live gRPC servers speak TLS; ``nodes`` None where they may not be read, and ``published`` the host
    that was given to others by instance name, both only where a node port is published; ``endpoints`` those that the
    live queriers know by name, by instance name, where options leave something to that; ``dialled`` by instance name;
    ``rings`` what is known of the hashrings of a receive, by instance name;
    ``existing`` the Prometheis of others, by the name of the instance that is beside them; ``discovered`` the
    addresses of StoreAPIs of others by the name of the querier that looks for them; ``unfit`` is what is wrong with
    certificates that somebody else made;
    ``passwords`` the digests of those of caches by Secret and key (``redis/password``), keyed with the Secret's uid;
    ``fronts`` live query frontends by instance name.
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
    certificates: Mapping[str, TlsFact] = field(default_factory=dict)
    secured: frozenset[str] = frozenset()
    nodes: tuple[Node, ...] | None = None
    published: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    dialled: Mapping[str, Dialled] = field(default_factory=dict)
    rings: Mapping[str, RingFacts] = field(default_factory=dict)
    existing: Mapping[str, tuple[Existing, ...]] = field(default_factory=dict)
    discovered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unfit: tuple[Finding, ...] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)
    fronts: Mapping[str, Front] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a tier's renderer gets beside its instance."""

    stack: Stack
    facts: Facts
