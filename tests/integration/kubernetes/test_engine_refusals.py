# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server would refuse in every run: a used-up quota, objects that are immutable, node ports that are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World
from tests.support.waiting import until

pytestmark = pytest.mark.api


def limit(world: World, name: str, **counted: str) -> None:
    """A quota on objects; returns when the server has counted what is there."""
    path = f"/api/v1/namespaces/{world.namespace}/resourcequotas"
    hard = {f"count/{kind}": amount for kind, amount in counted.items()}
    world.plane.api.must("POST", path, {"metadata": {"name": name}, "spec": {"hard": hard}})

    def counts() -> set[str]:
        quota: dict[str, Any] = world.plane.api.must("GET", f"{path}/{name}")
        return set((quota.get("status") or {}).get("used") or {})

    until(lambda: counts() == set(hard), missing=counts)


def test_a_quota_that_is_used_up_is_named_with_its_figures(world: World) -> None:
    world.run([samples.config("a")])  # beside the record
    limit(world, "few-objects", configmaps="3", secrets="10")
    with pytest.raises(Failure) as caught:
        world.run([samples.config(name) for name in "abcd"])
    text = str(caught.value)
    assert f"the quota few-objects of the namespace {world.namespace} leaves no room for ConfigMap" in text
    assert "(count/configmaps: 3 used of 3, 1 more wanted); raise it, or remove what uses it up" in text
    assert "PATCH" not in text


def test_a_quota_that_the_record_exceeds_is_named(world: World) -> None:
    limit(world, "none", configmaps="0")
    with pytest.raises(Failure, match=r"the quota none of .* leaves no room for ConfigMap .*/o11y-thanos-thanos"):
        world.run([samples.config("a")])


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_an_immutable_object_that_must_change_stops_the_run_before_it_begins(
    world: World, kind: str, check_mode: bool
) -> None:
    def made(value: str) -> dict[str, Any]:
        fields: dict[str, Any] = {"data": {"key": value}} if kind == "ConfigMap" else {"stringData": {"key": value}}
        return samples.manifest(kind, "frozen", **fields)

    world.run([made("one")])
    world.edit(kind, "frozen", {"immutable": True})
    assert not world.run([made("one")]).changed
    with pytest.raises(Failure) as caught:
        world.run([samples.config("another"), made("two")], check_mode=check_mode)
    remove = f"kubectl -n {world.namespace} delete {kind.lower()} frozen"
    assert str(caught.value) == (
        f"this task changed nothing:\n- {kind} {world.namespace}/frozen must change and is immutable (made so by "
        f"kubectl-edit), which nobody can undo; remove it ({remove}), and the next run makes it anew"
    )
    assert world.live("ConfigMap", "another") is None


def test_a_key_that_goes_is_a_change_of_an_immutable_object_and_a_label_is_none(world: World) -> None:
    world.run([samples.config("frozen", a="1", b="2")])
    world.edit("ConfigMap", "frozen", {"immutable": True})
    labelled = samples.config("frozen", a="1", b="2")
    labelled["metadata"]["labels"]["team"] = "sre"
    assert world.run([labelled]).changed
    with pytest.raises(Failure, match="is immutable"):
        world.run([samples.config("frozen", a="1")])


def test_an_object_that_becomes_immutable_in_mid_run_is_told_by_the_same_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run([samples.config("frozen", a="1")])
    world.edit("ConfigMap", "frozen", {"immutable": True})
    monkeypatch.setattr(
        "ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan.frozen", lambda *_known: ""
    )
    with pytest.raises(Failure, match=r"^ConfigMap .*/frozen must change and is immutable \(made so by kubectl-edit\)"):
        world.run([samples.config("frozen", a="2")])


def node_port(name: str, port: int) -> dict[str, Any]:
    """A Service that asks for one node port."""
    ports = [{"name": "http", "port": 10902, "nodePort": port}]
    return samples.manifest("Service", name, spec={"type": "NodePort", "ports": ports, "selector": {"a": "b"}})


TAKEN, RANGE = 30999, "30000-32767"


@pytest.fixture
def taken(plane_default: World) -> Iterator[int]:
    """A node port that somebody else's Service has."""
    plane_default.make("Service", {**node_port("theirs", TAKEN), "metadata": {"name": "theirs"}})
    yield TAKEN
    plane_default.delete("Service", "theirs")


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_node_port_that_another_service_has_stops_the_run_before_it_begins(
    world: World, taken: int, check_mode: bool
) -> None:
    with pytest.raises(Failure) as caught:
        world.run([samples.config("another"), node_port("mine", taken)], check_mode=check_mode)
    mine = f"Service {world.namespace}/mine: the node port {taken} is that of the Service default/theirs; choose"
    assert str(caught.value).startswith(f"this task changed nothing:\n- {mine}")
    assert world.live("ConfigMap", "another") is None


def test_a_node_port_that_cannot_be_had_is_told_in_a_sentence_where_only_the_server_knows(
    world: World, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine.taken", lambda *_known: []
    )
    for port, why in (
        (taken, "taken by another Service of"),
        (80, f"not in the range .* node ports, which is {RANGE};"),
    ):
        with pytest.raises(Failure, match=f"Service .*/mine: the node port {port} is {why}"):
            world.run([node_port("mine", port)])


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_node_port_that_cannot_be_had_is_told_before_a_new_namespace_is_made(
    nowhere: World, taken: int, check_mode: bool
) -> None:
    with pytest.raises(Failure, match=f"^this task changed nothing:\n- .* port {taken} is that of the Service"):
        nowhere.run([samples.config("another"), node_port("mine", taken)], check_mode=check_mode)
    assert nowhere.plane.api.request("GET", f"/api/v1/namespaces/{nowhere.namespace}").status == 404


def test_a_node_port_stays_with_its_service_and_can_be_changed(world: World) -> None:
    world.run([node_port("one", TAKEN + 1)])
    assert not world.run([node_port("one", TAKEN + 1)]).changed
    world.run([node_port("one", TAKEN + 2), samples.config("another")])
    live = world.live("Service", "one")
    assert live
    assert live["spec"]["ports"][0]["nodePort"] == TAKEN + 2
