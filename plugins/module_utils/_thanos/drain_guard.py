# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard before ingestors go: what they hold is in the bucket, told from their metrics and by who reads the bucket.

An ingestor that is stopped uploads what it has, but for the newest timestamp of each tenant and whatever came out of
order, and it says success in any case. So it is stopped, started and stopped again, and only what it then still has in
no block, and which blocks of it others find in the bucket, say that nothing is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._kubernetes.apply import delete
from .._kubernetes.client import Client
from .._kubernetes.phases import DONE, Gate, Snapshot, Verdict, failed, waiting
from .channels import HTTP, Channel
from .metrics import Metrics
from .model import Manifest
from .pod_pages import is_ready, page_of
from .prefix import args_of, prefix_of
from .ring_gates import unloaded
from .workloads import Workload

# Who tells which blocks are in a bucket, by the label app.kubernetes.io/name, and the view that has all of them.
WITNESSES = {"thanos-store": "loaded", "thanos-compact": "global"}
# A store gateway looks into the bucket every few minutes, and what it tells may be megabytes.
_ASK_EVERY = 10
_STOPS = 2
_OUT_OF_ORDER = "--tsdb.out-of-order.time-window="
_LABEL = re.compile(r'--label=(\w+)="(.*)"')


@dataclass
class Leaver:
    """An ingestor that is to go, and how far it is.

    ``stops`` is how often this run stopped it, ``former`` the uid that it had then.
    """

    pod: str
    channel: Channel
    stops: int = 0
    former: str = ""


@dataclass
class Drain:
    """The ingestors that go, of an instance whose routers read the ring file in ``config_map``."""

    namespace: str
    config_map: str
    routers: Mapping[str, Workload]
    leavers: Sequence[Leaver]
    _asked_at: float = 0.0
    _blocks: list[Mapping[str, Any]] = field(default_factory=list)

    def gate(self) -> Gate:
        """The guard; it opens when all that goes is in the bucket."""
        return Gate("drained", ("Pod", "Event"), lambda snapshot: snapshot.answer, self.step)

    def step(self, client: Client, snapshot: Snapshot) -> Verdict:
        """Look at each leaver, and stop those that have something left."""
        behind = unloaded(client, snapshot, self.namespace, self.config_map, self.routers)
        if behind:
            told = "; ".join(f"{pod} {why}" for pod, why in sorted(behind.items()))
            return waiting(f"ingestors leave when no router sends to them any more: {told}")
        pods = {pod["metadata"]["name"]: pod for pod in snapshot.of("Pod")}
        verdicts = [self._look(client, snapshot, leaver, pods.get(leaver.pod)) for leaver in self.leavers]
        broken = [verdict for verdict in verdicts if verdict.state == "failed"]
        rest = broken or [verdict for verdict in verdicts if verdict.state != "done"]
        if not rest:
            return DONE
        say = failed if broken else waiting
        return say("; ".join(v.reason for v in rest), *(pod for v in rest for pod in v.pods))

    def _look(self, client: Client, snapshot: Snapshot, leaver: Leaver, pod: Manifest | None) -> Verdict:
        name = leaver.pod
        if pod is None or pod["metadata"].get("deletionTimestamp") or pod["metadata"]["uid"] == leaver.former:
            return waiting(f"{name} is started anew, to upload what its stop left behind")
        if not is_ready(pod):
            return waiting(f"{name} is not ready, so that it cannot upload what it has", name)
        page = page_of(client, self.namespace, name, leaver.channel, "/metrics")
        if page.error:
            how = failed if leaver.channel.closed else waiting
            return how(f"{name} cannot tell whether all it has is uploaded: {page.error}", name)
        held = Holdings.of(page.metrics)
        if held.chunks:
            if leaver.stops == _STOPS:
                return self._left_over(name, held, pod)
            return _stopped(client, leaver, pod)
        if not held.is_uploaded:
            return waiting(f"{name} uploads its blocks ({held.failures:.0f} failures)", name)
        missing = self._missing(client, snapshot, leaver, held, pod)
        if missing and not leaver.stops:
            # What it shows as the end of its last block moves on while it runs without samples.
            return _stopped(client, leaver, pod)
        return waiting(missing, name) if missing else DONE

    def _left_over(self, name: str, held: Holdings, pod: Manifest) -> Verdict:
        """What to say of samples that no stop brings into a block."""
        what = f"{name} was stopped {_STOPS} times and still has {held.chunks:.0f} chunks of samples in no block"
        args = [argument for each in args_of(pod).values() for argument in each]
        window = next((a.removeprefix(_OUT_OF_ORDER) for a in args if a.startswith(_OUT_OF_ORDER)), "0s")
        if window not in ("0s", "0"):
            return failed(
                f"{what}: with an out-of-order window of {window} they are uploaded when Thanos compacts its database "
                "by itself, up to 5 h 12 m after they came. It is out of the ring and stays until then: run again later"
            )
        return waiting(f"{what}; Thanos compacts them by itself within hours", name)

    def _missing(self, client: Client, snapshot: Snapshot, leaver: Leaver, held: Holdings, pod: Manifest) -> str:
        """Which blocks nobody finds in the bucket yet; empty where all are there."""
        if not held.blocks:
            return ""
        witnesses = [each for each in snapshot.of("Pod") if _view(each) and is_ready(each)]
        if not witnesses:
            return (
                f"{leaver.pod} has uploaded its blocks, and no store gateway or compactor of the stack is ready to say "
                "that they are in the bucket"
            )
        self._ask(client, snapshot, witnesses)
        labels, tenant_label = _labels(pod), _tenant_label(pod)
        for tenant in sorted(held.blocks):
            ends = [each["maxTime"] for each in self._blocks if _has(each, {**labels, tenant_label: tenant})]
            if not ends or max(ends) < held.ends.get(tenant, 0):
                told = ", ".join(sorted(each["metadata"]["name"] for each in witnesses))
                return (
                    f"{leaver.pod} has uploaded its blocks, and {told} did not find those of tenant {tenant} in the "
                    "bucket yet (it looks every sync_block_duration)"
                )
        return ""

    def _ask(self, client: Client, snapshot: Snapshot, witnesses: Iterable[Manifest]) -> None:
        """Have the list of blocks in the bucket, unless it was asked for a moment ago."""
        now = snapshot.now.timestamp()
        if now - self._asked_at < _ASK_EVERY:
            return
        self._asked_at, self._blocks = now, []
        for pod in witnesses:
            args = [argument for each in args_of(pod).values() for argument in each]
            path = f"{prefix_of(args, external_route=False)}/api/v1/blocks"
            page = page_of(client, self.namespace, pod["metadata"]["name"], HTTP, path, {"view": _view(pod)})
            self._blocks += _blocks(page.text)


def _stopped(client: Client, leaver: Leaver, pod: Manifest) -> Verdict:
    """Stop it; its StatefulSet starts it anew."""
    leaver.stops, leaver.former = leaver.stops + 1, pod["metadata"]["uid"]
    delete(client, {"apiVersion": "v1", "kind": "Pod", **pod})
    return waiting(f"{leaver.pod} is stopped, so that it uploads what it has")


@dataclass(frozen=True)
class Holdings:
    """What an ingestor's metrics say: chunks in no block, tenants with blocks, and whether all of those are uploaded.

    ``ends`` is the end of the last block by tenant, in milliseconds: where a database without chunks begins.
    """

    chunks: float
    blocks: frozenset[str]
    ends: Mapping[str, float]
    looked: bool
    failures: float

    @classmethod
    def of(cls, page: Metrics) -> Holdings:
        """What a page of metrics says; the counters of uploads are those since its start."""
        chunks = page.by("prometheus_tsdb_head_chunks", "tenant")
        blocks = page.by("prometheus_tsdb_blocks_loaded", "tenant")
        looks = page.by("thanos_shipper_dir_syncs_total", "tenant")
        with_blocks = frozenset(tenant for tenant, count in blocks.items() if count)
        failures = page.total("thanos_shipper_upload_failures_total") + page.total(
            "thanos_shipper_dir_sync_failures_total"
        )
        return cls(
            sum(chunks.values()),
            with_blocks,
            page.by("prometheus_tsdb_head_min_time", "tenant"),
            all(looks.get(tenant) for tenant in with_blocks),
            failures,
        )

    @property
    def is_uploaded(self) -> bool:
        """Whether each tenant's blocks were gone through since the start, and none failed."""
        return self.looked and not self.failures


def _view(pod: Manifest) -> str:
    """The view of blocks that a pod has; empty for one that has none."""
    return WITNESSES.get((pod["metadata"].get("labels") or {}).get("app.kubernetes.io/name", ""), "")


def _blocks(text: str) -> list[Mapping[str, Any]]:
    """The blocks in an answer; none where it is no such answer."""
    try:
        return list(json.loads(text)["data"]["blocks"] or ())
    except (ValueError, KeyError, TypeError):
        return []


def _has(block: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    found = (block.get("thanos") or {}).get("labels") or {}
    return all(found.get(name) == value for name, value in labels.items())


def _labels(pod: Manifest) -> dict[str, str]:
    """The external labels of an ingestor. Whatever Kubernetes puts into them is the name of the pod."""
    found = [_LABEL.fullmatch(argument) for each in args_of(pod).values() for argument in each]
    return {m[1]: re.sub(r"\$\(\w+\)", pod["metadata"]["name"], m[2]) for m in found if m}


def _tenant_label(pod: Manifest) -> str:
    flag = "--receive.tenant-label-name="
    args = [argument for each in args_of(pod).values() for argument in each]
    return next((a.removeprefix(flag) for a in args if a.startswith(flag)), "tenant_id")
