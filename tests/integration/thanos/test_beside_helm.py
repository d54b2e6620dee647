# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sidecar in the StatefulSet of a Helm release: upgrade and rollback leave it, and what force takes comes back."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.modules import Result
from tests.support.others_prometheus import Running, running
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = [pytest.mark.api, pytest.mark.slow]

IMAGE, NEWER = "quay.io/prometheus/prometheus:v3.9.1", "quay.io/prometheus/prometheus:v3.9.2"
_COUNTED = ("managedFields", "resourceVersion", "generation")
BESIDE = {"stateful_set": "main", "restart_prometheus": True, "apply_beside_owner": True, "run_as_user": 65534}


@dataclass(frozen=True)
class Release:
    """A release of a chart with one StatefulSet, by the real Helm."""

    cluster: Cluster
    process: Running
    program: Path
    folder: Path
    server_side: str

    def helm(self, verb: str, *more: str) -> None:
        """Run Helm on the release, by the way that it was installed by."""
        options = ("--namespace", self.cluster.namespace, "--kubeconfig", str(self.cluster.plane.kubeconfig))
        way = f"--server-side={self.server_side}"
        command = (str(self.program), verb, "prometheus", *more, way, *options)
        done = subprocess.run(
            command, env={**os.environ, "HOME": str(self.folder)}, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        self.process.lend(self.cluster.plane.api, self.cluster.namespace)

    def upgrade(self, *more: str) -> None:
        """Another image by its owner."""
        self.helm("upgrade", str(self.folder / "chart"), "--set", f"image={NEWER}", *more)

    def write_chart(self) -> None:
        """The owner's chart: a value is the image."""
        templates = self.folder / "chart" / "templates"
        templates.mkdir(parents=True)
        (self.folder / "chart" / "Chart.yaml").write_text("{apiVersion: v2, name: prometheus, version: 1.0.0}")
        text = json.dumps(self.process.stateful_set())
        (self.folder / "chart" / "values.yaml").write_text(f"image: {IMAGE}\n")
        (templates / "main.yaml").write_text(text.replace(json.dumps(IMAGE), '"{{ .Values.image }}"'))

    def add(self) -> Result:
        """A run of ours."""
        result = self.cluster.stack({"sidecar": {"prometheus": BESIDE}})
        self.process.lend(self.cluster.plane.api, self.cluster.namespace)
        assert not result.failed, result["msg"]
        return result

    def give_back(self) -> None:
        """The run that ends it."""
        gone = self.cluster.stack({"sidecar": {"state": "absent"}})
        self.process.lend(self.cluster.plane.api, self.cluster.namespace)
        assert gone.actions()["StatefulSet/main"] == "updated"

    def own_part(self) -> dict[str, Any]:
        """The StatefulSet but for what the server and Helm count."""
        live = self.cluster.get("statefulsets/main")
        metadata = {key: value for key, value in live["metadata"].items() if key not in _COUNTED}
        return {"metadata": metadata, "spec": live["spec"]}

    def images(self) -> dict[str, str]:
        """Container → image."""
        pod = self.cluster.get("statefulsets/main")["spec"]["template"]["spec"]
        return {each["name"]: each["image"] for each in pod["containers"]}


@pytest.fixture(params=["true", "false"])
def release(cluster: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Release]:
    """An installed release whose pod runs; applied by the server, or merged by Helm as until its version 3."""
    programs = build(("prometheus", "helm"), Progress(quiet=True))
    assert not cluster.secret().failed
    folder = tmp_path / "process"
    folder.mkdir()
    with running(folder) as process:
        made = Release(cluster, process, programs["helm"], tmp_path, request.param)
        made.write_chart()
        made.helm("install", str(tmp_path / "chart"))
        yield made


def test_plain_upgrade_and_rollback_leave_the_sidecar_where_it_is(release: Release) -> None:
    installed = release.own_part()
    release.add()
    both = release.images()
    assert both == {"prometheus": IMAGE, "thanos-sidecar": both["thanos-sidecar"]}
    release.upgrade()
    assert release.images() == {**both, "prometheus": NEWER}
    assert release.add().actions() == {}
    release.helm("rollback", "1")
    assert release.images() == both
    assert release.add().actions() == {}
    release.give_back()
    assert release.own_part() == installed
    release.upgrade()
    assert release.images() == {"prometheus": NEWER}


@pytest.mark.parametrize("release", ["false"], indirect=True)
def test_what_a_forced_upgrade_takes_away_comes_back_with_the_next_run(release: Release) -> None:
    release.add()
    # Helm replaces an object only where it does not apply on the server.
    release.upgrade("--force-replace")
    assert release.images() == {"prometheus": NEWER}
    assert release.add().actions() == {"StatefulSet/main": "updated"}
    assert set(release.images()) == {"prometheus", "thanos-sidecar"}
