# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags of the user's own for Prometheus: refused where an option sets them, followed where they move it to a path."""

from __future__ import annotations

import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.prometheus_flags import path_of, problems_of_flags
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import container, one, render


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--storage.tsdb.retention.time=30d"], "the option retention sets it; use retention."),
        (["--web.listen-address=:9091"], "--web.listen-address: the port is 9090, "),
        (["--storage.tsdb.max-block-duration=1d"], "the sidecar uploads blocks of two hours"),
        (["--config.file=/x"], "use scrape_configs and external_labels."),
        (["--log.level=debug"], "use log_level."),
        (["--web.config.file=/x"], "neither the kubelet nor the sidecar has a certificate"),
        (["--no-web.enable-lifecycle"], "the sidecar has Prometheus reload its configuration over HTTP"),
        (["--enable-feature=exemplar-storage,agent"], "--enable-feature=agent: "),
        (["--storage.agent.path=/x"], "--storage.agent.path: Prometheus starts with it only as an agent"),
        (["--no-storage.agent.no-lockfile"], "Prometheus starts with it only as an agent"),
        (["--web.external-url", "http://x/y"], "'http://x/y' is not a flag; write it as --name=value."),
        (["--query.timeout=1m", "--query.timeout=2m"], "--query.timeout is there more than once; leave one of them."),
    ],
)
def test_flag_that_cannot_be_set_is_refused_with_what_to_do(flags: list[str], told: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse({"cluster": "eu", "instances": {"sidecar": {"prometheus_extra_args": flags}}})
    (problem,) = raised.value.problems
    assert problem.startswith("instances.sidecar.prometheus_extra_args: ")
    assert told in problem


def test_other_flags_are_the_users() -> None:
    flags = ["--web.page-title=x", "--storage.tsdb.retention.size=8GB", "--enable-feature=a", "--enable-feature=b"]
    assert problems_of_flags(flags) == []


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--storage.tsdb.retention.size=1GB", "Prometheus does not start with it as an agent"),
        ("--storage.tsdb.path=/x", "Prometheus does not start with it as an agent"),
        ("--no-storage.tsdb.wal-compression", "Prometheus does not start with it as an agent"),
        ("--storage.remote.read-sample-limit=3", "Prometheus does not start with it as an agent"),
        ("--rules.max-concurrent-evals=4", "Prometheus does not start with it as an agent"),
        ("--alertmanager.notification-queue-capacity=3", "Prometheus does not start with it as an agent"),
        ("--query.timeout=1m", "Prometheus does not start with it as an agent"),
        ("--storage.agent.path=/x", "lies on the volume of the option storage; leave it out."),
        ("--no-agent", "the option agent sets it; leave it out."),
    ],
)
def test_agent_refuses_what_it_does_not_start_with(flag: str, told: str) -> None:
    (problem,) = problems_of_flags([flag], agent=True)
    assert told in str(problem)


def test_other_flags_of_an_agent_are_the_users() -> None:
    flags = ["--storage.agent.retention.max-time=1h", "--storage.remote.flush-deadline=1m", "--web.page-title=x"]
    assert problems_of_flags(flags, agent=True) == []


@pytest.mark.parametrize(
    ("flags", "path"),
    [
        ([], ""),
        (["--web.external-url=https://metrics.example"], ""),
        (["--web.external-url=https://metrics.example/prom/eu/"], "/prom/eu"),
        (["--web.route-prefix=prom"], "/prom"),
        (["--web.external-url=https://metrics.example/prom", "--web.route-prefix=/"], ""),
    ],
)
def test_path_of_prometheus_is_where_everything_looks_for_it(flags: list[str], path: str) -> None:
    assert path_of(flags) == path
    objects = render({"sidecar": {"prometheus_extra_args": flags}})
    workload = one(objects, "StatefulSet", "thanos-sidecar")
    prometheus = container(workload, "prometheus")
    assert prometheus["livenessProbe"]["httpGet"]["path"] == f"{path}/-/healthy"
    assert prometheus["readinessProbe"]["httpGet"]["path"] == f"{path}/-/ready"
    assert f"--prometheus.url=http://localhost:9090{path}" in container(workload, "thanos-sidecar")["args"]
    config = json.loads(one(objects, "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"])
    (job,) = [job for job in config["scrape_configs"] if job["job_name"] == "prometheus"]
    assert job.get("metrics_path", "/metrics") == f"{path}/metrics"
