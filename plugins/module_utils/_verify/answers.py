# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster and Thanos answered: pods, questions and replies. Plain data, so that checks stay pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Workload

HTTP, GRPC, WEB = 10902, 10901, 9090


@dataclass(frozen=True)
class Pod:
    """A pod as its API object tells. ``state`` is why it is not ready; ``images`` by container name."""

    name: str
    instance: str
    namespace: str
    ip: str
    host_ip: str
    ready: bool
    terminating: bool
    state: str
    images: Mapping[str, str]

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Pod:
        """The pod in one item of a PodList."""
        meta, status = item["metadata"], item.get("status", {})
        conditions = {c["type"]: c for c in status.get("conditions") or []}
        terminating = "deletionTimestamp" in meta
        return cls(
            name=meta["name"],
            instance=meta.get("labels", {}).get("app.kubernetes.io/instance", ""),
            namespace=meta["namespace"],
            ip=status.get("podIP", ""),
            host_ip=status.get("hostIP", ""),
            ready=conditions.get("Ready", {}).get("status") == "True" and not terminating,
            terminating=terminating,
            state="is being deleted" if terminating else _state(status, conditions),
            images={c["name"]: c["image"] for c in item["spec"]["containers"]},
        )


def _state(status: Mapping[str, Any], conditions: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a pod is not ready, in the words of Kubernetes."""
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = container.get("state", {}).get("waiting")
        last = container.get("lastState", {}).get("terminated")
        if waiting or not container.get("ready"):
            parts = [f"container {container['name']}", (waiting or {}).get("reason") or "is not ready"]
            if container.get("restartCount"):
                parts.append(f"after {container['restartCount']} restarts")
            if last:
                parts.append(f"(last exit {last.get('exitCode')}, {last.get('reason')})")
            return " ".join(parts)
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return f"not scheduled: {scheduled.get('message', scheduled.get('reason', ''))}"
    return str(status.get("phase", "no status yet"))


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


@dataclass(frozen=True)
class Answers:
    """Everything that is known of the cluster so far."""

    pods: tuple[Pod, ...] = ()
    replies: Mapping[Question, Reply] = field(default_factory=dict)

    def of(self, workload: Workload) -> list[Pod]:
        """The pods of an instance by name, those that are being deleted included."""
        return sorted((p for p in self.pods if p.instance == workload.fullname), key=lambda pod: pod.name)

    def ready(self, workload: Workload) -> list[Pod]:
        """The pods of an instance that can be asked."""
        return [pod for pod in self.of(workload) if pod.ready]

    def reply(self, question: Question) -> Reply:
        """What was answered to ``question``."""
        return self.replies.get(question, NOT_ASKED)


def to_pod(pod: Pod, path: str, port: int = HTTP, *, metrics: bool = False, **query: str) -> Question:
    """A question to a pod through the API server's proxy. ``store_match`` and ``match`` become the bracketed parameters."""
    names = {"store_match": "storeMatch[]", "match": "match[]"}
    where = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}:{port}/proxy"
    return Question(where, path, tuple((names.get(k, k), v) for k, v in query.items()), metrics)


def metrics_of(pod: Pod, port: int = HTTP) -> Question:
    """The page of metrics of a pod."""
    return to_pod(pod, "/metrics", port, metrics=True)


def promql(pod: Pod, expression: str, **query: str) -> Question:
    """An instant query to a querier's pod."""
    return to_pod(pod, "/api/v1/query", query=expression, **query)


def matchers(labels: Mapping[str, str]) -> str:
    """PromQL equality matchers, without the braces."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in labels.items())


def escape(text: str) -> str:
    """``text`` as the inside of a double-quoted PromQL string."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
