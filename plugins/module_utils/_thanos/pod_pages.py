# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate asks of a pod, through the API server's proxy: pages of metrics and answers of its APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .._kubernetes.client import Client
from .._kubernetes.phases import Snapshot
from .._kubernetes.pod_proxy import with_cause
from .._kubernetes.response import Response
from .channels import Channel
from .metrics import Metrics
from .model import Manifest

T = TypeVar("T")
# A refusal by the API server itself, or by what guards the pod, does not pass: it is no answer but an error.
ANSWERS = frozenset(range(400, 600)) - {403}
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Page:
    """A text that a pod gave, or why it did not; one of both is empty."""

    text: str = ""
    error: str = ""

    @property
    def metrics(self) -> Metrics:
        """The text as a page of metrics."""
        return Metrics(self.text)


def page_of(
    client: Client, namespace: str, pod: str, channel: Channel, path: str, query: Mapping[str, str] | None = None
) -> Page:
    """What is at a path of a pod; ``path`` is behind the prefix of the channel already, where it has one."""
    if channel.closed:
        return Page(error=f"cannot be asked: {channel.closed}")
    where = f"{channel.proxy(namespace, pod)}{path}"
    answer = client.request("GET", where, query=query, accept="*/*", ok=ANSWERS)
    return Page(answer.text) if answer.status == 200 else Page(error=said(client, answer))


def said(client: Client, answer: Response) -> str:
    """A sentence about an answer that came in the place of the pod's, masked."""
    text = " ".join(str((answer.body or {}).get("message") or answer.text or "nothing").split())
    told = with_cause(answer.status, client.mask(text[:_LONGEST_ANSWER]))
    return f"the API server's proxy to it answers {answer.status}: {told}"


def pods_of(snapshot: Snapshot, expected: Mapping[str, T]) -> Iterator[tuple[Manifest, T]]:
    """The live pods of workloads, each with what is expected of its workload; those that are being deleted are not."""
    for pod in snapshot.of("Pod"):
        known = expected.get((pod["metadata"].get("labels") or {}).get("app.kubernetes.io/instance", ""))
        if known is not None and not pod["metadata"].get("deletionTimestamp"):
            yield pod, known


def is_running(pod: Manifest) -> bool:
    """Whether its containers were started, and it did not end."""
    return bool((pod.get("status") or {}).get("phase") == "Running")


def is_ready(pod: Manifest) -> bool:
    """Whether a kubelet says that it is ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
