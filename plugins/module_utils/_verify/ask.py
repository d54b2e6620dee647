# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only part of verify that talks: to the API server, and through it to every pod. GET and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from .._errors import Failure
from .._kubernetes.client import Client
from .._kubernetes.kinds import KINDS
from .._kubernetes.pod_proxy import with_cause
from .._kubernetes.response import ApiError
from .._thanos.metrics import Metrics
from .._thanos.workloads import Workload
from .._threads import in_threads
from .answers import Answers, Pod, Question, Reply

DIRECT_TIMEOUT = 10.0
_SILENCE = 599
STACK_LABEL = "o11y.thanos/stack"

# What the role of a run must allow in the stack's namespace; services/proxy leads to an Alertmanager there.
RULES: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {"apiGroups": ("",), "resources": ("persistentvolumeclaims", "pods", "services"), "verbs": ("list",)},
    {"apiGroups": ("",), "resources": ("pods/log", "pods/proxy", "services/proxy"), "verbs": ("get",)},
)


def kubernetes_version(client: Client) -> str:
    """``1.36`` of the API server."""
    version = client.request("GET", "/version").body
    return ".".join(version["gitVersion"].removeprefix("v").split(".")[:2])


def pods(client: Client, namespace: str, stack: str) -> tuple[Pod, ...]:
    """Every pod of the stack."""
    return tuple(Pod.parse(item) for item in _list(client, namespace, "pods", stack))


def pods_beside(client: Client, namespace: str, workloads: Iterable[Workload]) -> tuple[Pod, ...]:
    """The pods of what others made, as those of the workloads that are beside them."""
    found = []
    for workload in workloads:
        query = {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(workload.selector.items()))}
        items = client.request("GET", KINDS["Pod"].path(namespace), query=query).body["items"]
        found += [replace(Pod.parse(item), workload=workload.name) for item in items]
    return tuple(found)


def services(client: Client, namespace: str, stack: str) -> list[dict[str, Any]]:
    """Every Service of the stack."""
    return _list(client, namespace, "services", stack)


def _list(client: Client, namespace: str, plural: str, stack: str) -> list[dict[str, Any]]:
    query = {"labelSelector": f"{STACK_LABEL}={stack}"}
    answer = client.request("GET", f"/api/v1/namespaces/{namespace}/{plural}", query=query)
    return list(answer.body["items"])


def ask(client: Client, answers: Answers) -> Answers:
    """``answers`` and the replies to what was wanted, asked side by side."""
    questions = list(answers.wanted)
    replies = in_threads(partial(_ask, client), questions)
    return Answers(answers.pods, {**answers.replies, **dict(zip(questions, replies, strict=True))})


def _ask(client: Client, question: Question) -> Reply:
    started = time.monotonic()
    proxied = question.where.startswith("/")
    status, text, date = _through_proxy(client, question) if proxied else _directly(question)
    took = time.monotonic() - started
    now = _clock(date)
    if status >= 400:
        return Reply(error=_error(status, text), took=took, now=now)
    if question.metrics:
        return Reply(Metrics(text), took=took, now=now)
    if question.text:
        return Reply(text, took=took, now=now)
    try:
        body = json.loads(text)
    except ValueError:
        return Reply(error=f"answered with something that is not JSON: {text[:80]!r}", took=took, now=now)
    if isinstance(body, dict) and "status" in body and "data" in body:
        return Reply(body["data"], took=took, now=now, warnings=tuple(body.get("warnings") or ()))
    return Reply(body, took=took, now=now)


def _clock(date: str) -> float:
    """The time of the header Date in seconds since 1970; without a readable one, that of this host."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return time.time()


def _through_proxy(client: Client, question: Question) -> tuple[int, str, str]:
    """Status, text and Date of the answer; any status is an answer, and so is silence (599).

    A refusal by the API server itself is not the pod's answer: it raises Failure.
    """
    path, query = question.where + question.path, dict(question.query)
    try:
        answer = client.request("GET", path, query=query, accept="*/*", ok=range(400, 600))
    except ApiError as error:
        return _SILENCE, str(error), ""
    refused = answer.status == 403 and isinstance(answer.body, dict) and answer.body.get("kind") == "Status"
    if refused and "/pods/" in question.where and question.where.endswith("/proxy"):
        raise Failure(
            f"verify is not allowed to ask pods: {answer.body.get('message')}. Allow 'get' on 'pods/proxy' in the "
            "namespace: the Role that the filter o11y.thanos.rights makes does."
        )
    return answer.status, answer.text, answer.headers.get("date", "")


def _directly(question: Question) -> tuple[int, str, str]:
    url = f"{question.where}{question.path}?{urlencode(question.query)}"
    try:
        with _opened(url) as reply:
            return reply.status, reply.read().decode(errors="replace"), reply.headers.get("Date", "")
    except (OSError, ValueError, HTTPException) as error:
        return _SILENCE, str(error) or type(error).__name__, ""


def _opened(url: str) -> Any:
    """The answer, of whatever status."""
    # Here, since importing it takes as long as an SDK, and only Alertmanagers outside of the cluster need it.
    from ansible.module_utils.urls import open_url

    try:
        return open_url(url, timeout=DIRECT_TIMEOUT)
    except HTTPError as error:
        return error


def _error(status: int, text: str) -> str:
    """A reason from an error of Thanos (``error``), of the API server (``message``), or the text as it is."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    reason = text
    if isinstance(body, dict):
        reason = str(body.get("error") or body.get("message") or text)
    reason = with_cause(status, " ".join(reason.split())[:300])
    return reason if status == _SILENCE else f"HTTP {status}: {reason}"
