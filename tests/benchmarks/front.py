# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clusters out of one API server: each has a namespace of it, and behind its pods are the same real processes.

What is asked of a pod, or about pods, is answered by Thanos and Prometheus on loopback addresses, which an API server
would refuse to be a proxy to. All else is the real server's, whose lists of a whole cluster are those of the namespace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.stage import Stage
from tests.support.asked import rule_files
from tests.support.http_server import Answer, HttpServer, Request, forward
from tests.support.loopback import PROGRAMS, Stack
from tests.support.pods_server import ApiServer
from tests.testbed.build import build
from tests.testbed.progress import Progress

_WHOLE_CLUSTER = re.compile(r"^(/apis/(?:apps|batch)/v1)/(deployments|statefulsets|cronjobs)\b")
_ABOUT_PODS = re.compile(r"/proxy/|/pods(\?|$)")


@contextmanager
def running(folder: Path, more: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[ApiServer]:
    """What answers for the pods of every cluster: a stack of processes. ``more``: further instances → their tier.

    The pods of further instances are other names of those that the first instance of the tier has.
    """
    thanos = Stack(folder, build(PROGRAMS, Progress(quiet=True)))
    server = ApiServer(thanos)
    try:
        thanos.start_bucket()
        thanos.start_alertmanager()
        thanos.start_stack(rule_files())
        for name, options in (more or {}).items():
            tier = options["tier"]
            for pod in [pod for pod in thanos.pods.values() if pod.instance == tier]:
                other = replace(pod, name=pod.name.replace(f"-{tier}-", f"-{name}-"), instance=name)
                thanos.pods[other.name] = other
                thanos.arguments[other.name] = thanos.arguments[pod.name]
                thanos.pretend_ready.add(other.name)
        yield server
    finally:
        server.stop()
        thanos.stop()


@contextmanager
def clusters(stage: Stage, pods: ApiServer) -> Iterator[Callable[[str], str]]:
    """Yields what makes the URL of a cluster of the name of its namespace."""
    context = stage.tls()

    def answer(request: Request) -> Answer:
        _empty, namespace, rest = request.path.split("/", 2)
        path = _WHOLE_CLUSTER.sub(rf"\1/namespaces/{namespace}/\2", f"/{rest}")
        if _ABOUT_PODS.search(path):
            return Answer(*pods.answer(path))
        passed = Request(request.number, request.method, path, request.headers, request.body)
        return forward(stage.plane.url, passed, context)

    with HttpServer(answer) as server:
        yield lambda namespace: f"{server.url}/{namespace}"
