# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tier is one declaration: what is left out fails at import, and all else follows from what is declared."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import render as rendering
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts, Manifest
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstores import candidates
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.controllers import deployment
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty, Questions, Tier, table
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import sole
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Reply
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks import CHECKS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.rounds import hints
from tests.support.roles import entry_points
from tests.tasks.tree import ROOT

from . import test_golden, test_options_change_output
from .cases import FACTS, FIVE_TIERS, one, render
from .toy import TIER


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row for the toy tier."""
    monkeypatch.setitem(TIERS, TIER.name, TIER)


def parts(declared: Any) -> dict[str, Any]:
    return {field.name: getattr(declared, field.name) for field in fields(declared)}


@pytest.mark.parametrize("part", [field.name for field in fields(Tier)])
def test_tier_without_a_part_cannot_be_imported(part: str) -> None:
    with pytest.raises(TypeError, match=part):
        Tier(**{name: value for name, value in parts(TIER).items() if name != part})


@pytest.mark.parametrize("part", [field.name for field in fields(Questions)])
def test_tier_that_says_not_what_verify_asks_cannot_be_imported(part: str) -> None:
    with pytest.raises(TypeError, match=part):
        Questions(**{name: value for name, value in parts(TIER.questions).items() if name != part})


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", ""),
        ("flags", {}),
        ("component", ""),
        ("access", ""),
        ("without_objstore", "log_level"),
        ("access", "owner"),
        ("start", "sometime"),
        ("store_api", ""),
        ("external_labels", None),
        ("duties", frozenset({Duty.STORE_API})),
        ("questions", replace(TIER.questions, hints={"upload": ("no_such_option",)})),
    ],
)
def test_tier_whose_parts_do_not_fit_together_cannot_be_imported(part: str, value: Any) -> None:
    with pytest.raises(TypeError, match=r"^tier "):
        Tier(**{**parts(TIER), part: value})


@pytest.mark.parametrize("part", ["name", "component", "order"])
def test_two_tiers_share_no_name_label_or_place_in_the_order(part: str) -> None:
    other = Tier(**{**parts(TIER), "name": "other", "component": "other", "order": 7, part: getattr(TIER, part)})
    with pytest.raises(TypeError, match=part):
        table(TIER, other)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"replicas": "many"}, "instances.toy.replicas: 'many' is not a whole number"),
        ({"shards": ["router"]}, "instances.toy.shards: a shard cannot be called router"),
        ({"extra_args": ["--no-such"]}, "instances.toy.extra_args: the toy of Thanos 0.42.4 has no flag --no-such"),
        (
            {"extra_args": ["--log.level=warn"]},
            "toy.extra_args: --log.level: the option log_level sets it already; use log_level",
        ),
        ({"shards": ["a", "x" * 45]}, "characters; the pods of a StatefulSet allow 52"),
    ],
)
def test_toy_tier_is_validated(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse({"cluster": "eu", "instances": {"toy": options}})
    assert sentence in str(refused.value)


@pytest.mark.usefixtures("toy")
def test_workloads_of_two_instances_share_no_name() -> None:
    with pytest.raises(InvalidInput, match=r"instances\.toy-a and instances\.toy would both be named thanos-toy-a"):
        parse({"cluster": "eu", "instances": {"toy": {}, "toy-a": {"tier": "toy"}}})


@pytest.mark.usefixtures("toy")
def test_toy_tier_takes_the_credentials_of_its_access_role() -> None:
    stack = parse({"cluster": "eu", "instances": {"toy": {}}})
    assert "thanos-objstore-default-writer" in {n.secret for n in candidates(stack.instances[0], stack)}


@pytest.mark.usefixtures("toy")
def test_each_workload_has_its_own_name_selector_and_services() -> None:
    made = render({"toy": {}, "query": {}})
    shard, router = one(made, "StatefulSet", "thanos-toy-a"), one(made, "Deployment", "thanos-toy-router")
    assert shard["spec"]["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "thanos-toy",
        "app.kubernetes.io/instance": "thanos-toy-a",
    }
    assert router["metadata"]["labels"]["o11y.thanos/instance"] == "toy"
    (probed,) = router["spec"]["template"]["spec"]["containers"]
    assert probed["readinessProbe"]["httpGet"] == {"path": "/-/ready", "port": "http", "scheme": "HTTPS"}
    assert one(made, "Service", "thanos-toy-b-headless")["metadata"]["labels"]["o11y.thanos/store-api"] == "true"
    assert "o11y.thanos/store-api" not in one(made, "Service", "thanos-toy-router-headless")["metadata"]["labels"]
    endpoints = one(made, "ConfigMap", "thanos-query")["data"]["endpoints.yaml"]
    assert [name for name in ("toy-a", "toy-b", "toy-router") if name in endpoints] == ["toy-a", "toy-b"]


def rolled(facts: Facts) -> dict[str, list[str]]:
    stack = parse({"cluster": "eu", "instances": {**FIVE_TIERS, "toy": {}}})
    made = {
        p.name: [m["metadata"]["name"] for m in p.objects if "toy" in m["metadata"]["name"]]
        for p in phases(stack, facts)
    }
    return {name: sorted(names) for name, names in made.items() if name != "configuration"}


@pytest.mark.usefixtures("toy")
def test_all_workloads_of_a_new_instance_are_made_together() -> None:
    assert rolled(FACTS)["new workloads"] == ["thanos-toy-a", "thanos-toy-b", "thanos-toy-router"]


@pytest.mark.usefixtures("toy")
def test_toy_tier_is_rolled_in_its_place_and_a_further_shard_is_new() -> None:
    live = frozenset({*(f"thanos-{tier}" for tier in FIVE_TIERS), "thanos-toy-a", "thanos-toy-router"})
    found = rolled(replace(FACTS, workloads=live))
    assert list(found) == ["new workloads", "sidecar", "store", "toy", "compact", "query", "ruler", "rules"]
    assert (found["new workloads"], found["toy"]) == (["thanos-toy-b"], ["thanos-toy-a", "thanos-toy-router"])


@pytest.mark.usefixtures("toy")
def test_claim_of_one_shard_is_checked() -> None:
    stack = parse({"cluster": "eu", "instances": {"toy": {}}})
    problems, _warnings = check(stack, replace(FACTS, claims={"thanos-toy-b": ("5Gi", "")}))
    assert "instances.toy.storage.size: 1Gi differs from the 5Gi" in str(problems[0])


@pytest.mark.usefixtures("toy")
def test_object_that_is_in_no_phase_is_an_error_and_not_a_removal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "STARTS", ("new queriers",))
    with pytest.raises(ValueError, match=r"in no phase, or in several: .*thanos-toy-a"):
        rolled(FACTS)


def test_workload_that_is_rendered_and_not_declared_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def undeclared(instance: Any, ctx: Context) -> list[Manifest]:
        (other,) = sole(replace(instance, fullname="other"), "Deployment", (), (), replicas=1)
        return [*TIER.render(instance, ctx), deployment(other, ctx, {})]

    monkeypatch.setitem(TIERS, TIER.name, replace(TIER, render=undeclared))
    with pytest.raises(ValueError, match=r"declared and rendered workloads differ: .*other"):
        rolled(FACTS)


def judge(name: str, bodies: dict[str, Any], instances: dict[str, Any]) -> tuple[list[Finding], list[str]]:
    """The lines of a check over one ready pod for each replica, and what was asked."""
    expected = expectations(parse({"cluster": "eu", "instances": instances}))
    pods = [
        Pod(pod, p.workload.name, "monitoring", "10.0.0.9", "", True, "", p.images)
        for p in expected.promises
        for pod in p.workload.pod_names or [f"{p.workload.name}-{i}" for i in range(p.replicas)]
    ]
    answers = Answers(tuple(pods))
    asked: list[str] = []
    while True:
        lines = CHECKS[name](expected, answers)
        if not answers.wanted:
            return lines, asked
        for question in list(answers.wanted):
            asked.append(question.where)
            answers.replies[question] = Reply(next(b for key, b in bodies.items() if key in question.path))
        answers.wanted.clear()


@pytest.mark.usefixtures("toy")
def test_verify_expects_every_workload_of_the_toy_tier() -> None:
    expected = expectations(parse({"cluster": "eu", "instances": {"toy": {}}}))
    assert [(p.name, p.replicas) for p in expected.promises] == [("toy a", 2), ("toy b", 2), ("toy router", 1)]
    shard, _other, router = expected.promises
    assert shard.labels["thanos-toy-a-1"] == {"cluster": "eu", "toy_replica": "thanos-toy-a-1"}
    assert (dict(router.labels), router.workload.pod_names) == ({}, ())
    assert [p.name for p in expected.doing(Duty.UPLOAD)] == ["toy a", "toy b"]
    assert hints("upload", expected) == ("instances.toy.objstore",)


@pytest.mark.usefixtures("toy")
def test_verify_asks_the_router_through_tls() -> None:
    lines, asked = judge("pods", {"buildinfo": {"version": "0.42.4"}}, {"toy": {}})
    assert [line.what for line in lines] == ["2 toy a, 2 toy b, 1 toy router ready, Thanos 0.42.4"]
    assert "/api/v1/namespaces/monitoring/pods/https:thanos-toy-router-0:10443/proxy" in asked
    assert "/api/v1/namespaces/monitoring/pods/thanos-toy-a-0:10902/proxy" in asked


@pytest.mark.usefixtures("toy")
def test_verify_wants_every_shard_among_the_store_apis_of_its_type() -> None:
    lines, _asked = judge("endpoints", {"stores": {}}, {"toy": {"replicas": 1}, "query": {"replicas": 1}})
    assert [line.expected for line in lines] == ["a StoreAPI of type toy at 10.0.0.9:10901, without error"] * 2


def test_port_that_needs_a_password_is_not_asked_and_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*given: Any) -> Any:
        (made, *_others) = TIER.workloads(*given)
        return (replace(made, channels=tuple(replace(c, closed="it needs a password") for c in made.channels)),)

    monkeypatch.setitem(TIERS, TIER.name, replace(TIER, workloads=closed))
    lines, asked = judge("pods", {}, {"toy": {"replicas": 1}})
    assert [(line.severity, line.what) for line in lines] == [("pending", "cannot be asked: it needs a password")]
    assert asked == []


def missing(tier: str) -> set[str]:
    """What a tier needs beside its file and its row, as a path or as what is lacking where."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["k8s"]
    documented = {
        role: set(entry_points(ROOT / "roles" / role).get("main", {}).get("options", {})) for role in (tier, "stack")
    }
    layers = {f"thanos_{tier}{suffix}" for suffix in ("", "_group", "_host")}
    there = {
        f"plugins/modules/{tier}.py": (ROOT / "plugins" / "modules" / f"{tier}.py").exists(),
        f"roles/{tier}": (ROOT / "roles" / tier / "tasks" / "main.yml").exists(),
        **{f"roles/{role}: its variables": layers <= names for role, names in documented.items()},
        "meta/runtime.yml": tier in runtime,
        "a case for each of its options": tier in test_options_change_output.GOOD,
        "a golden file": tier in test_golden.CASES,
    }
    return {what for what, found in there.items() if not found}


@pytest.mark.parametrize("tier", TIERS)
def test_nothing_of_a_tier_is_missing_elsewhere(tier: str) -> None:
    assert missing(tier) == set()


def test_what_of_a_new_tier_is_missing_elsewhere_is_named() -> None:
    assert missing(TIER.name) == {
        "plugins/modules/toy.py",
        "roles/toy",
        "roles/toy: its variables",
        "roles/stack: its variables",
        "meta/runtime.yml",
        "a case for each of its options",
        "a golden file",
    }
