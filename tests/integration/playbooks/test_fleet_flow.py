# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet's runs say and write on real API servers without nodes, where no pod ever starts."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.playbooks.conftest import World
from tests.support.guides import commands, section
from tests.support.playbooks import Play, play
from tests.tasks.tree import ROOT

pytestmark = pytest.mark.api

NAMES = ("hub", "eu", "us")
PAGE = ROOT / "docs" / "fleet.md"
EXAMPLE = ROOT / "examples/hub-and-edges/inventory.yml"
NAMESPACE = "/api/v1/namespaces/monitoring"
# No pod starts here: a querier without replicas is there as soon as somebody says that its Deployment was seen.
QUERIER = {"replicas": 0}


def fleet(folder: Path, *edges: str, hub: dict[str, Any] | None = None) -> Path:
    """An inventory of a hub and edges that have a querier and nothing else."""
    shared = {
        "thanos_context": "{{ inventory_hostname }}",
        "thanos_enabled": "query",
        "thanos_query": QUERIER,
        "thanos_wait_timeout": 3,
    }
    groups = {
        "thanos_hub": {"hosts": {"hub": hub or {}}},
        "thanos_edge": {"hosts": dict.fromkeys(edges or ("eu", "us"))},
    }
    file = folder / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": shared, "children": groups}}))
    return file


def deploy(folder: Path, inventory: Path, *arguments: str) -> Play:
    """A deploy that keeps its report."""
    return play("deploy", inventory, folder, "-e", f"thanos_report_dir={folder}", *arguments)


def report(folder: Path) -> dict[str, dict[str, Any]]:
    """Host → what was reported of it."""
    return {one["host"]: one for one in json.loads((folder / "fleet.json").read_text())["clusters"]}


def held(world: World, host: str, name: str) -> dict[str, str]:
    """What a Secret holds; nothing where there is none."""
    answer = world.planes[host].api.request("GET", f"{NAMESPACE}/secrets/{name}")
    data: dict[str, Any] = answer.body["data"] if answer.status == 200 else {}
    return {key: base64.b64decode(text).decode() for key, text in data.items()}


def endpoints(world: World) -> list[str]:
    """The addresses of other clusters in the hub's endpoint file."""
    answer = world.planes["hub"].api.must("GET", f"{NAMESPACE}/configmaps/thanos-query")
    listed = yaml.safe_load(answer["data"]["endpoints.yaml"])["endpoints"]
    return [entry["address"] for entry in listed if "+" not in entry["address"]]


def patch(world: World, host: str, path: str, status: dict[str, Any]) -> None:
    """Say what a controller would."""
    api = world.planes[host].api
    api.must("PATCH", path, {"status": status}, content_type="application/merge-patch+json")


@pytest.fixture
def clean(world: World) -> World:
    """Clusters of which nothing is left that a test before made; a namespace ends only with a controller."""
    for plane in world.planes.values():
        for group, kinds in {
            "/api/v1": ("secrets", "configmaps", "services"),
            "/apis/apps/v1": ("deployments",),
        }.items():
            for kind in kinds:
                where = f"{group}/namespaces/monitoring/{kind}"
                for item in plane.api.request("GET", where).body.get("items") or ():
                    plane.api.request("DELETE", f"{where}/{item['metadata']['name']}")
    return world


def test_guide_shows_and_checks_the_example(clean: World, tmp_path: Path) -> None:
    """The first commands of the guide, and its snippet of rules; the further ones need nodes."""
    # The example publishes on node ports, for which there has to be a node.
    for name in NAMES[1:]:
        # A controller would say after forty seconds that nobody hears of the node any more.
        clean.planes[name].stop_controllers()
        clean.planes[name].api.must("POST", "/api/v1/nodes", {"metadata": {"name": name}})
        told = {"type": "InternalIP", "address": "192.0.2.1"}
        ready = {"conditions": [{"type": "Ready", "status": "True"}], "addresses": [told]}
        patch(clean, name, f"/api/v1/nodes/{name}/status", ready)
    topology, check, _deploy = commands(section(PAGE, "The inventory"))
    (tmp_path / "inventory.yml").write_text(EXAMPLE.read_text())
    snippet = section(PAGE, "When something is away").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "thanos_hub.yml").write_text(snippet)
    shown = run(topology, tmp_path)
    assert (shown.code, "hub" in shown.text) == (0, True), shown.text
    done = run(check, tmp_path)
    assert done.code == 0, done.text
    assert "partial_response_strategy: warn" in done.plain()
    assert not any(clean.exists(name, NAMESPACE) for name in NAMES)


def run(command: str, folder: Path) -> Play:
    """A command of the guide, in a folder that has its inventory."""
    program, *arguments = shlex.split(command, comments=True)
    assert (program, arguments[:2]) == ("ansible-playbook", ["-i", "inventory.yml"])
    return play(arguments[2].removeprefix("o11y.thanos."), folder / "inventory.yml", folder, *arguments[3:])


def test_hub_that_fails_on_a_first_deploy_is_named_on_its_edges_and_in_the_report(clean: World, tmp_path: Path) -> None:
    done = deploy(tmp_path, fleet(tmp_path, hub={"thanos_context": "hbu"}))
    assert done.code != 0
    said = done.plain()
    kubeconfig = f"thanos_context: there is no 'hbu' in {clean.kubeconfig}, which has hub, eu, us. Did you mean 'hub'?"
    assert kubeconfig in said
    assert "eu shall let in hub, and has not been told the certificate of a CA of theirs: hub failed (" in said
    assert "server.trust is required" not in said
    found = report(tmp_path)
    assert {name: one["status"] for name, one in found.items()} == dict.fromkeys(NAMES, "fail")
    assert "Did you mean 'hub'?" in found["hub"]["lines"][0]["message"]
    assert not any(clean.exists(name, f"{NAMESPACE}/secrets/thanos-grpc-server") for name in NAMES)


def test_address_of_a_load_balancer_reaches_the_hub_and_one_that_has_none_is_told(clean: World, tmp_path: Path) -> None:
    inventory = fleet(tmp_path)
    assert deploy(tmp_path, inventory).code != 0
    for name in NAMES:
        patch(
            clean,
            name,
            "/apis/apps/v1/namespaces/monitoring/deployments/thanos-query/status",
            {"observedGeneration": 9},
        )
    address = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}
    patch(clean, "eu", f"{NAMESPACE}/services/thanos-query-published/status", address)
    done = deploy(tmp_path, inventory)
    assert done.code != 0
    assert endpoints(clean) == ["203.0.113.7:10901"]
    lines = [line["message"] for line in report(tmp_path)["us"]["lines"] if line["status"] == "fail"]
    sentence = "the Service monitoring/thanos-query-published of type LoadBalancer has no address yet"
    assert any(sentence in line for line in lines), lines
    # The edge that has none is left out with a word, and the hub is deployed all the same.
    assert "the endpoint us is left out, since its address is not known yet" in done.plain()


def test_edge_that_is_forgotten_leaves_nothing_on_the_hub(clean: World, tmp_path: Path) -> None:
    both = fleet(tmp_path)
    deploy(tmp_path, both)
    assert {"eu.crt", "us.crt"} <= held(clean, "hub", "thanos-grpc-client").keys()
    one = fleet(tmp_path, "eu")
    deploy(tmp_path, one)
    assert "us.crt" in held(clean, "hub", "thanos-grpc-client")
    done = deploy(tmp_path, one, "-e", "thanos_fleet_forget=us,uss")
    assert {"eu.crt"} == {key for key in held(clean, "hub", "thanos-grpc-client") if key.endswith(".crt")} - {"tls.crt"}
    assert "thanos_fleet_forget (option forget_endpoints) names 'uss'" in done.plain()
