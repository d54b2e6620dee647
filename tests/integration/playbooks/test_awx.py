# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX launches them: by ansible-runner, an inventory script, answers as text, injected files and variables.

The clusters are API servers without nodes, so nothing becomes ready there; what a job needs of AWX is all the same.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

from tests.integration.playbooks.conftest import World
from tests.support.canary import leaks
from tests.tasks.tree import ROOT, collections_path

pytestmark = pytest.mark.api
PROJECT = ROOT / "extensions/awx/project"
# Above these AWX drops the result of an event, and what it shows of a job's output.
RESULT, OUTPUT = 700_000, 1_048_576
EMPTY = dict.fromkeys(("thanos_version", "thanos_enabled", "thanos_verify_timeout", "thanos_fleet_forget"), "")


@dataclass
class Job:
    """How a job ended: exit code, what it handed over, its output, and everything that AWX would keep of it."""

    code: int
    artifacts: dict[str, Any]
    output: str
    kept: str = field(repr=False)


@dataclass
class Awx:
    """Launches jobs over the hosts, which are those of one world of clusters."""

    world: World
    folder: Path
    hosts: dict[str, dict[str, Any]]
    groups: dict[str, list[str]] = field(default_factory=dict)

    def launch(self, playbook: str, answers: dict[str, Any], cmdline: str = "", part: tuple[int, int] = (1, 1)) -> Job:
        """A job of a template: ``part`` is the number of the slice, and how many there are."""
        private = self.folder / str(len(list(self.folder.iterdir())))
        shutil.copytree(PROJECT, private / "project")
        self._inventory(private / "inventory/hosts", part)
        meta = {"awx_job_id": 7, "awx_job_launch_type": "workflow", "awx_user_name": "admin"}
        (private / "env").mkdir()
        (private / "env/extravars").write_text(unsafe({**meta, **answers}))
        ended = ansible_runner.run(
            private_data_dir=str(private),
            playbook=f"{playbook}.yml",
            cmdline=cmdline or None,
            envvars=self._environment(private),
            quiet=True,
        )
        return self._kept(next((private / "artifacts").iterdir()), ended.rc)

    def _environment(self, private: Path) -> dict[str, str]:
        """What credentials inject, and what AWX sets itself."""
        injected = private / "kubeconfig"
        injected.write_text(self.world.kubeconfig.read_text())
        injected.chmod(0o600)
        own = {name: value for name, value in self.world.environment().items() if name != "KUBECONFIG"}
        collections = {"ANSIBLE_COLLECTIONS_PATH": str(collections_path()), "ANSIBLE_RETRY_FILES_ENABLED": "0"}
        return {**own, **collections, "K8S_AUTH_KUBECONFIG": str(injected)}

    def _inventory(self, script: Path, part: tuple[int, int]) -> None:
        """A script that prints the hosts of a slice, and the groups with those hosts only."""
        names = sorted(self.hosts)[part[0] - 1 :: part[1]]
        listed: dict[str, Any] = {name: {"hosts": [h for h in of if h in names]} for name, of in self.groups.items()}
        listed["all"] = {"hosts": names, "children": list(self.groups)}
        extra = {"remote_tower_id": 1, "remote_tower_enabled": "true"}
        listed["_meta"] = {"hostvars": {name: {**self.hosts[name], **extra} for name in names}}
        script.parent.mkdir()
        script.write_text(f"#!{sys.executable}\nprint({json.dumps(listed)!r})\n")
        script.chmod(0o700)

    def _kept(self, run: Path, code: int) -> Job:
        texts = [path.read_text() for path in (run / "job_events").glob("*.json")]
        events = [json.loads(text) for text in texts]
        # What Ansible prints between two events, such as a warning, is an event without data.
        results = [json.dumps(event.get("event_data", {}).get("res", {})) for event in events]
        assert max(map(len, results)) < RESULT
        output = (run / "stdout").read_text()
        assert len(output) < OUTPUT
        (stats,) = (event["event_data"] for event in events if event["event"] == "playbook_on_stats")
        return Job(code, stats.get("artifact_data", {}), output, "\n".join([output, *texts]))


def unsafe(variables: dict[str, Any]) -> str:
    """As AWX writes them: whatever is in an answer, Ansible does not take it for a template."""
    return "".join(f"{name}: !unsafe {json.dumps(value)}\n" for name, value in variables.items())


@pytest.fixture
def awx(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Awx:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("KUBECONFIG")
    hosts = {name: {"thanos_context": name, "thanos_objstore": world.objstore(f"awx-{name}")} for name in ("eu", "us")}
    return Awx(world, tmp_path, hosts)


def test_a_workflow_in_slices_knows_the_whole_fleet(awx: Awx) -> None:
    whole = awx.launch("topology", {})
    assert whole.code == 0, whole.output
    handed = whole.artifacts["thanos_topology"]
    part_of_it = {"thanos_part_of_fleet": True, "thanos_topology": handed, **EMPTY}
    slices = [
        awx.launch("deploy", {**part_of_it, "thanos_wait_timeout": "60"}, "--check --diff", part=(number, 2))
        for number in (1, 2)
    ]
    assert [job.code for job in slices] == [0, 0], slices[0].output + slices[1].output
    for job in (whole, *slices):
        secrets = {"access key": awx.world.store.access_key, "secret key": awx.world.store.secret_key}
        assert leaks(job.kept, secrets) == []
        assert "is not known" not in job.output
    assert awx.world.buckets() == set()
    # Somebody makes a fleet of them: certificates of both ends are needed once.
    awx.groups = {"thanos_hub": ["us"], "thanos_edge": ["eu"]}
    handed = awx.launch("topology", {}).artifacts["thanos_topology"]
    edge = awx.launch("check", {**part_of_it, "thanos_topology": handed}, part=(1, 2))
    assert "Deploy it once in a run that has its hub, too" in edge.output
    assert "no hub reads it" not in edge.output
    awx.groups = {}
    # Somebody adds a host, whose bucket is that of a host in the other slice.
    awx.hosts["ap"] = {**awx.hosts["eu"], "thanos_context": "eu", "thanos_stack": "other"}
    late = awx.launch("check", part_of_it, part=(1, 3))
    assert late.code == 2
    assert "ap and eu would both compact" in late.output
    blind = awx.launch("check", {**part_of_it, "thanos_topology": ""}, part=(1, 3))
    assert "thanos_topology does not tell of the rest" in blind.output


def test_report_reaches_the_jobs_after_it_also_when_a_cluster_fails(awx: Awx) -> None:
    awx.hosts = {"eu": {**awx.hosts["eu"], "thanos_enabled": "query"}}
    job = awx.launch("verify", {**EMPTY, "thanos_verify_timeout": "1"})
    assert job.code == 2
    report = job.artifacts["o11y_thanos_report"]
    assert report["summary"] == {"clusters": 1, "pass": 0, "pending": 0, "fail": 1, "unknown": 0}
    assert report["clusters"] == {"eu": "fail"}
    assert report["table"][0] == "1 cluster   fail 1"
