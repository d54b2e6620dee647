# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sidecar in the StatefulSet of a Helm release: what an upgrade by its owner takes away comes back."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.modules import Result
from tests.support.others_prometheus import Running, running
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import Cluster

pytestmark = [pytest.mark.api, pytest.mark.slow]

BESIDE = {"stateful_set": "main", "restart_prometheus": True, "apply_beside_owner": True, "run_as_user": 65534}


@dataclass(frozen=True)
class Release:
    """A release of a chart with one StatefulSet, by the real Helm."""

    cluster: Cluster
    process: Running
    program: Path
    folder: Path

    def helm(self, verb: str, *more: str) -> None:
        """Run Helm on the release."""
        chart = self.folder / "chart"
        options = ("--namespace", self.cluster.namespace, "--kubeconfig", str(self.cluster.plane.kubeconfig))
        command = (str(self.program), verb, "prometheus", str(chart), *options, *more)
        done = subprocess.run(
            command, env={**os.environ, "HOME": str(self.folder)}, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        self.process.lend(self.cluster.plane.api, self.cluster.namespace)

    def write_chart(self) -> None:
        """The owner's chart: a value is the image."""
        templates = self.folder / "chart" / "templates"
        templates.mkdir(parents=True)
        (self.folder / "chart" / "Chart.yaml").write_text("{apiVersion: v2, name: prometheus, version: 1.0.0}")
        (self.folder / "chart" / "values.yaml").write_text("image: quay.io/prometheus/prometheus:v3.9.1\n")
        text = json.dumps(self.process.stateful_set())
        image = json.dumps("quay.io/prometheus/prometheus:v3.9.1")
        (templates / "main.yaml").write_text(text.replace(image, '"{{ .Values.image }}"'))

    def add(self) -> Result:
        """A run of ours."""
        result = self.cluster.stack({"sidecar": {"prometheus": BESIDE}})
        self.process.lend(self.cluster.plane.api, self.cluster.namespace)
        assert not result.failed, result["msg"]
        return result

    def images(self) -> dict[str, str]:
        """Container → image."""
        pod = self.cluster.get("statefulsets/main")["spec"]["template"]["spec"]
        return {each["name"]: each["image"] for each in pod["containers"]}


@pytest.fixture
def release(cluster: Cluster, tmp_path: Path) -> Iterator[Release]:
    """An installed release whose pod runs."""
    programs = build(("prometheus", "helm"), Progress(quiet=True))
    assert not cluster.secret().failed
    folder = tmp_path / "process"
    folder.mkdir()
    with running(folder) as process:
        made = Release(cluster, process, programs["helm"], tmp_path)
        made.write_chart()
        made.helm("install")
        yield made


def test_what_a_forced_upgrade_takes_away_comes_back_with_the_next_run(release: Release) -> None:
    release.add()
    # Helm replaces an object only where it does not apply on the server.
    release.helm("upgrade", "--force-replace", "--server-side=false", "--set", "image=prometheus:v4")
    assert release.images() == {"prometheus": "prometheus:v4"}
    assert release.add().actions() == {"StatefulSet/main": "updated"}
    assert set(release.images()) == {"prometheus", "thanos-sidecar"}
