# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server would refuse in every run: a used-up quota, and objects that somebody made immutable."""

from __future__ import annotations

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
        f"nothing was changed:\n- {kind} {world.namespace}/frozen must change and is immutable (made so by "
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
