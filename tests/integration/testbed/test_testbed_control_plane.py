# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control planes on loopback: real API servers, side by side, that survive what tests do to them."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import until
from tests.testbed import control_plane
from tests.testbed.control_plane import ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.files import write_json
from tests.testbed.process import ProcessGroup

pytestmark = pytest.mark.api


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as running:
        yield running


def create_account(plane: ControlPlane, name: str) -> None:
    body = {"metadata": {"name": name}}
    plane.api.must("POST", "/api/v1/namespaces/default/serviceaccounts", body)


def request_as(plane: ControlPlane, kubeconfig: Path, path: str) -> int:
    """Status of a GET with the token of a kubeconfig."""
    token = json.loads(kubeconfig.read_text())["users"][0]["user"]["token"]
    context = ssl.create_default_context(cafile=str(plane.ca_file))
    # As Python 3.13 does by default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    host, port = plane.url.removeprefix("https://").split(":")
    with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as connection:
        lines = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        connection.sendall(lines.encode())
        return int(connection.recv(64).split()[1])


def test_second_up_changes_nothing(plane: ControlPlane) -> None:
    processes = ProcessGroup(plane.directory)
    before = [processes.record(name) for name in processes.names()]
    plane.up()
    assert [processes.record(name) for name in processes.names()] == before


def test_two_of_different_names_share_nothing(plane: ControlPlane) -> None:
    with ControlPlane() as other:
        assert other.url != plane.url
        create_account(other, "only-here")
        assert plane.api.request("GET", "/api/v1/namespaces/default/serviceaccounts/only-here").status == 404


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_server_that_restarts_keeps_address_and_data(plane: ControlPlane, number: signal.Signals) -> None:
    create_account(plane, f"kept-{number.name.lower()}")
    url = plane.url
    plane.restart(number)
    assert plane.url == url
    path = f"/api/v1/namespaces/default/serviceaccounts/kept-{number.name.lower()}"
    assert plane.api.request("GET", path).status == 200


def test_stopped_server_refuses_connections_until_it_is_started(plane: ControlPlane) -> None:
    plane.stop_server()
    with pytest.raises(ConnectionRefusedError):
        plane.api.request("GET", "/version")
    plane.start_server()
    assert plane.api.request("GET", "/version").status == 200


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "kube-controller-manager"])
def test_up_replaces_a_killed_process(plane: ControlPlane, name: str) -> None:
    ProcessGroup(plane.directory).stop(name, grace=0)
    plane.up()
    assert plane.describe()["processes"] == dict.fromkeys(("etcd", "kube-apiserver", "kube-controller-manager"), True)


def test_account_may_do_what_its_role_lets_it(plane: ControlPlane) -> None:
    create_account(plane, "reader")
    kubeconfig = plane.service_account_kubeconfig("default", "reader")
    path = "/api/v1/namespaces/default/configmaps"
    assert request_as(plane, kubeconfig, path) == 403
    group = "rbac.authorization.k8s.io"
    roles = f"/apis/{group}/v1/namespaces/default"
    role = {"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]}
    plane.api.must("POST", f"{roles}/roles", role)
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": "default"}
    reference = {"apiGroup": group, "kind": "Role", "name": "r"}
    plane.api.must(
        "POST", f"{roles}/rolebindings", {"metadata": {"name": "r"}, "subjects": [subject], "roleRef": reference}
    )
    assert request_as(plane, kubeconfig, path) == 200


def test_requests_of_a_user_are_counted_exactly(plane: ControlPlane) -> None:
    create_account(plane, "counted")
    kubeconfig = plane.service_account_kubeconfig("default", "counted")
    mark = plane.audit_mark()
    for number in range(3):
        request_as(plane, kubeconfig, f"/api/v1/namespaces/default/secrets?limit={number + 1}")
    events = plane.audit_events(mark, user="system:serviceaccount:default:counted")
    assert [event["requestURI"].rpartition("=")[2] for event in events] == ["1", "2", "3"]
    assert {event["responseStatus"]["code"] for event in events} == {403}
    assert plane.audit_events(plane.audit_mark()) == []


def test_port_that_another_process_took_is_named() -> None:
    with ControlPlane() as plane, socket.create_server(("127.0.0.1", 0)) as server:
        plane.stop_server()
        taken = server.getsockname()[1]
        ports = json.loads((plane.directory / "ports.json").read_text())
        write_json(plane.directory / "ports.json", {**ports, "api": taken})
        with pytest.raises(TestbedError, match=f"another process already listens on 127.0.0.1:{taken}"):
            plane.up()


def test_down_twice_leaves_nothing() -> None:
    with ControlPlane() as plane:
        directory = plane.directory
        plane.down()
        plane.down()
    assert not directory.exists()
    assert plane.name not in control_plane.names()


def test_processes_end_with_a_killed_test() -> None:
    script = (
        "import time\nfrom tests.testbed.control_plane import ControlPlane\n"
        "plane = ControlPlane().up()\nprint(plane.directory, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout is not None
        processes = ProcessGroup(Path(test.stdout.readline().strip()))
        assert processes.running("kube-apiserver")
        test.kill()
    until(lambda: not any(processes.running(name) for name in processes.names()), 5)
