# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module verify as Ansible runs it, over a stack of real processes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.verify.conftest import Verify
from tests.support.asked import PARAMS
from tests.support.loopback import Stack
from tests.support.modules import Result, run_module
from tests.support.pods_server import ApiServer

pytestmark = pytest.mark.api

SOME = ["pods", "endpoints", "fresh"]


def verify(api: ApiServer, **more: Any) -> Result:
    """Run the module; ``more`` wins over the stack's own parameters."""
    return run_module("verify", {**PARAMS, "host": api.url, "api_key": "none", "checks": SOME, "timeout": 60, **more})


def test_a_working_stack_is_a_task_that_changed_nothing(api: ApiServer) -> None:
    result = verify(api)
    assert not result.failed, result.text
    assert not result["changed"]
    assert [line["check"] for line in result["report"]["lines"]] == SOME
    assert result["report"]["summary"] | {"pass": 3, "pending": 0, "fail": 0} == result["report"]["summary"]
    assert result["addresses"] == [{"page": "Query UI", "url": "http://127.0.0.1:30902"}]
    assert result["table"][-1] == "Query UI   http://127.0.0.1:30902"


@pytest.mark.parametrize(("live", "fails"), [(2, 0), (3, 1)])
def test_as_many_pods_are_expected_as_an_autoscaler_asks_for(api: ApiServer, live: int, fails: int) -> None:
    api.replicas["thanos-query"] = live
    instances = {**PARAMS["instances"], "query": {"replicas": 7, "manage_replicas": False}}
    report = verify(api, instances=instances, checks=["pods"], timeout=0)["report"]
    assert report["summary"]["fail"] == fails
    assert (f"2 of {live} pods are ready" in str(report)) == bool(fails)


def test_check_mode_asks_the_same_questions(api: ApiServer) -> None:
    verify(api)
    asked, api.requests = set(api.requests), []
    internal = {"host": api.url, "api_key": "none", "checks": SOME, "timeout": 60}
    assert not run_module("verify", {**PARAMS, **internal}, check=True).failed
    assert set(api.requests) == asked


def test_one_failing_line_fails_the_task_with_the_table(stack: Stack, api: ApiServer, ask: Verify) -> None:
    stack.stop_pod("thanos-store-0")
    result = verify(api, timeout=0)
    stack.start_pod("thanos-store-0")
    assert result.failed
    assert result["msg"].splitlines() == result["table"]
    assert "  fail     pods        store: 0 of 1 pods are ready" in result["table"]
    assert ask(*SOME, timeout=60).count("fail") == 0


def test_a_role_without_the_pod_proxy_is_one_sentence(api: ApiServer) -> None:
    api.forbidden.add("pods/proxy")
    result = verify(api)
    assert result.failed
    assert result["msg"].startswith("verify is not allowed to ask pods: pods/proxy is forbidden")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"checks": ["pod"]}, "checks[0]: 'pod' is not one of pods,"),
        ({"timeout": -1}, "timeout: -1 is too small"),
        ({"instances": {"store": {"replica": 1}}}, "instances.store.replica: there is no such option."),
        ({"instances": {}}, "instances"),
        ({"retries": 3}, "retries: there is no such option."),
    ],
)
def test_bad_input_is_refused_before_anything_is_asked(
    api: ApiServer, parameters: dict[str, Any], sentence: str
) -> None:
    result = verify(api, **parameters)
    assert result.failed
    assert sentence in result["msg"]
    assert api.requests == []
