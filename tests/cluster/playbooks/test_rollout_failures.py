# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout that cannot succeed stops early, says why, and quotes what the pods and the cluster say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.playbooks.conftest import Site

FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "image that does not exist": (
        {"thanos_query": {"replicas": 1, "image": "registry.invalid/thanos:v0.42.4"}},
        ["thanos-query", "image", "registry.invalid/thanos:v0.42.4"],
    ),
    "crash loop": (
        {"thanos_query": {"replicas": 1, "extra_args": ["--tracing.config={type: NOWHERE}"]}},
        ["thanos-query", "restart", "NOWHERE"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_rollout_fails_early_and_says_why(site: Site, fault: str) -> None:
    variables, said = FAULTS[fault]
    done = site.play("deploy", thanos_enabled=["query"], thanos_wait_timeout=400, **variables)
    assert done.code != 0
    # What ends at wait_timeout says so.
    assert "not ready after" not in done.plain(), done.text
    for text in said:
        assert text in done.plain(), done.text


def test_quota_is_named(site: Site) -> None:
    quota = {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    path = f"/api/v1/namespaces/{site.namespace}/resourcequotas"
    site.client.request("POST", path, body=quota)
    done = site.play("deploy", thanos_enabled=["query"], thanos_query={"replicas": 1, "log_level": "debug"})
    site.client.request("DELETE", f"{path}/none")
    assert done.code != 0
    assert "exceeded quota" in done.plain()


def test_running_again_repairs_what_a_failed_run_left(site: Site) -> None:
    done = site.play("deploy", thanos_enabled=["query"], thanos_query={"replicas": 1})
    assert "pods" in done.text
    assert [p["status"]["phase"] for p in site.pods("query")] == ["Running"]


def test_compactor_that_never_becomes_ready_is_repaired_by_the_next_run(site: Site) -> None:
    """It is one pod of one name: the broken one is gone before the next is made."""
    broken = {"storage": {"size": "1Gi"}, "image": "registry.invalid/thanos:v0.42.4"}
    done = site.play("deploy", thanos_enabled=["compact"], thanos_compact=broken)
    assert done.code != 0
    assert "registry.invalid/thanos:v0.42.4" in done.plain()
    site.play("deploy", thanos_enabled=["compact"], thanos_compact={"storage": {"size": "1Gi"}})
    assert [p["status"]["phase"] for p in site.pods("compact")] == ["Running"]
