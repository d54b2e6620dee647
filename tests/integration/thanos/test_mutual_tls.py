# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``pki`` makes, given to real queriers of a hub and an edge: who is let in, and that queries go on meanwhile."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import Pair
from tests.integration.thanos.test_starts import started
from tests.support import handshakes
from tests.support.as_rendered import free_port
from tests.support.certificates import Host, authority, leaf
from tests.support.meanwhile import asked_meanwhile
from tests.support.waiting import until
from tests.testbed.binaries import path_of

NAME = "query.thanos.one.thanos.internal"
HERE = "127.0.0.1"


class Balancer:
    """What a Service is for pods: connections go to the first of ``backends``; those that are there already stay."""

    def __init__(self, backends: list[int]) -> None:
        self.backends = backends
        self._listener = socket.create_server((HERE, 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HERE, self.backends[0]), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@dataclass
class Querier:
    """One pod. It is started with the files of its Secret, which change beneath it."""

    command: list[str]
    http: int
    grpc: int
    log: Path
    running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        process = self.running.enter_context(started(self.command, self.log))
        until(lambda: process.poll() is None and self.get("/-/ready") is not None, missing=self.told)

    def stop(self) -> None:
        """As Kubernetes ends a pod, without the grace that it gives."""
        self.running.close()

    def told(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8")[-3000:]

    def get(self, path: str) -> Any:
        """An answer, None where there is none."""
        try:
            with urllib.request.urlopen(f"http://{HERE}:{self.http}{path}", timeout=20) as reply:
                text = reply.read().decode()
        except (urllib.error.URLError, OSError):
            return None
        return json.loads(text) if text.startswith("{") else text

    def stores(self) -> list[dict[str, Any]]:
        """The endpoints that it knows, each with its last error."""
        answer = self.get("/api/v1/stores") or {}
        return [store for stores in answer.get("data", {}).values() for store in stores]

    def knows_all(self) -> bool:
        """Whether it has reached its endpoint."""
        stores = self.stores()
        return bool(stores) and not any(store["lastError"] for store in stores)

    def serves(self, number: int) -> bool:
        """Whether it has reached its endpoint, and a query finds so many series."""
        return self.knows_all() and self.query() == (number, "")

    def query(self) -> tuple[int, str]:
        """The number of series that a query finds, and what is wrong with its answer."""
        answer = self.get(f"/api/v1/query?{urllib.parse.urlencode({'query': 'up', 'partial_response': 'true'})}")
        if not answer or answer["status"] != "success":
            return 0, str(answer)
        return len(answer["data"]["result"]), "; ".join(answer.get("warnings") or [])


def mount(data: Mapping[str, str], folder: Path) -> None:
    """As the kubelet does: each file changes at once and whole."""
    folder.mkdir(exist_ok=True)
    for key, text in data.items():
        (folder / "..new").write_text(text, encoding="utf-8")
        (folder / "..new").rename(folder / key)
    for path in folder.iterdir():
        if path.name not in data:
            path.unlink()


@dataclass
class Fleet:
    """A hub and an edge, each with two queriers; the edge's are behind one address."""

    folder: Path
    hub: Host = field(default_factory=lambda: Host("hub", datetime.now(timezone.utc)))
    edge: Host = field(default_factory=lambda: Host("one", datetime.now(timezone.utc)))
    hubs: list[Querier] = field(default_factory=list)
    edges: list[Querier] = field(default_factory=list)
    rest: ExitStack = field(default_factory=ExitStack)

    def deploy(self, hub: Mapping[str, Any] | None = None, edge: Mapping[str, Any] | None = None) -> bool:
        """Both passes on both hosts, and what pods are given; whether readers must start anew: hub's and edge's."""
        self.hub.now = self.edge.now = datetime.now(timezone.utc)
        hub, edge = hub or {}, edge or {}
        before = self.generation, self.edge.own.get("thanos-grpc-server", {}).get("ca.crt")
        clients = self.hub.run(client_ca=True, **_first(hub)).result["client_ca"]
        servers = self.edge.run(server_ca=True, **_first(edge)).result["server_ca"]
        self.edge.run(server={"names": [NAME], "trust": [clients], **edge.get("server", {})}, **_rest(edge))
        self.hub.run(client={"trust": {"one": servers}}, **_rest(hub))
        mount(self.edge.own["thanos-grpc-server"], self.folder / "server")
        mount(self.hub.own["thanos-grpc-client"], self.folder / "client")
        return before != (self.generation, self.edge.text("grpc-server", "ca.crt"))

    @property
    def generation(self) -> str:
        return self.hub.generation if self.hub.annotations else ""

    def start(self) -> None:
        prometheus, sidecar = free_port(), free_port()
        config = self.folder / "prometheus.yml"
        job = {"job_name": "self", "static_configs": [{"targets": [f"{HERE}:{prometheus}"]}]}
        own = {"scrape_interval": "1s", "external_labels": {"cluster": "one"}}
        config.write_text(json.dumps({"global": own, "scrape_configs": [job]}), encoding="utf-8")
        data, thanos = self.folder / "data", str(path_of("thanos"))
        listen = f"--web.listen-address={HERE}:{prometheus}"
        self._run(str(path_of("prometheus")), f"--config.file={config}", f"--storage.tsdb.path={data}", listen)
        where = [f"--grpc-address={HERE}:{sidecar}", f"--http-address={HERE}:0", f"--tsdb.path={data}"]
        self._run(thanos, "sidecar", f"--prometheus.url=http://{HERE}:{prometheus}", *where)
        served = self.folder / "server"
        tls = [f"--grpc-server-tls-{flag}={served / key}" for flag, key in SERVED.items()]
        # So that a connection is made anew, and each side shows its certificate, all the time.
        often = "--grpc-server-max-connection-age=1s"
        self.edges = [self._querier(f"edge{n}", f"--endpoint={HERE}:{sidecar}", often, *tls) for n in range(2)]
        self.balancer = Balancer([querier.grpc for querier in self.edges])
        self.rest.callback(self.balancer.close)
        file = self.folder / "endpoints.yml"
        file.write_text(json.dumps({"endpoints": [self.endpoint("client")]}), encoding="utf-8")
        self.hubs = [self._querier(f"hub{n}", f"--endpoint.sd-config-file={file}") for n in range(2)]
        for querier in (*self.edges, *self.hubs):
            querier.start()
        until(lambda: all(hub.knows_all() and hub.query() == (1, "") for hub in self.hubs), missing=self.hubs[0].told)

    def endpoint(self, folder: str) -> dict[str, Any]:
        """The edge, as a hub's endpoint file has it."""
        client = self.folder / folder
        files = {"cert_file": "tls.crt", "key_file": "tls.key", "ca_file": "one.crt"}
        tls = {"enabled": True, **{name: str(client / key) for name, key in files.items()}}
        return {"address": f"{HERE}:{self.balancer.port}", "client_config": {"tls_config": tls, "server_name": NAME}}

    def restart(self) -> None:
        """All queriers one at a time: one is asked no more before it ends, and again once it has reached its edge."""
        for at, querier in enumerate(self.edges):
            self.balancer.backends = [self.edges[1 - at].grpc]
            until(lambda: all(hub.knows_all() for hub in self.hubs))
            time.sleep(2.5)
            querier.stop()
            querier.start()
            until(partial(querier.serves, 1), missing=querier.told)
        for at in range(len(self.hubs)):
            querier = self.hubs[at]
            self.asked = self.hubs[1 - at]
            time.sleep(0.5)
            querier.stop()
            querier.start()
            until(partial(querier.serves, 1), missing=querier.told)
        self.asked = self.hubs[0]

    def load(self) -> AbstractContextManager[list[str]]:
        """Queries one after the other in the background; what went wrong with any of them."""
        self.asked = self.hubs[0]

        def ask() -> list[str]:
            number, wrong = self.asked.query()
            return [f"{number} series: {wrong}"] if number != 1 or wrong else []

        return asked_meanwhile(ask, 0.02)

    def served(self) -> str:
        """The certificate that a fresh connection is shown."""
        return shown(self, Pair(self.hub.certificate("grpc-client"), self.hub.text("grpc-client", "tls.key")))

    def shows_another(self, certificate: str) -> bool:
        """Whether a fresh connection is shown another certificate than this one."""
        try:
            return self.served() != certificate
        except OSError as error:
            raise AssertionError("the hub is not let in") from error

    def stop(self) -> None:
        for querier in (*self.hubs, *self.edges):
            querier.stop()
        self.rest.close()

    def _run(self, *command: str) -> None:
        name = f"{Path(command[0]).name}-{command[1].strip('-')[:7]}.log"
        self.rest.enter_context(started(list(command), self.folder / name))

    def _querier(self, name: str, *arguments: str) -> Querier:
        http, grpc = free_port(), free_port()
        where = [f"--http-address={HERE}:{http}", f"--grpc-address={HERE}:{grpc}"]
        return Querier([str(path_of("thanos")), "query", *where, *arguments], http, grpc, self.folder / f"{name}.log")


SERVED = {"cert": "tls.crt", "key": "tls.key", "client-ca": "ca.crt"}
_SECOND = ("server", "client", "readers")


def _first(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _SECOND}


def _rest(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in ("server", "client")}


def shown(fleet: Fleet, own: Pair | None) -> str:
    """What the edge shows to a client with this certificate. Raises OSError where it does not let it in."""
    authorities = fleet.edge.text("server-ca", "ca.crt") + _previous(fleet)
    pair = own.certificate.pem + own.key if own else ""
    return handshakes.shown((HERE, fleet.balancer.port), NAME, authorities, pair, fleet.folder / "tried.pem")


def _previous(fleet: Fleet) -> str:
    return fleet.edge.text("server-ca", "previous.crt")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path)
    made.deploy()
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_hub_is_let_in_and_nobody_else(fleet: Fleet) -> None:
    other = Host("other", datetime.now(timezone.utc))
    other.run(client={"trust": {"one": fleet.edge.text("server-ca", "ca.crt")}})
    assert fleet.served() == fleet.edge.certificate("grpc-server").pem.strip()
    foreign = Pair(other.certificate("grpc-client"), other.text("grpc-client", "tls.key"))
    server = Pair(fleet.edge.certificate("grpc-server"), fleet.edge.text("grpc-server", "tls.key"))
    for refused in (None, foreign, server):
        with pytest.raises(OSError, match=r"(?i)certificate|unknown ca|closed|reset"):
            shown(fleet, refused)
    # A whole querier with the certificate of another hub.
    mount(other.own["thanos-grpc-client"], fleet.folder / "other")
    file = fleet.folder / "other.yml"
    file.write_text(json.dumps({"endpoints": [fleet.endpoint("other")]}), encoding="utf-8")
    stranger = fleet._querier("stranger", f"--endpoint.sd-config-file={file}")
    stranger.start()
    try:
        time.sleep(6)
        assert stranger.query()[0] == 0
        assert not any(
            store["name"].endswith(str(fleet.balancer.port)) and not store["lastError"] for store in stranger.stores()
        )
    finally:
        stranger.stop()
    # The hub is taken out of what the edge trusts, which its queriers read when they start.
    trusted = {"server": {"trust": [other.text("client-ca", "ca.crt")]}}
    assert fleet.deploy(edge=trusted)
    for querier in fleet.edges:
        querier.stop()
        querier.start()
    until(lambda: fleet.hubs[0].query()[0] == 0)
    assert shown(fleet, foreign)


def test_certificates_are_replaced_without_a_failed_query(fleet: Fleet) -> None:
    with fleet.load() as failures:
        before = fleet.served()
        for number in range(3):
            del fleet.hub.own["thanos-grpc-client"]["tls.crt"]
            assert not fleet.deploy(edge={"server": {"names": [NAME, f"{number}.internal"]}})
            until(partial(fleet.shows_another, before))
            time.sleep(2.5)
            before = fleet.served()
    assert failures == []
    assert before == fleet.edge.certificate("grpc-server").pem.strip()


@pytest.mark.parametrize("which", ["server_ca", pytest.param("client_ca", marks=pytest.mark.slow)])
def test_ca_is_replaced_in_steps_without_a_failed_query(fleet: Fleet, which: str) -> None:
    host = "edge" if which == "server_ca" else "hub"

    def step(name: str, **more: Any) -> bool:
        return fleet.deploy(**{host: {"rotate": {which: name}, **more}})

    trusted = getattr(fleet, host).text(which.replace("_", "-"), "ca.crt")
    with fleet.load() as failures:
        assert step("begin")
        fleet.restart()
        knows = fleet.hub.run(client={}).result["trusts"]["client"]["one"]
        if which == "client_ca":
            knows = fleet.edge.run(server={"names": [NAME]}).result["trusts"]["server"]
        assert not step("switch", readers={which: {"reader": knows}})
        time.sleep(3)
        assert step("finish", settle="0")
        fleet.restart()
        time.sleep(2)
    assert failures == []
    assert getattr(fleet, host).text(which.replace("_", "-"), "ca.crt") != trusted
    assert fleet.served() == fleet.edge.certificate("grpc-server").pem.strip()


def test_given_certificates_in_the_shape_of_cert_manager_are_accepted(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    servers, clients = authority("servers", now), authority("clients", now)
    made = Fleet(tmp_path)
    made.edge.given["given"] = leaf(servers, now=now, names=(NAME,))
    made.hub.given["given"] = leaf(clients, "client", now=now)
    served = {"secret": "given", "names": [NAME], "trust": [clients.certificate.pem]}
    made.edge.run(server=served)
    made.hub.run(client={"secret": "given", "trust": {"one": servers.certificate.pem}})
    mount(made.edge.own["thanos-grpc-server"], tmp_path / "server")
    mount(made.hub.own["thanos-grpc-client"], tmp_path / "client")
    try:
        made.start()
    finally:
        made.stop()
