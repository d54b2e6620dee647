# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy on a real cluster: proven by verify, unchanged when run again, and what happens when something changes."""

from __future__ import annotations

import pytest

from tests.cluster.playbooks.conftest import RULES, Site
from tests.support.waiting import until


def test_deploy_works_under_restricted_pod_security_and_ends_in_a_report(deployed: Site) -> None:
    done = deployed.play("verify")
    assert done.code == 0, done.text
    assert "fail 0" in done.text
    for line in ("pods", "endpoints", "fresh", "dedup", "compactor", "rules"):
        assert f"pass     {line}" in done.text


def test_second_run_changes_nothing(deployed: Site) -> None:
    done = deployed.play("deploy")
    assert (done.code, done.recap()) == (0, {"eu": (0, 0)}), done.text


def test_added_rule_file_is_a_reload_and_not_a_restart(deployed: Site) -> None:
    before = {p["metadata"]["uid"] for p in deployed.pods("ruler")}
    rules = {"test.yaml": RULES, "more.yaml": {"groups": [{"name": "more", "rules": [{"record": "m", "expr": "1"}]}]}}
    done = deployed.play("deploy", thanos_ruler={"rules": rules})
    assert done.code == 0, done.text
    assert "2 groups, 2 rules, as given" in done.text
    assert {p["metadata"]["uid"] for p in deployed.pods("ruler")} == before
    restarts = [s["restartCount"] for p in deployed.pods("ruler") for s in p["status"]["containerStatuses"]]
    assert restarts == [0, 0]
    assert deployed.play("deploy").code == 0


@pytest.mark.parametrize("tier", ["sidecar", "store", "query", "compact", "ruler"])
def test_killed_pod_is_reported_until_it_is_back(deployed: Site, tier: str) -> None:
    claims = {c["metadata"]["uid"] for c in deployed.objects("persistentvolumeclaims")}
    (victim, *_unused) = deployed.pods(tier)
    deployed.delete_pod(victim["metadata"]["name"])
    at_once = deployed.play("verify", "-e", "thanos_verify_timeout=0")
    # A pod may be back before the first question is asked; then, and only then, there is nothing to report.
    assert "pass     pods" not in at_once.text or deployed.ready(tier)
    after = deployed.play("verify", "-e", "thanos_verify_timeout=180")
    assert after.code == 0, after.text
    assert {c["metadata"]["uid"] for c in deployed.objects("persistentvolumeclaims")} == claims


def test_changed_credential_is_noticed_and_rolls_the_pods_that_use_it(deployed: Site) -> None:
    started = {p["metadata"]["name"]: p["metadata"]["uid"] for t in ("store", "query") for p in deployed.pods(t)}
    path = f"/api/v1/namespaces/{deployed.namespace}/secrets/thanos-objstore-default"
    body = {"data": {"note": "Y2hhbmdlZA=="}}
    deployed.client.request("PATCH", path, body=body, content_type="application/merge-patch+json")
    done = deployed.play("deploy", "--tags", "stack")
    assert done.code == 0, done.text
    now = {p["metadata"]["name"]: p["metadata"]["uid"] for t in ("store", "query") for p in deployed.pods(t)}
    assert now["thanos-store-0"] != started["thanos-store-0"]
    assert {n: u for n, u in now.items() if "query" in n} == {n: u for n, u in started.items() if "query" in n}


def test_paused_compactor_has_no_pod_and_says_why(deployed: Site) -> None:
    compact = {"paused": True, "paused_reason": "a block is being repaired"}
    done = deployed.play("deploy", thanos_compact=compact)
    assert done.code == 0, done.text
    assert "a block is being repaired" in done.text
    until(lambda: not deployed.pods("compact"), every=1, missing=lambda: deployed.pods("compact"))
    assert deployed.play("deploy").code == 0
