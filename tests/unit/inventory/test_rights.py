# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role that a run needs follows from the tables, and the page about rights shows the one that tests deploy with."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import cluster_role, role, rules_for
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.tasks.tree import ROOT

PAGE = (ROOT / "docs/rights.md").read_text(encoding="utf-8")


def granted(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """``group/resource`` → verbs of a Role."""
    return {f"{r['apiGroups'][0]}/{name}": r["verbs"] for r in manifest["rules"] for name in r["resources"]}


def test_page_shows_the_generated_role() -> None:
    shown = role({})
    metadata = ", ".join(f"{key}: {value}" for key, value in shown["metadata"].items())
    lines = [f"apiVersion: {shown['apiVersion']}", f"kind: {shown['kind']}", f"metadata: {{{metadata}}}", "rules:"]
    for rule in shown["rules"]:
        lines.append(f"  - apiGroups: {json.dumps(rule['apiGroups'])}")
        lines.append(f"    resources: [{', '.join(rule['resources'])}]")
        lines.append(f"    verbs: [{', '.join(rule['verbs'])}]")
    text = "\n".join(lines) + "\n"
    assert yaml.safe_load(text) == shown
    assert text in PAGE


def test_page_names_every_right_that_is_optional() -> None:
    assert all(f"`{name.partition('/')[2]}`" in PAGE for name in granted(cluster_role({})))


def test_page_names_every_port_that_is_asked_through_the_api_server() -> None:
    stack = parse({"cluster": "eu", "instances": {tier: {} for tier in TIERS}})
    asked = set()
    for instance in stack.instances:
        questions = instance.tier.questions
        names = {questions.page_port, questions.database, *(p.port for p in questions.programs)} - {""}
        asked |= {workload.channel(name).port for workload in stack.workloads(instance) for name in names}
    rows = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert sorted(map(int, rows)) == sorted(asked)
    # A service mesh is told of the same ones, in the words of two.
    assert PAGE.count(f': "{",".join(rows)}"') == 2


def test_role_is_that_of_the_hosts_stack_and_tiers() -> None:
    querier = role({"thanos_enabled": ["query"], "thanos_stack": "b", "thanos_namespace": "ops"})
    assert querier["metadata"] == {"name": "b-deployer", "namespace": "ops"}
    assert cluster_role({"thanos_stack": "b", "thanos_namespace": "ops"})["metadata"] == {"name": "b-deployer-ops"}
    # Read for what belongs to the stack, and never written.
    assert granted(querier)["apps/statefulsets"] == ["get", "list"]
    assert "delete" in granted(querier)["apps/deployments"]


@pytest.mark.parametrize(
    ("named", "resource"),
    [
        ({"stateful_set": "main"}, "apps/statefulsets"),
        ({"custom_resource": "main"}, "monitoring.coreos.com/prometheuses"),
        ({"selector": {"team": "a"}}, "monitoring.coreos.com/prometheuses"),
    ],
)
def test_fields_on_a_prometheus_of_others_are_a_right_to_patch_and_no_more(
    named: dict[str, Any], resource: str
) -> None:
    variables = {"thanos_enabled": ["sidecar"], "thanos_sidecar": {"prometheus": named}}
    assert granted(role(variables))[resource] == ["get", "list", "patch"]
    going = {"thanos_enabled": ["query"], "thanos_sidecar": {"prometheus": named, "state": "absent"}}
    assert granted(role(going))[resource] == ["get", "list", "patch"]


def test_ingestors_are_stopped_by_the_run() -> None:
    assert "delete" not in granted(role({}))["/pods"]
    receive = granted(role({"thanos_enabled": ["receive"]}))
    assert "delete" in receive["/pods"]
    assert "list" in receive["discovery.k8s.io/endpointslices"]


def test_instance_that_shall_go_needs_the_rights_that_it_needed() -> None:
    going = {"thanos_enabled": ["query"], "thanos_compact": {"state": "absent"}}
    assert "delete" in granted(role(going))["apps/statefulsets"]


@pytest.mark.parametrize("variables", [{"thanos_stroe": {}}, {"thanos_store": {"replcas": 2}}])
def test_mistakes_are_told_instead_of_a_role(variables: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="Did you mean"):
        role(variables)


def test_role_holds_what_rendered_roles_grant_and_nothing_of_the_cluster() -> None:
    rendered = {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["endpoints"], "verbs": ["watch"]}]}
    rules = rules_for([rendered, {"kind": "Namespace"}], wait=False, proxy=True, reads=["Service"])
    assert {(r["apiGroups"][0], r["resources"][0]): r["verbs"] for r in rules} == {
        ("", "configmaps"): ["create", "delete", "get", "list", "patch"],
        ("", "endpoints"): ["watch"],
        ("", "pods/proxy"): ["create", "get"],
        ("", "services"): ["get", "list"],
        ("rbac.authorization.k8s.io", "roles"): ["create", "delete", "get", "list", "patch"],
    }
