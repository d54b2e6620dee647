# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a run, and the gate that waits for rules."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Ref
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Snapshot, Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError, Response
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.channels import Channel
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts, Instance, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import lost_labels, phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import digests, slots
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_sets import differences, rule_set
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules_gate import Loaded, Ruler, rules_gate
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Tier
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.workloads import Workload

from .cases import FACTS, FIVE_TIERS, container, one, render

LIVE = frozenset(f"thanos-{tier}" for tier in FIVE_TIERS)


def order(facts: Facts) -> list[tuple[str, list[str]]]:
    stack = parse({"cluster": "eu", "instances": FIVE_TIERS})
    return [
        (p.name, sorted(m["metadata"]["name"] for m in p.objects if m["kind"] in ("StatefulSet", "Deployment")))
        for p in phases(stack, facts)
    ]


def test_new_queriers_start_after_what_they_read() -> None:
    assert order(FACTS) == [
        ("configuration", []),
        ("new workloads", ["thanos-compact", "thanos-ruler", "thanos-sidecar", "thanos-store"]),
        ("new queriers", ["thanos-query"]),
        ("rules", []),
    ]


def test_existing_workloads_are_rolled_one_tier_at_a_time() -> None:
    names = [name for name, _unused in order(replace(FACTS, workloads=LIVE))]
    assert names == ["configuration", "sidecar", "store", "compact", "query", "ruler", "rules"]


@pytest.mark.parametrize("option", ["labels", "pod_labels"])
@pytest.mark.parametrize(
    ("name", "value", "lost"),
    [
        ("app.kubernetes.io/part-of", "metrics", True),
        ("o11y.thanos/instance", "x", True),
        # Said alike it is as it was asked for.
        ("app.kubernetes.io/part-of", "thanos", False),
        ("app.kubernetes.io/version", "1", False),
        ("team", "metrics", False),
    ],
)
def test_labels_that_the_collection_sets_itself_are_told(option: str, name: str, value: str, lost: bool) -> None:
    stack = parse({"cluster": "eu", "common": {option: {name: value}}, "instances": {"query": {}}})
    told = f"instances.query.{option}.{name} has no effect: the collection sets this label itself."
    assert lost_labels(stack) == ([told] if lost else [])
    deployment = one(render({"query": {option: {name: value}}}), "Deployment", "thanos-query")
    assert (deployment["spec"]["template"]["metadata"]["labels"][name] == value) is not lost


def test_labels_of_pods_that_somebody_else_made_are_not_told_to_be_set_by_the_collection() -> None:
    theirs = {"prometheus": {"stateful_set": "prom"}, "pod_labels": {"app.kubernetes.io/part-of": "metrics"}}
    assert lost_labels(parse({"cluster": "eu", "instances": {"sidecar": theirs}})) == []


def test_rules_that_nobody_renders_are_removed_before_the_gate_that_would_see_them() -> None:
    stack = parse({"cluster": "eu", "instances": FIVE_TIERS})
    assert [p.name for p in phases(stack, FACTS) if p.prunes] == ["rules"]


def pod(name: str, instance: str, *args: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "uid": name, "labels": {"app.kubernetes.io/instance": instance}, **more}
    return {"metadata": metadata, "spec": {"containers": [{"name": "thanos-ruler", "args": ["rule", *args]}]}}


RULER = parse({"cluster": "eu", "instances": {"ruler": {"fullname": "r"}}})
FILES = {"a.yaml": "groups: [{name: g, rules: [{record: x, expr: up}]}]"}
EXPECTED = {"r": Ruler(RULER.workloads(RULER.instances[0])[0], FILES)}
PODS = (
    pod("r-0", "r", "--web.route-prefix=/r"),
    pod("r-1", "r"),
    pod("q", "q"),
    pod("r-2", "r", deletionTimestamp="2026-01-01T00:00:00Z"),
)


def snapshot(loaded: dict[str, Loaded] | None = None, age: float = 0) -> Snapshot:
    """What the gate sees ``age`` seconds after it began."""
    now = datetime.now(timezone.utc)
    return Snapshot({"Pod": PODS}, now - timedelta(seconds=age), now, answer=loaded)


@pytest.mark.parametrize(
    ("loaded", "state"),
    [
        ({"r-0": (), "r-1": ()}, "done"),
        ({"r-0": (), "r-1": ("group g of a.yaml is not loaded",)}, "waiting"),
        ({}, "waiting"),
    ],
)
def test_rules_gate_opens_when_every_pod_shows_what_was_given(loaded: dict[str, Any], state: str) -> None:
    answer = {name: Loaded(shown) for name, shown in loaded.items()}
    assert rules_gate("monitoring", EXPECTED).check(snapshot(answer)).state == state


@pytest.mark.parametrize(("age", "state"), [(5, "waiting"), (119, "waiting"), (121, "failed")])
def test_refused_rules_are_told_and_end_the_wait_once_no_older_ones_can_be_meant(age: float, state: str) -> None:
    answer = {"r-0": Loaded(), "r-1": Loaded(("other",), "a.yaml: could not parse expression")}
    verdict = rules_gate("monitoring", EXPECTED).check(snapshot(answer, age))
    assert verdict.state == state
    assert "r-1: refuses the rules: a.yaml: could not parse expression" in verdict.reason
    assert verdict.pods == ("r-1",)


class Rulers:
    """Stands for a Client: answers as two ruler pods do, and keeps what it was asked."""

    def __init__(self, **answers: tuple[int, str]) -> None:
        self.asked: list[str] = []
        self.answers = answers

    def mask(self, text: str) -> str:
        return text.replace("canary", "***")

    def request(self, method: str, path: str, *, ok: Collection[int], **_more: Any) -> Response:
        if path.endswith("/log"):
            return Response(200, {}, None, "loading groups failed: earlier\nloading groups failed: canary.yaml\nelse\n")
        self.asked.append(f"{method} {path.rpartition('/pods/')[2]}")
        status, text = self.answers.get(method, (200, ""))
        if status >= 400 and status not in ok:
            raise ApiError(f"{method}: {text}", status)
        return Response(status, {}, None, text)


def asked(rulers: Rulers) -> dict[str, Loaded]:
    action = rules_gate("monitoring", EXPECTED).action
    assert action
    return dict(action(cast(Client, rulers), snapshot()))


def test_rules_gate_asks_every_pod_behind_its_prefix_and_posts_the_reload() -> None:
    rulers = Rulers(POST=(500, "strategy ABORT, canary\n"))
    assert asked(rulers)["r-0"].refusal == "strategy ABORT, ***; loading groups failed: ***.yaml"
    assert rulers.asked == [
        "GET r-0:10902/proxy/r/api/v1/rules",
        "POST r-0:10902/proxy/r/-/reload",
        "GET r-1:10902/proxy/api/v1/rules",
        "POST r-1:10902/proxy/-/reload",
    ]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rules_gate_fails_at_once_where_it_may_not_ask(method: str) -> None:
    with pytest.raises(ApiError, match=f"{method}: forbidden"):
        asked(Rulers(**{method: (403, "forbidden")}))


def test_a_pod_that_does_not_answer_is_waited_for_and_the_last_answer_is_told() -> None:
    """A packet filter or a service mesh may stand between the API server and the pods for ever."""
    answer = asked(Rulers(GET=(503, "no endpoints, canary"), POST=(503, "no endpoints")))
    verdict = rules_gate("monitoring", EXPECTED).check(snapshot(answer))
    assert verdict.state == "waiting"
    assert verdict.reason == (
        "r-0, r-1: without an answer about rules; the API server's proxy to it answers 503: no endpoints, ***"
    )


def test_ruler_that_cannot_be_told_to_reload_fails_at_once() -> None:
    given = EXPECTED["r"]
    workload = replace(given.workload, channels=(Channel("http", 10902, "https", closed="it needs a password"),))
    gate = rules_gate("monitoring", {"r": replace(given, workload=workload)})
    rulers = Rulers()
    assert gate.action
    assert gate.action(cast(Client, rulers), snapshot()) == {}
    assert rulers.asked == []
    assert gate.check(snapshot({})).reason == "r-0, r-1 cannot be told to load the rules: it needs a password"


def loaded(**changes: Any) -> dict[str, Any]:
    """What the rules API has below ``data`` when the ruler has loaded FILES, but for ``changes`` of the group."""
    ours = {"name": "o11y_thanos_rules_info", "labels": {"slot": "0", "digest": digests(FILES)["0"]}}
    marker = {"file": "/r/o11y-thanos-generation-0.yaml", "name": "o11y_thanos_generation_0", "rules": [ours]}
    return {"groups": [{"file": "/r/a.yaml", "name": "g", "rules": [{"name": "x"}], **changes}, marker]}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (loaded(), []),
        (loaded(rules=[{"name": "x"}, {"name": "x"}]), []),
        (loaded(rules=[]), ["group g of a.yaml lacks x"]),
        (loaded(rules=[{"name": "x"}, {"name": "y"}]), ["group g of a.yaml has beside those given y"]),
        (loaded(name="h"), ["group g of a.yaml is not loaded", "group h of a.yaml is loaded and not given"]),
    ],
)
def test_rules_that_a_ruler_shows_are_compared_with_those_given(body: dict[str, Any], told: list[str]) -> None:
    assert differences(rule_set(FILES), body) == told


def test_markers_tell_files_with_the_same_groups_apart() -> None:
    edited = {"a.yaml": FILES["a.yaml"].replace("expr: up", "expr: down")}
    assert differences(rule_set(edited), loaded()) == ["the same groups with other content"]
    assert differences(rule_set(FILES), None)[0] == "group g of a.yaml is not loaded"


def repairing(was: dict[str, str], age: float) -> Verdict:
    """The verdict in a run that found these files in the ConfigMap, while every ruler shows what it shall."""
    gate = rules_gate("monitoring", EXPECTED)
    before = {Ref("ConfigMap", "monitoring", "r-rules-0"): {"data": was}}
    return gate.check(replace(snapshot({"r-0": Loaded(), "r-1": Loaded()}, age), before=before))


def test_files_that_were_edited_beside_their_digest_are_reloaded_until_they_must_have_arrived() -> None:
    slot = slots(FILES)[0]
    verdict = repairing({**slot, "a.yaml": FILES["a.yaml"].replace("expr: up", "expr: down")}, 119)
    assert verdict.state == "waiting"
    assert verdict.reason.startswith("r-rules-0 was edited by hand and is repaired; ")
    assert repairing({**slot, "a.yaml": ""}, 121).state == "done"
    assert repairing(slot, 0).state == "done"
    assert repairing({"a.yaml": "groups: []", "o11y-thanos-generation-0.yaml": "of other files"}, 0).state == "done"


def test_large_rule_files_are_spread_over_slots_and_each_has_its_digest() -> None:
    files = {f"{i}.yaml": "x" * 500_000 for i in range(3)}
    packed = slots(files)
    assert [sorted(s) for s in packed] == [
        ["0.yaml", "o11y-thanos-generation-0.yaml"],
        ["1.yaml", "o11y-thanos-generation-1.yaml"],
        ["2.yaml", "o11y-thanos-generation-2.yaml"],
    ]
    assert len(set(digests(files).values())) == 3


def test_a_changed_rule_changes_the_digest_and_not_the_pods() -> None:
    before = render({"ruler": {"rules": {"a.yaml": "groups: []"}}})
    after = render({"ruler": {"rules": {"a.yaml": "groups: []  "}}})
    assert one(before, "StatefulSet", "thanos-ruler") == one(after, "StatefulSet", "thanos-ruler")
    assert one(before, "ConfigMap", "thanos-ruler-rules-0") != one(after, "ConfigMap", "thanos-ruler-rules-0")


def test_a_changed_credential_changes_the_pods_that_use_it_and_no_others() -> None:
    changed = replace(FACTS.objstores["default", "reader"], digest="fedcba9876543210")
    facts = replace(FACTS, objstores={**FACTS.objstores, ("default", "reader"): changed})
    before, after = render(FIVE_TIERS), render(FIVE_TIERS, facts=facts)
    assert [a["metadata"]["name"] for b, a in zip(before, after, strict=True) if b != a] == ["thanos-store"]


def test_endpoint_file_names_live_instances_that_are_not_in_the_run() -> None:
    facts = replace(FACTS, store_apis={"thanos-store-old-headless": "store-old"})
    text = one(render({"query": {}}, facts=facts), "ConfigMap", "thanos-query")["data"]["endpoints.yaml"]
    assert "dnssrv+_grpc._tcp.thanos-store-old-headless.monitoring.svc" in text


def test_ruler_asks_a_querier_behind_a_prefix_under_that_prefix() -> None:
    ruler = one(render({**FIVE_TIERS, "query": {"external_prefix": "/thanos"}}), "StatefulSet", "thanos-ruler")
    assert "--query=http://thanos-query.monitoring.svc:10902/thanos" in container(ruler, "thanos-ruler")["args"]


def test_ruler_asks_a_querier_where_its_extra_args_put_its_api() -> None:
    query = {"external_prefix": "/thanos", "extra_args": ["--web.route-prefix=/r"]}
    ruler = one(render({**FIVE_TIERS, "query": query}), "StatefulSet", "thanos-ruler")
    assert "--query=http://thanos-query.monitoring.svc:10902/r" in container(ruler, "thanos-ruler")["args"]


def test_arguments_are_made_once_for_the_check_of_flags_and_for_the_pods(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(tier: Tier) -> Callable[[Instance, Stack], tuple[Workload, ...]]:
        def workloads(instance: Instance, stack: Stack) -> tuple[Workload, ...]:
            made.append(instance.name)
            return tier.workloads(instance, stack)

        return workloads

    for name, tier in list(TIERS.items()):
        monkeypatch.setitem(TIERS, name, replace(tier, workloads=counted(tier)))
    stack = parse({"cluster": "eu", "instances": FIVE_TIERS})
    phases(stack, FACTS)
    assert sorted(made) == sorted(FIVE_TIERS)


def test_flags_of_a_rulers_wiring_are_checked_too() -> None:
    with pytest.raises(InvalidInput, match=r"with --query\.config beside --query, which the option query sets"):
        parse({"cluster": "eu", "instances": {"ruler": {"extra_args": ["--query.config=x"]}}})
