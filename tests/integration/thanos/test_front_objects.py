# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/query-frontend.md says of objects: the data source for Grafana, and the command that empties a cache."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances
from tests.support.guides import section
from tests.support.waiting import until
from tests.tasks.tree import ROOT
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = pytest.mark.api
PAGE = ROOT / "docs" / "query-frontend.md"
OBJECT = "thanos-query-grafana"


def deploy(cluster: Cluster, wanted: dict[str, Any]) -> dict[str, str]:
    """A run of ours; what it did."""
    result = cluster.stack(wanted)
    assert not result.failed, result["msg"]
    return result.actions()


def source(cluster: Cluster, kind: str) -> dict[str, Any]:
    """The data source in the one file of the object."""
    (text,) = cluster.get(f"{kind}/{OBJECT}")["data"].values()
    (found,) = yaml.safe_load(base64.b64decode(text) if kind == "secrets" else text)["datasources"]
    return dict(found)


def test_data_source_follows_the_frontend_and_goes_with_its_option(cluster: Cluster) -> None:
    (text,) = re.findall(r"^```yaml\n(thanos_query: .*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    wanted = instances({"thanos_enabled": ["query"], **yaml.safe_load(text)})
    deploy(cluster, wanted)
    made = cluster.get(f"configmaps/{OBJECT}")
    assert made["metadata"]["labels"]["grafana_datasource"] == "1"
    assert (found := source(cluster, "configmaps"))["isDefault"]
    assert found["url"] == f"http://thanos-query.{cluster.namespace}.svc:10902"
    assert found["jsonData"]["timeInterval"] == "30s"
    assert deploy(cluster, {**wanted, "query_frontend": {}})[f"ConfigMap/{OBJECT}"] == "updated"
    front = f"http://thanos-query-frontend.{cluster.namespace}.svc:10902"
    assert source(cluster, "configmaps")["url"] == front
    # The frontend of an earlier run is there, too, where a run deploys the querier alone.
    assert deploy(cluster, wanted) == {}
    query = {**wanted["query"], "grafana_datasource": {"kind": "Secret"}}
    changed = deploy(cluster, {"query": query})
    assert (changed[f"Secret/{OBJECT}"], changed[f"ConfigMap/{OBJECT}"]) == ("created", "deleted")
    assert source(cluster, "secrets")["url"] == front
    assert deploy(cluster, {"query": {}}) == {f"Secret/{OBJECT}": "deleted"}
    assert not any(each["metadata"]["name"] == OBJECT for each in cluster.get("configmaps")["items"])


def test_command_that_empties_a_cache_in_memory_makes_the_pods_anew_and_no_run_undoes_it(
    cluster: Cluster, tmp_path: Path
) -> None:
    wanted: dict[str, Any] = {"query": {}, "query_frontend": {}}
    deploy(cluster, wanted)
    label = "app.kubernetes.io/component=query-cache"

    def pods() -> set[str]:
        found = cluster.client.request(
            "GET", f"/api/v1/namespaces/{cluster.namespace}/pods", query={"labelSelector": label}
        )
        return {each["metadata"]["uid"] for each in found.body["items"]}

    before = until(pods)
    (command,) = re.findall(r"`(kubectl [^`]+)`", section(PAGE, "Emptying a cache"))
    assert " -n monitoring " in command
    _kubectl, *words = command.replace(" -n monitoring ", f" -n {cluster.namespace} ").split()
    program = build(("kubectl",), Progress(quiet=True))["kubectl"]
    settings = {**os.environ, "KUBECONFIG": str(cluster.plane.kubeconfig), "HOME": str(tmp_path)}
    done = subprocess.run([str(program), *words], env=settings, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "deployment.apps/thanos-query-frontend restarted\n"), done.stderr
    newer = until(lambda: pods() - before)
    assert deploy(cluster, wanted) == {}
    assert newer <= pods()
