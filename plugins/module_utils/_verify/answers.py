# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster and Thanos answered: pods, questions and replies. Plain data, so that checks need no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._findings import Finding
from .._kubernetes.kinds import KINDS
from .._thanos.channels import Channel, at
from .._thanos.prefix import args_of, as_run_by
from .expect import Promise
from .report import failed, pending


@dataclass(frozen=True)
class Pod:
    """A pod as its API object tells.

    ``workload`` is the name of what it belongs to, ``state`` why it is not ready; ``images`` and ``args`` are by
    container name, ``channels`` by the port's name.
    """

    name: str
    workload: str
    namespace: str
    ip: str
    host_ip: str
    ready: bool
    state: str
    images: Mapping[str, str]
    args: Mapping[str, Sequence[str]] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)

    @property
    def store_api(self) -> str:
        """Where queriers reach its StoreAPI."""
        return at(self.ip, self.channels["grpc"].port)

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Pod:
        """The pod in one item of a PodList."""
        meta, status = item["metadata"], item.get("status", {})
        conditions = {c["type"]: c for c in status.get("conditions") or []}
        leaving = "deletionTimestamp" in meta
        return cls(
            name=meta["name"],
            workload=meta["labels"].get("app.kubernetes.io/instance", ""),
            namespace=meta["namespace"],
            ip=status.get("podIP", ""),
            host_ip=status.get("hostIP", ""),
            ready=conditions.get("Ready", {}).get("status") == "True" and not leaving,
            state="is being deleted" if leaving else _state(status, conditions),
            images={c["name"]: c["image"] for c in item["spec"]["containers"]},
            args=args_of(item),
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

    ``metrics`` says that the answer is a page of metrics and not JSON, ``text`` that it is any text; ``closed`` why it
    cannot be asked.
    """

    where: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    metrics: bool = False
    closed: str = ""
    text: bool = False


@dataclass(frozen=True)
class Reply:
    """The answer to a question: a Thanos API's ``data``, other JSON as it is, Metrics or text; or else ``error``.

    ``closed`` says of an error that nothing was asked, since there is no way. ``took`` is in seconds; ``now`` is the
    answering process' clock in seconds since 1970.
    """

    body: Any = None
    error: str = ""
    closed: bool = False
    took: float = 0.0
    now: float = 0.0
    warnings: tuple[str, ...] = ()


# What Thanos calls an expression, in requests and in its log.
EXPRESSION = "query"
NOT_ASKED = Reply(error="was not asked")


@dataclass
class Answers:
    """Everything that is known of the cluster so far, and what a check wanted to know beyond it (``wanted``)."""

    pods: tuple[Pod, ...] = ()
    replies: dict[Question, Reply] = field(default_factory=dict)
    wanted: dict[Question, None] = field(default_factory=dict)

    def of(self, promise: Promise) -> list[Pod]:
        """The pods of a workload with its channels, those that are being deleted included."""
        return [_with_channels(pod, promise) for pod in self.pods if pod.workload == promise.workload.name]

    def ready(self, *promises: Promise) -> list[Pod]:
        """The pods of these workloads that can be asked."""
        return [pod for promise in promises for pod in self.of(promise) if pod.ready]

    def reply(self, question: Question) -> Reply:
        """What was answered to ``question``; where it was not asked, it is put down as wanted."""
        if question.closed:
            return Reply(error=question.closed, closed=True)
        if question not in self.replies:
            self.wanted[question] = None
        return self.replies.get(question, NOT_ASKED)

    def waiting(self, promises: Iterable[Promise]) -> list[Finding]:
        """A pending line for each workload with too few ready pods; the check ``pods`` says what is wrong."""
        short = [(p, ready) for p in promises if (ready := len(self.ready(p))) < p.replicas]
        return [pending(f"waits for pods: {ready} of {p.replicas} are ready", p.name, soon=True) for p, ready in short]


def _with_channels(pod: Pod, promise: Promise) -> Pod:
    """``pod`` with its workload's channels; the path before Thanos' APIs is the one that it runs with."""
    workload, args = promise.workload, pod.args.get(promise.workload.container, ())
    channels = {channel.name: channel for channel in workload.channels}
    if args:
        channels["http"] = as_run_by(channels["http"], args, promise.tier)
    return replace(pod, channels=channels)


def silent(subject: Pod, *replies: Reply) -> Finding:
    """A ready pod did not give the answer that it should; where there is no way to ask it, nothing is wrong."""
    reply = next(reply for reply in replies if reply.error)
    if reply.closed:
        return pending(f"cannot be asked: {reply.error}", subject.name)
    return failed(f"did not answer: {reply.error}", subject.name, "an answer", reply.error)


def to_pod(
    pod: Pod, path: str, query: Mapping[str, str] | None = None, *, port: str = "http", metrics: bool = False
) -> Question:
    """A question to a pod through the API server's proxy; ``port`` is the name of a channel."""
    channel = pod.channels[port]
    where = channel.proxy(pod.namespace, pod.name)
    path = channel.plain(path) if metrics else channel.prefix + path
    return Question(where, path, tuple((query or {}).items()), metrics, channel.closed)


def metrics_of(pod: Pod, port: str = "http") -> Question:
    """The page of metrics of a pod."""
    return to_pod(pod, "/metrics", port=port, metrics=True)


def log_of(pod: Pod, container: str) -> Question:
    """What a container of a pod logged within the last half minute."""
    query = {"container": container, "sinceSeconds": "30", "limitBytes": "2000000"}
    return Question(f"{KINDS['Pod'].path(pod.namespace, pod.name)}/log", "", tuple(query.items()), text=True)


def promql(pod: Pod, expression: str, query: Mapping[str, str]) -> Question:
    """An instant query to a querier's pod, with further parameters."""
    return to_pod(pod, "/api/v1/query", {EXPRESSION: expression, **query})


def matchers(labels: Mapping[str, str]) -> str:
    """PromQL equality matchers, without the braces."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in labels.items())


def escape(text: str) -> str:
    """``text`` as the inside of a double-quoted PromQL string."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
