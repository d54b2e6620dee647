# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which rings change: ingestors come before the ring file names them, and go when it no longer does.

Ingestors that stay or come; the ring file; ingestors that leave; ingestors that are replaced; routers. Each step waits
for what the next one rests on, also with ``wait: false``: a mistake here loses samples. Only to replace ingestors is
left to a run that waits: those that are there lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .._kubernetes.manifest import Ref, ref_of
from .._kubernetes.phases import Gate, Phase
from .._kubernetes.readiness import rollout_gate
from .channels import HTTP
from .drain_guard import Drain, Leaver
from .hashring.merge import Merged
from .hashring.ring_file import ring_config_map
from .hashring.rings import RingFacts
from .model import Context, Instance, Manifest
from .receive_rings import planned_rings
from .ring_gates import RingChange, loaded_gate, members_guard
from .roll_gate import Roll
from .tier import Duty
from .workloads import KINDS, Workload


@dataclass(frozen=True)
class Rollout:
    """How one instance with hashrings is brought to what is wanted; ``rendered`` are its objects."""

    instance: Instance
    ctx: Context
    rendered: Sequence[Manifest]

    @cached_property
    def facts(self) -> RingFacts:
        """What is known of its rings."""
        return self.ctx.facts.rings.get(self.instance.name, RingFacts())

    @cached_property
    def plan(self) -> Merged:
        """The rings that the file shall have in the end."""
        return planned_rings(self.instance, self.ctx)

    @property
    def early(self) -> list[Manifest]:
        """What must be there before any workload: the first ring file, where ingestors do not start without it."""
        combined = not any(Duty.INGEST not in workload.duties for workload in self._doing(Duty.ROUTE).values())
        return [m for m in self.rendered if self._is_file(m)] if combined and self.facts.current is None else []

    @property
    def late(self) -> list[Manifest]:
        """What no other phase may have: the ring file, its readers, and ingestors of which some leave."""
        early = self.early
        readers = [w.name for w in self._doing(Duty.ROUTE).values() if Duty.INGEST not in w.duties]
        held = {*readers, *self._shrinking}
        return [m for m in self.rendered if m not in early and (self._is_file(m) or _is_workload(m, held))]

    def phases(self, others: Iterable[Manifest]) -> list[Phase]:
        """The phases. ``others`` are its live workloads, of which those that are not ``late`` are rolled here."""
        file = [m for m in self.late if self._is_file(m)]
        staying = [m for m in others if m not in self.late]
        leaving = [m for m in self.late if _is_workload(m, self._shrinking)]
        readers = [m for m in self.late if m not in file and m not in leaving]
        name = self.instance.name
        copies = self.instance["replication_factor"]
        change = RingChange(self.ctx.stack.namespace, self._config_map, self.plan.rings, self.facts.current, copies)
        found = [
            Phase(f"{name}: ingestors", staying, _rolled(staying)) if staying else None,
            Phase(
                f"{name}: hashrings",
                file,
                guard=members_guard(change),
                completed=change.completed,
                completed_from=("EndpointSlice",),
            ),
            self._leave(leaving),
            Phase(f"{name}: roll", [], self._roll().gate()) if self.facts.sizes else None,
            Phase(f"{name}: routers", readers, _rolled(readers)) if readers else None,
            Phase(
                f"{name}: rings loaded",
                [],
                loaded_gate(self.ctx.stack.namespace, self._config_map, self._doing(Duty.ROUTE)),
                firm=True,
            ),
        ]
        return [phase for phase in found if phase]

    def _leave(self, manifests: list[Manifest]) -> Phase | None:
        """Ingestors that leave: those above the new size of a ring, and all of a ring that is wanted no more."""
        pods = [f"{name}-{i}" for name, (now, then) in sorted(self._leavers.items()) for i in range(then, now)]
        if not pods:
            return None
        channel = next((w.channel("http") for w in self._doing(Duty.INGEST).values()), HTTP)
        drain = Drain(
            self.ctx.stack.namespace,
            self._config_map,
            self._doing(Duty.ROUTE),
            [] if self.instance["shrink_without_proof"] else [Leaver(pod, channel) for pod in pods],
        )
        claims = [Ref("PersistentVolumeClaim", self.ctx.stack.namespace, f"data-{pod}") for pod in pods]
        deleted = self.instance["delete_claims_of_removed_ingestors"] and drain.leavers
        return Phase(
            f"{self.instance.name}: leaving ingestors",
            manifests,
            _rolled(manifests) if manifests else None,
            # Those of a ring that is not wanted any more are in no manifest: they are removed here.
            prunes=any(name not in self._doing(Duty.INGEST) for name in self._leavers),
            guard=drain.gate(),
            # Kubernetes keeps a claim until its pod is gone.
            ends=tuple(claims) if deleted else (),
        )

    def _roll(self) -> Roll:
        members = [member for ring in self.plan.rings for member in ring.members]
        return Roll(
            self.ctx.stack.namespace,
            self._doing(Duty.INGEST),
            self._doing(Duty.ROUTE),
            {member.pod: member.address for member in members},
        )

    @cached_property
    def _leavers(self) -> Mapping[str, tuple[int, int]]:
        """(pods now, pods then) of StatefulSets that have fewer then."""
        then = {name: workload.replicas for name, workload in self._doing(Duty.INGEST).items()}
        return {name: (now, then.get(name, 0)) for name, now in self.facts.sizes.items() if now > then.get(name, 0)}

    @property
    def _shrinking(self) -> set[str]:
        return set(self._leavers) & set(self._doing(Duty.INGEST))

    @property
    def _config_map(self) -> str:
        return ring_config_map(self.instance.fullname)

    def _is_file(self, manifest: Manifest) -> bool:
        return (manifest["kind"], manifest["metadata"]["name"]) == ("ConfigMap", self._config_map)

    def _doing(self, duty: Duty) -> dict[str, Workload]:
        return {w.name: w for w in self.ctx.stack.workloads(self.instance) if duty in w.duties}


def ring_warnings(ctx: Context) -> list[str]:
    """What a run leaves of its rings as it is, although something else was asked for."""
    found = [Rollout(instance, ctx, ()) for instance in ctx.stack.doing(Duty.ROUTE)]
    return [f"{each.instance.name}: {held}; the ring stays as it is" for each in found for held in each.plan.held]


def _rolled(manifests: Iterable[Manifest]) -> Gate | None:
    refs = [ref_of(manifest) for manifest in manifests]
    return rollout_gate(refs) if refs else None


def _is_workload(manifest: Manifest, names: Iterable[str]) -> bool:
    name: str = manifest["metadata"]["name"]
    return manifest["kind"] in KINDS and name in set(names)
