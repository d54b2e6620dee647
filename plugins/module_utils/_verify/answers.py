# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster and Thanos answered: pods, questions and replies. Plain data, so that checks need no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._thanos.prefix import path_prefix
from .expect import Workload
from .report import Line, failed, pending

HTTP, GRPC, WEB = 10902, 10901, 9090


@dataclass(frozen=True)
class Pod:
    """A pod as its API object tells.

    ``state`` is why it is not ready; ``images`` by container name; ``prefix`` is the path before Thanos' APIs.
    """

    name: str
    fullname: str
    namespace: str
    ip: str
    host_ip: str
    ready: bool
    state: str
    images: Mapping[str, str]
    prefix: str = ""

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Pod:
        """The pod in one item of a PodList."""
        meta, status = item["metadata"], item.get("status", {})
        conditions = {c["type"]: c for c in status.get("conditions") or []}
        leaving = "deletionTimestamp" in meta
        return cls(
            name=meta["name"],
            fullname=meta["labels"].get("app.kubernetes.io/instance", ""),
            namespace=meta["namespace"],
            ip=status.get("podIP", ""),
            host_ip=status.get("hostIP", ""),
            ready=conditions.get("Ready", {}).get("status") == "True" and not leaving,
            state="is being deleted" if leaving else _state(status, conditions),
            images={c["name"]: c["image"] for c in item["spec"]["containers"]},
            prefix=path_prefix(item),
        )


def _state(status: Mapping[str, Any], conditions: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a pod is not ready, in the words of Kubernetes."""
    for container in status.get("containerStatuses") or []:
        if not container.get("ready"):
            waiting = container.get("state", {}).get("waiting") or {}
            last = container.get("lastState", {}).get("terminated")
            end = f" (last exit {last.get('exitCode')}, {last.get('reason')})" if last else ""
            count = f", {container['restartCount']} restarts" if container.get("restartCount") else ""
            return f"container {container['name']} {waiting.get('reason') or 'is not ready'}{count}{end}"
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return f"is not scheduled: {scheduled.get('message', '')}"
    return f"is {status.get('phase', 'unknown')}"


@dataclass(frozen=True)
class Question:
    """One GET: ``where`` is the API path of a proxy or a URL, ``query`` its parameters.

    ``metrics`` says that the answer is a page of metrics and not JSON.
    """

    where: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    metrics: bool = False


@dataclass(frozen=True)
class Reply:
    """The answer to a question: a Thanos API's ``data``, other JSON as it is, or Metrics; or else ``error``.

    ``took`` is in seconds; ``now`` is the answering process' clock in seconds since 1970.
    """

    body: Any = None
    error: str = ""
    took: float = 0.0
    now: float = 0.0
    warnings: tuple[str, ...] = ()


NOT_ASKED = Reply(error="was not asked")


@dataclass
class Answers:
    """Everything that is known of the cluster so far, and what a check wanted to know beyond it (``wanted``)."""

    pods: tuple[Pod, ...] = ()
    replies: dict[Question, Reply] = field(default_factory=dict)
    wanted: dict[Question, None] = field(default_factory=dict)

    def of(self, workload: Workload) -> list[Pod]:
        """The pods of an instance, those that are being deleted included."""
        return [pod for pod in self.pods if pod.fullname == workload.instance.fullname]

    def ready(self, *workloads: Workload) -> list[Pod]:
        """The pods of these instances that can be asked."""
        return [pod for workload in workloads for pod in self.of(workload) if pod.ready]

    def reply(self, question: Question) -> Reply:
        """What was answered to ``question``; where it was not asked, it is put down as wanted."""
        if question not in self.replies:
            self.wanted[question] = None
        return self.replies.get(question, NOT_ASKED)

    def waiting(self, workloads: Iterable[Workload]) -> list[Line]:
        """A pending line for each instance with too few ready pods; the check ``pods`` says what is wrong."""
        short = [(w, ready) for w in workloads if (ready := len(self.ready(w))) < w.replicas]
        return [pending(f"waits for pods: {ready} of {w.replicas} are ready", w.name, soon=True) for w, ready in short]


def silent(subject: Pod, error: str) -> Line:
    """A ready pod did not give the answer that it should."""
    return failed(f"did not answer: {error}", subject.name, "an answer", error)


def to_pod(
    pod: Pod, path: str, query: Mapping[str, str] | None = None, *, port: int = HTTP, metrics: bool = False
) -> Question:
    """A question to a pod through the API server's proxy."""
    where = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}:{port}/proxy"
    path = path if metrics or port != HTTP else pod.prefix + path
    return Question(where, path, tuple((query or {}).items()), metrics)


def metrics_of(pod: Pod, port: int = HTTP) -> Question:
    """The page of metrics of a pod."""
    return to_pod(pod, "/metrics", port=port, metrics=True)


def promql(pod: Pod, expression: str, query: Mapping[str, str]) -> Question:
    """An instant query to a querier's pod, with further parameters."""
    return to_pod(pod, "/api/v1/query", {"query": expression, **query})


def matchers(labels: Mapping[str, str]) -> str:
    """PromQL equality matchers, without the braces."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in labels.items())


def escape(text: str) -> str:
    """``text`` as the inside of a double-quoted PromQL string."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
