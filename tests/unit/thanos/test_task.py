# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules at their edge to Ansible: what a run may touch, and what is told before it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.running import Outcome, Settings
from ansible_collections.o11y.thanos.plugins.module_utils._thanos import task
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.support.in_process import run_main

STACK: dict[str, Any] = {"cluster": "eu", "instances": {"query": {}}}
NOWHERE = {"kubeconfig": "/nowhere"}


@pytest.mark.parametrize("names", [{}, {"name": "", "namespace": ""}, {"stack": "", "namespace": None}], ids=str)
def test_empty_name_of_what_goes_is_the_default_and_never_everything(
    names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes: list[Scope] = []

    def teardown(_client: object, scope: Scope, _settings: Settings, _going: object, _judge: object) -> Outcome:
        scopes.append(scope)
        return Outcome()

    monkeypatch.setattr(task, "connect", lambda _params, _mode: "")
    monkeypatch.setattr(task, "cluster_uid", str)
    monkeypatch.setattr(task, "teardown", teardown)
    assert not run_main("stack", {**STACK, **names, "state": "absent"}).failed
    assert scopes == [Scope("thanos", "monitoring")]


def test_warnings_of_a_tiers_module_name_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    warning = "instances.eu.secrets: the Secret does not exist."
    monkeypatch.setattr(task, "connect", lambda _params, _mode: "")
    monkeypatch.setattr(task, "addresses", lambda _client, _stack: {})
    monkeypatch.setattr(task, "deploy", lambda *_given, **_how: Outcome(warnings=[warning]))
    work = task.tier(TIERS["query"]).check({"cluster": "eu", "name": "eu"})
    assert work({"wait": True, "wait_timeout": 1}, Mode())["warnings"] == ["secrets: the Secret does not exist."]


# module → arguments → every mistake
MISTAKES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("stack", {**STACK, "wait_timeout": 0}, ["wait_timeout: 0 is too small; the least is 1."]),
    ("stack", {**STACK, "wait_timeout": -5, "state": "absent"}, ["wait_timeout: -5 is too small; the least is 1."]),
    (
        "query",
        {"cluster": "eu", "wait_timeout": "soon", "wait": "x", "replicas": "a"},
        [
            "wait: 'x' is not true or false.",
            "wait_timeout: 'soon' is not a whole number, 1 or more.",
            "replicas: 'a' is not a whole number, 0 or more.",
        ],
    ),
    (
        "store",
        {"cluster": "eu", "name": ["a"], "stack": {"b": 1}, "replicas": -1},
        ["stack: this is not a text.", "name: this is not a text.", "replicas: -1 is too small; the least is 0."],
    ),
    (
        "store",
        {"cluster": "eu", "name": "Bad_", "replicas": -1},
        ["name: 'Bad_' is not lower-case letters", "replicas: -1 is too small; the least is 0."],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "problems"), MISTAKES, ids=lambda x: str(x)[:40])
def test_every_mistake_is_told_at_once(name: str, arguments: dict[str, Any], problems: list[str]) -> None:
    result = run_main(name, {**arguments, **NOWHERE})
    assert result.failed
    for told, expected in zip(result["problems"], problems, strict=True):
        assert told.startswith(expected)


@pytest.mark.parametrize("name", ["stack", "query"])
def test_one_second_is_enough_to_wait(name: str) -> None:
    arguments = STACK if name == "stack" else {"cluster": "eu"}
    result = run_main(name, {**arguments, **NOWHERE, "wait_timeout": "1"})
    assert "kubeconfig /nowhere does not exist" in result["msg"]
    assert result["invocation"]["module_args"]["wait_timeout"] == 1


@pytest.mark.parametrize("name", ["secret", "objstore_secret", "verify"])
def test_empty_name_is_not_set_in_any_module(name: str) -> None:
    store = {"type": "S3", "bucket": "metrics", "endpoint": "s3.example", "access_key": "an-id", "secret_key": "a-key"}
    own: dict[str, dict[str, Any]] = {"secret": {"name": "x"}, "objstore_secret": {"store": store}, "verify": STACK}
    stack = "name" if name == "verify" else "stack"
    result = run_main(name, {**own[name], **NOWHERE, "namespace": "", stack: ""})
    arguments = result["invocation"]["module_args"]
    assert (arguments[stack], arguments["namespace"]) == ("thanos", "monitoring")
