# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub that reads edges in other clusters over mutual TLS, made by one run of the playbook deploy."""

from __future__ import annotations

import base64
import json
import shlex
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from tests.cluster.playbooks.conftest import Site, objstore, remove
from tests.cluster.testbed.machine import PREFIX, must
from tests.support.certificates import authority, leaf
from tests.support.guides import commands, section
from tests.support.handshakes import shown
from tests.support.meanwhile import asked_meanwhile
from tests.support.playbooks import Play, play
from tests.support.waiting import until
from tests.tasks.tree import ROOT
from tests.testbed.stores.base import Place

NAMESPACE = "fleet"
PATIENCE = 120
GUIDE = ROOT / "docs" / "fleet.md"
EDGE_NAME = "query.thanos.eu.thanos.internal"
# What the edges publish: the testbed has no load balancers.
NODE_PORT = {"publish": {"type": "NodePort"}}


def group(name: str, **more: str) -> dict[str, Any]:
    """A group of one rule that touches the series of every edge."""
    return {"name": name, "interval": "5s", "rules": [{"record": f"{name}:up:count", "expr": "count(up)"}], **more}


RULER = {"rules": {"fleet.yml": {"groups": [group("all"), group("some", partial_response_strategy="warn")]}}}


@dataclass
class Fleet:
    """A hub and edges, a cluster each."""

    sites: dict[str, Site]
    folder: Path

    def inventory(self, *edges: str, hubs: tuple[str, ...] = ("hub",)) -> Path:
        """An inventory of those hubs and edges."""
        groups = {
            "thanos_hub": {
                "vars": {"thanos_ruler_group": RULER},
                "hosts": {name: self._host(name) for name in hubs},
            },
            "thanos_edge": {
                "vars": {"thanos_query_group": NODE_PORT},
                "hosts": {name: self._host(name) for name in edges},
            },
        }
        file = self.folder / "fleet.yml"
        # Secrets reach pods within two minutes, and a step of a rotation waits for that.
        shared = {"thanos_wait_timeout": 240, "thanos_pki": {"settle": "2m"}}
        file.write_text(yaml.safe_dump({"all": {"vars": shared, "children": groups}}), encoding="utf-8")
        return file

    def _host(self, name: str) -> dict[str, Any]:
        site = self.sites[name]
        where = {"thanos_kubeconfig": site.kubeconfig, "thanos_namespace": site.namespace}
        return {**where, "thanos_objstore": objstore(site.store, f"fleet-{name}")}

    def lose(self, name: str) -> Fleet:
        """The same where nothing answers at the API server of one cluster."""
        file = self.folder / "lost-kubeconfig"
        file.write_text(Path(self.sites[name].kubeconfig).read_text().replace(":6443", ":1"))
        return replace(self, sites={**self.sites, name: replace(self.sites[name], kubeconfig=str(file))})

    def endpoints(self) -> list[str]:
        """The addresses of other clusters in the hub's endpoint file."""
        (found,) = [m for m in self.sites["hub"].objects("configmaps") if m["metadata"]["name"] == "thanos-query"]
        listed = yaml.safe_load(found["data"]["endpoints.yaml"])["endpoints"]
        return [entry["address"] for entry in listed if "+" not in entry["address"]]

    def play(
        self, playbook: str, *arguments: str, edges: tuple[str, ...] = ("eu",), hubs: tuple[str, ...] = ("hub",)
    ) -> Play:
        """Run a playbook of the collection over those hubs and edges."""
        report = ("-e", f"thanos_report_dir={self.folder}")
        return play(playbook, self.inventory(*edges, hubs=hubs), self.folder, *report, *arguments)

    def report(self) -> dict[str, dict[str, Any]]:
        """Host → what the last run reported of it."""
        kept = json.loads((self.folder / "fleet.json").read_text())
        return {one["host"]: one for one in kept["clusters"]}

    def clusters(self, hub: str = "hub") -> list[str]:
        """The clusters of which a hub's querier has a sample now."""
        return sorted(one["metric"]["cluster"] for one in self.ask("count by (cluster) (up)", hub))

    def ask(self, query: str, hub: str = "hub") -> list[dict[str, Any]]:
        """What a hub's querier answers, deduplicated."""
        text = urllib.parse.urlencode({"query": query, "dedup": "true"})
        return list(self._asked(hub, "query", f"/api/v1/query?{text}")["data"]["result"])

    def warnings(self, query: str) -> list[str]:
        """What is wrong with an answer of the hub: its warnings, or that it has no series of an edge."""
        text = urllib.parse.urlencode({"query": query, "dedup": "true"})
        answer = self._asked("hub", "query", f"/api/v1/query?{text}")
        there = {one["metric"].get("cluster") for one in answer["data"]["result"]}
        return [*(answer.get("warnings") or ()), *([] if "eu" in there else [f"only {there}"])]

    def secret(self, host: str, name: str) -> dict[str, str]:
        """What a Secret of the stack holds."""
        site = self.sites[host]
        path = f"/api/v1/namespaces/{site.namespace}/secrets/thanos-{name}"
        data = site.client.request("GET", path).body["data"]
        return {key: base64.b64decode(text).decode() for key, text in data.items()}

    def shown(self, own: Mapping[str, str] | None) -> str:
        """The certificate that the edge eu shows to a client with this Secret; empty where it does not let it in."""
        host, _colon, port = self.endpoints()[0].rpartition(":")
        pair = own["tls.crt"] + own["tls.key"] if own else ""
        known = self.secret("hub", "grpc-client")["eu.crt"]
        try:
            return shown((host, int(port)), EDGE_NAME, known, pair, self.folder / "tried.pem")
        except OSError:
            return ""

    def rules(self) -> dict[str, str]:
        """Group of rules → whether its rule could be evaluated, as the first ruler of the hub tells."""
        groups = self._asked("hub", "ruler", "/api/v1/rules")["data"]["groups"]
        return {found["name"]: found["rules"][0]["health"] for found in groups if found["name"] in ("all", "some")}

    def _asked(self, name: str, tier: str, path: str) -> dict[str, Any]:
        site = self.sites[name]
        pod = self.serving(name, tier)[0]
        where = f"/api/v1/namespaces/{site.namespace}/pods/{pod}:10902/proxy{path}"
        return dict(site.client.request("GET", where).body)

    def serving(self, name: str, tier: str) -> list[str]:
        """The pods of a tier that are ready, and not on their way out."""
        ready = {"type": "Ready", "status": "True"}
        pods = self.sites[name].pods(tier)
        return [
            pod["metadata"]["name"]
            for pod in pods
            if any(ready.items() <= each.items() for each in pod["status"].get("conditions") or ())
        ]

    def started(self, name: str) -> dict[str, str]:
        """Pod → when it started, of one cluster."""
        return {p["metadata"]["name"]: p["status"]["startTime"] for p in self.sites[name].objects("pods")}


@pytest.fixture(scope="module")
def fleet(store: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two clusters with a namespace that is not there yet."""
    made = Fleet({}, tmp_path_factory.mktemp("fleet"))
    boot(made, store, "hub", "eu")
    yield made
    for site in made.sites.values():
        remove(site)


def boot(fleet: Fleet, store: Place, *names: str) -> None:
    """Boot as many clusters as there are names, as far as they are not there."""
    found = must("up", "--prefix", PREFIX, "--clusters", str(len(names)))
    for name, cluster in zip(names, found, strict=True):
        fleet.sites.setdefault(name, Site(str(cluster["kubeconfig"]), NAMESPACE, store, fleet.folder))


@pytest.fixture(scope="module")
def three(deployed: Fleet, store: Place) -> Fleet:
    """The same with a third cluster that is no edge yet."""
    boot(deployed, store, "hub", "eu", "us")
    return deployed


@pytest.fixture(scope="module")
def deployed(fleet: Fleet) -> Fleet:
    done = fleet.play("deploy")
    assert done.code == 0, done.text
    return fleet


def test_one_run_makes_both_ends_and_proves_the_link(deployed: Fleet) -> None:
    report = deployed.report()
    assert {name: one["counts"]["fail"] for name, one in report.items()} == {"hub": 0, "eu": 0}
    assert any(found["check"] == "certificate" for found in report["hub"]["lines"])
    # Once, though two replicas of Prometheus have it.
    assert [one["metric"]["cluster"] for one in deployed.ask('count by (cluster) (up{job=~".*sidecar"})')] == ["eu"]
    (count,) = deployed.ask('count(up{job=~".*sidecar"})')
    assert int(count["value"][1]) > 0


def test_second_run_changes_nothing(deployed: Fleet) -> None:
    done = deployed.play("deploy")
    assert (done.code, done.recap()) == (0, {"hub": (0, 0), "eu": (0, 0)}), done.text


def test_run_that_leaves_the_edge_out_keeps_its_endpoint(deployed: Fleet) -> None:
    started = deployed.started("hub")
    done = deployed.play("deploy", "--limit", "hub")
    assert (done.code, done.recap()) == (0, {"hub": (0, 0)}), done.text
    assert deployed.report()["eu"]["status"] == "unknown"
    assert deployed.started("hub") == started


def test_run_over_the_edge_alone_changes_nothing(deployed: Fleet) -> None:
    done = deployed.play("deploy", "--limit", "eu")
    assert (done.code, done.recap()) == (0, {"eu": (0, 0)}), done.text


BOTH = ("eu", "us")


@pytest.mark.slow
def test_edge_comes_and_goes_without_a_restart_on_the_hub(three: Fleet) -> None:
    started = three.started("hub")
    added = three.play("deploy", edges=BOTH)
    assert added.code == 0, added.text
    assert {name: one["counts"]["fail"] for name, one in three.report().items()} == {"hub": 0, "eu": 0, "us": 0}
    assert three.clusters() == ["eu", "us"]
    (command,) = commands(section(GUIDE, "An edge more, an edge less"))
    gone = guided(three, command, edges=BOTH)
    assert gone.code == 0, gone.text
    assert len(three.endpoints()) == 1
    assert "us.crt" not in three.secret("hub", "grpc-client")
    again = three.play("deploy")
    assert (again.code, again.recap()) == (0, {"hub": (0, 0), "eu": (0, 0)}), again.text
    assert three.started("hub") == started


@pytest.mark.slow
def test_edge_whose_api_server_is_away_stops_nobody_and_stays_an_endpoint(three: Fleet) -> None:
    assert three.play("deploy", edges=BOTH).code == 0
    before = three.endpoints()
    done = three.lose("us").play("deploy", edges=BOTH)
    assert done.code != 0
    assert {name: failed for name, (_changed, failed) in done.recap().items()} == {"hub": 0, "eu": 0, "us": 1}
    report = three.report()
    assert (report["us"]["status"], report["hub"]["counts"]["fail"]) == ("fail", 0)
    assert three.endpoints() == before
    assert three.clusters() == ["eu", "us"]


@pytest.mark.slow
def test_edge_without_a_querier_is_named_on_the_hub(three: Fleet) -> None:
    assert three.play("deploy", edges=BOTH).code == 0
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/thanos-query"
    body = {"spec": {"replicas": 0}}
    three.sites["us"].client.request("PATCH", path, body=body, content_type="application/merge-patch+json")
    done = three.play("verify", "-e", "thanos_verify_timeout=30", edges=BOTH)
    assert done.code != 0
    lines = [" ".join(found.values()) for found in three.report()["hub"]["lines"] if found["status"] == "fail"]
    assert any(three.endpoints()[1] in found for found in lines), lines
    # A group that asks for complete answers fails; one that takes a part is evaluated.
    until(lambda: three.rules() == {"all": "err", "some": "ok"}, PATIENCE, every=2, missing=three.rules)
    assert three.play("deploy", edges=BOTH).code == 0


@pytest.mark.slow
def test_hub_that_is_rebuilt_reads_the_same_edges(three: Fleet) -> None:
    """Its CA outlives a teardown, so the edges are not touched."""
    assert three.play("deploy", edges=BOTH).code == 0
    started = three.started("eu")
    assert three.play("teardown", "-e", "thanos_hosts=hub", edges=BOTH).code == 0
    again = three.play("deploy", edges=BOTH)
    assert again.code == 0, again.text
    assert three.clusters() == ["eu", "us"]
    assert three.started("eu") == started


@pytest.mark.slow
def test_hub_whose_ca_is_lost_is_a_sentence_and_a_new_one_is_made_only_when_asked_for(three: Fleet) -> None:
    assert three.play("deploy", edges=BOTH).code == 0
    hub = three.sites["hub"].client
    hub.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/secrets/thanos-client-ca")
    refused = three.play("deploy", edges=BOTH)
    assert refused.code != 0
    assert "new_ca" in refused.plain()
    assert three.clusters() == ["eu", "us"]
    made = three.play("deploy", "-e", "thanos_pki_new_ca=true", edges=BOTH)
    assert made.code == 0, made.text
    assert three.clusters() == ["eu", "us"]


@pytest.mark.slow
def test_second_hub_reads_the_same_edge_and_is_locked_out_when_it_leaves(three: Fleet) -> None:
    assert three.play("teardown", "-e", "thanos_hosts=us", edges=BOTH).code == 0
    three.sites["hub2"] = replace(three.sites["us"], namespace="fleet-hub2")
    both = ("hub", "hub2")
    done = three.play("deploy", hubs=both)
    assert done.code == 0, done.text
    assert [three.clusters(hub) for hub in both] == [["eu"], ["eu"]]
    other = three.secret("hub2", "grpc-client")
    assert three.shown(other)
    again = three.play("deploy", hubs=both)
    assert (again.code, again.recap()) == (0, {"hub": (0, 0), "hub2": (0, 0), "eu": (0, 0)}), again.text
    # The edge trusts the hubs that the inventory has.
    assert three.play("deploy").code == 0
    assert three.clusters() == ["eu"]
    until(lambda: three.clusters("hub2") == [], PATIENCE, every=2)
    assert not three.shown(other)
    assert three.shown(three.secret("hub", "grpc-client"))


@pytest.mark.slow
def test_edge_lets_in_its_hub_and_nobody_else(three: Fleet) -> None:
    now = datetime.now(timezone.utc)
    assert three.shown(three.secret("hub", "grpc-client"))
    assert not three.shown(None)
    assert not three.shown(leaf(authority("hub", now), "client", now=now))
    # A server's certificate is none for a client, though it is signed by the edge itself.
    assert not three.shown(three.secret("eu", "grpc-server"))


@pytest.mark.slow
def test_certificates_and_cas_are_replaced_as_the_guide_has_it_without_a_failed_query(three: Fleet) -> None:
    own = three.secret("hub", "grpc-client")
    first = three.shown(own)
    due = '{"thanos_pki": {"server": {"lifetime": "200d", "renew_before": "100d"}}}'
    with asking(three) as wrong:
        assert three.play("deploy", "-e", due).code == 0
        until(lambda: three.shown(own) not in ("", first), PATIENCE, every=2)
        second = three.shown(own)
        for command in commands(section(GUIDE, "Certificates")):
            done = guided(three, command)
            if "settle says how long" in done.plain():
                time.sleep(120)
                done = guided(three, command)
            assert done.code == 0, done.text
        until(lambda: three.shown(own) not in ("", second), PATIENCE, every=2)
    assert wrong == []


def guided(fleet: Fleet, command: str, edges: tuple[str, ...] = ("eu",)) -> Play:
    """A command of the guide, over the hub and these edges."""
    program, inventory, _file, playbook, *arguments = shlex.split(command)
    assert (program, inventory) == ("ansible-playbook", "-i")
    return fleet.play(playbook.removeprefix("o11y.thanos."), *arguments, edges=edges)


def asking(fleet: Fleet) -> AbstractContextManager[list[str]]:
    """Asks the hub all the time; the list is what went wrong. A pod that goes away while it is asked is not."""

    def ask() -> list[str] | None:
        before = fleet.serving("hub", "query")
        try:
            return fleet.warnings("count by (cluster) (up)")
        except ApiError as error:
            return [str(error)] if fleet.serving("hub", "query") == before else None

    return asked_meanwhile(ask, 0.2)
