# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""StoreAPIs of others are found by the labels of their Services, and what is no endpoint is said."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.endpoint_file import endpoint_file
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.endpoint_services import read_services
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse


def service(name: str, namespace: str = "shop", *, port: str = "grpc", ip: str = "None", **labels: str) -> Any:
    """A Service as the server lists it."""
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"metadata": metadata, "spec": {"clusterIP": ip, "ports": [{"name": port, "port": 10901}]}}


class Answering:
    """Stands for a Client: it lists these Services, or may not list any."""

    def __init__(self, *items: Any, status: int = 200) -> None:
        self.items, self.status = list(items), status
        self.asked: list[tuple[str, str]] = []

    def request(self, _method: str, path: str, *, query: dict[str, str], **_more: Any) -> Response:
        self.asked.append((path, query["labelSelector"]))
        return Response(self.status, {}, {"items": self.items}, "")


def found(server: Answering, **entry: Any) -> tuple[str, list[str]]:
    """The text of the endpoint file, and the warnings."""
    options = {"endpoint_services": [{"labels": {"b": "2", "a": "1"}, **entry}]}
    stack = parse({"cluster": "eu", "instances": {"query": options}})
    warnings: list[str] = []
    facts = Facts(discovered=read_services(cast(Client, server), stack, warnings))
    return endpoint_file(stack.instances[0], Context(stack, facts)), warnings


def test_headless_services_are_endpoints_and_the_stacks_own_are_not_twice() -> None:
    own = {"o11y.thanos/stack": "thanos"}
    server = Answering(service("b"), service("a"), service("thanos-sidecar-headless", "monitoring", **own))
    text, warnings = found(server, namespace="shop")
    assert server.asked == [("/api/v1/namespaces/shop/services", "a=1,b=2")]
    assert warnings == []
    assert text.splitlines() == [
        "endpoints:",
        '- address: "dnssrv+_grpc._tcp.a.shop.svc"',
        '- address: "dnssrv+_grpc._tcp.b.shop.svc"',
    ]


@pytest.mark.parametrize(
    ("server", "warning"),
    [
        (Answering(), "query: no Service of the whole cluster has the labels a=1,b=2"),
        (Answering(status=403), "query: the Services of the whole cluster may not be read, so none is an endpoint"),
        (
            Answering(service("a", port="http")),
            "query: the Service a.shop has no port grpc, so that it is no endpoint; ",
        ),
        (Answering(service("a", ip="10.0.0.1")), "query: the Service a.shop is not headless: of the pods behind its "),
    ],
)
def test_what_is_no_endpoint_or_not_all_of_one_is_said(server: Answering, warning: str) -> None:
    _text, warnings = found(server)
    assert server.asked[0][0] == "/api/v1/services"
    assert [text[: len(warning)] for text in warnings] == [warning]


def test_entry_without_labels_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"endpoint_services\[0\]\.labels is required"):
        parse({"cluster": "eu", "instances": {"query": {"endpoint_services": [{"namespace": "shop"}]}}})
