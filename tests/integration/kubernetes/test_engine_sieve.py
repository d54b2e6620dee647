# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that is looked through while it arrives: from the real server, compressed, and broken on its way."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.sieve import ACCEPT, Wanted, sieve
from tests.integration.kubernetes.conftest import World
from tests.support.http_server import Answer, HttpServer, Request, forward

pytestmark = pytest.mark.api
DEPLOYMENTS = KINDS["Deployment"].path()
# So many that the server compresses the list, which it does from 128 KiB on.
MANY = 200
COMPACTOR: dict[str, object] = {
    "name": "c",
    "image": "registry.example.org/metrics:1",
    "command": ["/bin/thanos", "compact"],
}
OTHER: dict[str, object] = {"name": "c", "image": "quay.io/thanos/thanos:v0.42.4", "args": ["store", "--mode=compact"]}


def make(world: World, name: str, container: dict[str, object], kind: str = "Deployment") -> None:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    world.make(kind, {"metadata": {"name": name, "labels": labels}, "spec": spec})


@pytest.fixture
def crowd(world: World) -> World:
    for number in range(MANY):
        make(world, f"other-{number}", OTHER)
    make(world, "compactor", COMPACTOR)
    return world


def look(client: Client, world: World, path: str = DEPLOYMENTS) -> list[str]:
    """Names of what may compact, and of ``other-7``."""
    wanted = Wanted("compact", "thanos", frozenset({(world.namespace, "other-7")}))
    reading = functools.partial(sieve, wanted)
    found = client.request("GET", path, accept=ACCEPT, reading=reading).body
    return [name for namespace, name in found if namespace == world.namespace]


def through(world: World, change: Callable[[Request, Answer], Answer]) -> tuple[list[str], list[Request]]:
    """What is found when the real server's answers are changed on their way, and what was asked."""
    context = ssl.create_default_context(cafile=str(world.plane.ca_file))
    context.load_cert_chain(world.plane.admin.certificate, world.plane.admin.key)

    def serve(request: Request) -> Answer:
        sent = {name: value for name, value in request.headers.items() if name.startswith("Accept")}
        return change(request, forward(world.plane.url, replace(request, headers=sent), context))

    with HttpServer(serve) as server:
        return look(connect({"host": server.url, "api_key": "none"}), world), server.requests


def test_compressed_list_is_looked_through(crowd: World) -> None:
    seen: list[Answer] = []

    def note(_request: Request, answer: Answer) -> Answer:
        seen.append(answer)
        return answer

    found, asked = through(crowd, note)
    assert (sorted(found), len(asked)) == (["compactor", "other-7"], 1)
    assert seen[0].headers["Content-Encoding"] == "gzip"
    assert seen[0].headers["Content-Type"].startswith("application/vnd.kubernetes.protobuf")


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment"])
def test_every_kind_is_looked_through_in_a_namespace_too(world: World, kind: str) -> None:
    assert look(world.client(), world, KINDS[kind].path(world.namespace)) == []
    make(world, "compactor", COMPACTOR, kind)
    make(world, "other", OTHER, kind)
    assert look(world.client(), world, KINDS[kind].path(world.namespace)) == ["compactor"]


BROKEN: dict[str, Callable[[Answer], Answer]] = {
    "cut": lambda answer: replace(answer, body=answer.body[:-900], length=len(answer.body)),
    "short": lambda answer: replace(answer, body=answer.body[:-900]),
    "another page": lambda _answer: Answer(200, {"Content-Type": "text/html"}, b"<html>log in</html>"),
    "unavailable": lambda _answer: Answer(503, {"Content-Type": ACCEPT}, b"k8s\0\xff"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_answer_that_is_not_whole_is_asked_for_again(crowd: World, broken: Callable[[Answer], Answer]) -> None:
    found, asked = through(crowd, lambda request, answer: broken(answer) if request.number == 1 else answer)
    assert (sorted(found), len(asked)) == (["compactor", "other-7"], 2)


def test_answer_that_is_never_whole_is_an_error(crowd: World) -> None:
    with pytest.raises(ApiError, match=r"no answer from the API server .*: an answer that ends too early"):
        through(crowd, lambda _request, answer: BROKEN["short"](answer))


def test_what_the_server_says_of_a_refusal_is_kept(world: World) -> None:
    said = "the server could not find the requested resource"
    with pytest.raises(ApiError, match=rf"^GET /apis/apps/v1/nothing was answered with 404: {said}$") as raised:
        look(world.client(), world, "/apis/apps/v1/nothing")
    assert raised.value.reason == "NotFound"


def test_user_without_the_right_is_named(world: World) -> None:
    client = connect({"kubeconfig": str(world.plane.kubeconfig), "impersonate_user": "nobody"})
    with pytest.raises(ApiError, match=r"forbidden: cannot list deployments.apps at cluster scope \(user nobody\)"):
        look(client, world)


def test_server_that_knows_json_alone_is_understood(crowd: World) -> None:
    context = ssl.create_default_context(cafile=str(crowd.plane.ca_file))
    context.load_cert_chain(crowd.plane.admin.certificate, crowd.plane.admin.key)

    def serve(request: Request) -> Answer:
        return forward(crowd.plane.url, replace(request, headers={"Accept": "application/json"}), context)

    with HttpServer(serve) as server:
        assert sorted(look(connect({"host": server.url, "api_key": "none"}), crowd)) == ["compactor", "other-7"]
