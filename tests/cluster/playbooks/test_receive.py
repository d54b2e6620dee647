# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to receive on a real cluster: a Prometheus of the collection writes to it, and verify proves it."""

from __future__ import annotations

import pytest

from tests.cluster.playbooks.conftest import Site

pytestmark = pytest.mark.slow
SMALL = {"requests": {"cpu": "10m", "memory": "64Mi"}}


@pytest.fixture(scope="module")
def receiving(site: Site) -> Site:
    """A site whose Prometheus pushes to its own receive, as that of another cluster would."""
    url = f"http://thanos-receive-router.{site.namespace}.svc:19291/api/v1/receive"
    site.variables = {
        "thanos_enabled": ["sidecar", "query", "receive"],
        "thanos_ruler": None,
        "thanos_sidecar": {"replicas": 1, "scrape_interval": "5s", "remote_write": [{"url": url, "tenant": "shop"}]},
        "thanos_query": {"replicas": 1},
        "thanos_receive": {"expect_tenants": ["shop"], "resources": SMALL, "storage": {"size": "1Gi"}},
    }
    done = site.play("deploy")
    assert done.code == 0, done.text
    return site


def test_deploy_ends_in_a_report_that_sees_the_tenant_and_the_ring(receiving: Site) -> None:
    done = receiving.play("verify")
    assert done.code == 0, done.text
    assert "fail 0" in done.text
    for line in ("pods", "endpoints", "hashrings", "tenants"):
        assert f"pass     {line}" in done.text
    assert "default of 3 ingestors, loaded by 2 routers" in done.text


def test_second_run_changes_nothing(receiving: Site) -> None:
    done = receiving.play("deploy")
    assert (done.code, done.recap()) == (0, {"eu": (0, 0)}), done.text


def test_killed_ingestor_is_reported_until_it_is_back_and_the_tenant_goes_on(receiving: Site) -> None:
    receiving.delete_pod("thanos-receive-default-1")
    at_once = receiving.play("verify", "-e", "thanos_verify_timeout=0")
    assert "no sample of tenant shop" not in at_once.text
    assert "pass     hashrings" not in at_once.text or receiving.ready("receive")
    after = receiving.play("verify", "-e", "thanos_verify_timeout=180")
    assert after.code == 0, after.text


def test_receive_that_is_not_wanted_any_longer_leaves_its_claims_and_nothing_else(receiving: Site) -> None:
    done = receiving.play("deploy", thanos_receive={"state": "absent"}, thanos_enabled=["sidecar", "query"])
    assert done.code == 0, done.text
    assert receiving.pods("receive") == []
    claims = [claim["metadata"]["name"] for claim in receiving.objects("persistentvolumeclaims")]
    assert [name for name in sorted(claims) if "receive" in name] == [
        f"data-thanos-receive-default-{i}" for i in range(3)
    ]
