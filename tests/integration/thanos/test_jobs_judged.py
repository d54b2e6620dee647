# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrape jobs before the real promtool: what it refuses is what Prometheus ends with, and only that is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.prometheus import each_job
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.promtool import problems_of_jobs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.plugin_utils import _worker
from tests.testbed.binaries import path_of
from tests.testbed.versions import PROMETHEUS


def jobs(*given: dict[str, Any]) -> dict[str, str]:
    """Each in a configuration of its own; of an image that may have any file."""
    named = [{"job_name": f"job-{i}", **job} for i, job in enumerate(given)]
    options = {"scrape_configs": named, "prometheus_image": "own/prometheus:x"}
    (sidecar,) = parse({"cluster": "eu", "instances": {"sidecar": options}}).instances
    return each_job(sidecar)


def judged(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """(mistakes, warnings) of the real promtool."""
    monkeypatch.setenv("PATH", str(path_of("promtool").parent), prepend=":")
    problems, warnings = problems_of_jobs(given, "instances.sidecar", PROMETHEUS, True, _worker.command)
    return list(map(str, problems)), warnings


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"scrape_intervl": "10s"}, "field scrape_intervl not found in type config."),
    ({"scrape_interval": "10 s"}, 'unknown unit " s" in duration "10 s"'),
    ({"relabel_configs": [{"source_labels": ["a"], "regex": "(a"}]}, "error parsing regexp: missing closing ): `"),
    ({"relabel_configs": [{"action": "keeep"}]}, 'unknown relabel action "keeep"'),
    ({"kubernetes_sd_configs": [{"role": "pods"}]}, 'unknown Kubernetes SD role "pods"'),
    ({"tls_config": {"cert_file": "/there/is/none"}}, "key"),
]


@pytest.mark.parametrize(("job", "sentence"), WRONG, ids=lambda x: x[:30] if isinstance(x, str) else "")
def test_job_with_which_prometheus_ends_is_refused(
    job: dict[str, Any], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = jobs({}, job)
    (problem,), warnings = judged(given, monkeypatch)
    assert problem.startswith("instances.sidecar.scrape_configs[1]: promtool: ")
    assert sentence in problem
    assert warnings == []
    config = tmp_path / "prometheus.yml"
    config.write_text(given["scrape_configs[1]"], encoding="utf-8")
    command = [str(path_of("prometheus")), f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    ended = subprocess.run([*command, "--web.listen-address=127.0.0.1:0"], capture_output=True, check=False)
    assert ended.returncode != 0


def test_every_job_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    problems, warnings = judged(jobs(*(job for job, _sentence in WRONG)), monkeypatch)
    assert len(problems) == len(WRONG)
    assert warnings == []


RIGHT: list[dict[str, Any]] = [
    {"basic_auth": {"username": "a", "password_file": "/there/is/none"}},
    {"authorization": {"credentials_file": "/there/is/none"}},
    {"tls_config": {"ca_file": "/there/is/none", "cert_file": "/there/is/none", "key_file": "/there/is/none"}},
    {"file_sd_configs": [{"files": ["/there/is/none/*.json"]}]},
    {"ec2_sd_configs": [{"port": 9100}]},
    {"lightsail_sd_configs": [{"port": 9100}]},
    {"static_configs": [{"targets": ["a:1"], "labels": {"b": "c"}}], "scrape_interval": "1m", "scrape_timeout": "1m"},
    {"kubernetes_sd_configs": [{"role": "pod", "namespaces": {"own_namespace": True}}]},
]


def test_jobs_of_which_the_files_are_in_the_pods_alone_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert judged(jobs(*RIGHT), monkeypatch) == ([], [])
