# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a pod's port, with and without TLS, through the proxy of a real API server to a real server."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import Channel
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Reply, metrics_of, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.ask import ask
from tests.testbed.pki import Authority

from .conftest import Cluster

pytestmark = pytest.mark.api


def own_address() -> str:
    """An address of this host that is not loopback, to which an API server's proxy does not go."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))  # nothing is sent
        return str(probe.getsockname()[0])


class Handler(BaseHTTPRequestHandler):
    """Answers as Thanos does, behind the prefix /r and with its metrics before it."""

    def do_GET(self) -> None:
        known = {"/metrics": "up 1\n", "/r/api/v1/x": '{"status": "success", "data": {"is": "there"}}'}
        body = known.get(self.path.partition("?")[0], "")
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Channel]]:
    """Start a server on the host's own address and get the channel to it; ``https`` with a certificate of nobody's."""
    running = []

    def start(scheme: str) -> Channel:
        server = ThreadingHTTPServer((own_address(), 0), Handler)
        if scheme == "https":
            authority = Authority(tmp_path)
            authority.create("nobody")
            issued = authority.issue("pod", "pod", names=["pod.example"])
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(issued.certificate, issued.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return Channel("http", server.server_port, scheme, prefix="/r")

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def pod_at(cluster: Cluster, address: str, channel: Channel) -> Pod:
    """A pod object of this address, which no kubelet runs."""
    client, path = cluster.client, f"/api/v1/namespaces/{cluster.namespace}"
    client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": cluster.namespace}})
    client.request("POST", f"{path}/serviceaccounts", body={"metadata": {"name": "pods"}}, ok=(409,))
    spec = {"serviceAccountName": "pods", "containers": [{"name": "thanos", "image": "thanos"}]}
    client.request("POST", f"{path}/pods", body={"metadata": {"name": "p-0"}, "spec": spec})
    status = {"status": {"podIP": address, "podIPs": [{"ip": address}]}}
    client.request("PATCH", f"{path}/pods/p-0/status", body=status, content_type="application/merge-patch+json")
    return Pod("p-0", "p", cluster.namespace, address, "", True, "", {}, channels={"http": channel})


def replies(cluster: Cluster, *questions: Any) -> list[Reply]:
    """What the pod answers through the API server."""
    answers = Answers()
    for question in questions:
        answers.reply(question)
    asked = ask(cluster.client, answers)
    return [asked.reply(question) for question in questions]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_pod_is_asked_in_its_scheme_and_behind_its_prefix(
    cluster: Cluster, serve: Callable[[str], Channel], scheme: str
) -> None:
    pod = pod_at(cluster, own_address(), serve(scheme))
    api, metrics = replies(cluster, to_pod(pod, "/api/v1/x"), metrics_of(pod))
    assert (api.error, api.body) == ("", {"is": "there"})
    assert metrics.body.total("up") == 1


def test_port_with_tls_gives_no_answer_to_a_question_without(cluster: Cluster, serve: Callable[[str], Channel]) -> None:
    channel = serve("https")
    pod = pod_at(cluster, own_address(), Channel("http", channel.port))
    (reply,) = replies(cluster, to_pod(pod, "/api/v1/x"))
    assert reply.error
    assert not reply.closed


@pytest.fixture
def closing() -> Iterator[Callable[[str], Channel]]:
    """Start a port that takes connections and ends them, as the proxy of a service mesh does: ``reset`` or ``end``."""
    running = []

    def start(how: str) -> Channel:
        listening = socket.create_server((own_address(), 0))
        running.append(listening)

        def serve() -> None:
            while True:
                try:
                    connection, _address = listening.accept()
                except OSError:
                    return
                connection.recv(1)
                if how == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    connection.recv(1 << 16)  # with nothing left unread the end is an orderly one
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return Channel("http", listening.getsockname()[1], "http")

    yield start
    for listening in running:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.mark.parametrize(("how", "said"), [("reset", "connection reset by peer"), ("end", "EOF")])
def test_connections_that_are_closed_point_to_a_service_mesh(
    cluster: Cluster, closing: Callable[[str], Channel], how: str, said: str
) -> None:
    pod = pod_at(cluster, own_address(), closing(how))
    (reply,) = replies(cluster, to_pod(pod, "/api/v1/x"))
    assert said in reply.error
    assert "as a service mesh in strict mode does: exempt the port with pod_annotations" in reply.error


def test_a_port_on_which_nobody_listens_is_no_sign_of_a_service_mesh(cluster: Cluster) -> None:
    with socket.create_server((own_address(), 0)) as listening:
        port = listening.getsockname()[1]
    (reply,) = replies(cluster, to_pod(pod_at(cluster, own_address(), Channel("http", port)), "/api/v1/x"))
    assert "connection refused" in reply.error
    assert "mesh" not in reply.error
