# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edge without a sidecar: a Prometheus that is an agent, as it is rendered, pushes to the routers of a hub."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.receiving import Receiving, receiving_stack
from tests.support.waiting import answers, until
from tests.testbed.build import build
from tests.testbed.ports import ephemeral
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup
from tests.testbed.progress import Progress

ONE = {"router": {"replicas": 1}, "replicas": 1, "replication_factor": 1}
ROUTER = "thanos-receive-router-0"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiving]:
    """A router and an ingestor."""
    with receiving_stack(tmp_path_factory.mktemp("hub"), ONE) as stack:
        yield stack


@pytest.fixture(scope="module")
def agent(hub: Receiving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The agent of an edge, which scrapes itself: its address."""
    folder = tmp_path_factory.mktemp("agent")
    (port,) = ephemeral(1)
    options: dict[str, Any] = {
        "agent": True,
        "scrape_interval": "1s",
        "default_scrape": False,
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
        "remote_write": [{"url": f"http://{hub.address(ROUTER, 19291)}/api/v1/receive", "tenant": "edge"}],
    }
    stack = parse({"cluster": "edge", "instances": {"sidecar": options}})
    made = stack.instances[0].tier.render(stack.instances[0], Context(stack, Facts()))
    (config,) = [m["data"]["prometheus.yml"] for m in made if m["kind"] == "ConfigMap"]
    # The pod's own variable.
    (folder / "prometheus.yml").write_text(config.replace("${POD_NAME}", "thanos-sidecar-0"))
    (pod,) = [m["spec"]["template"]["spec"] for m in made if m["kind"] == "StatefulSet"]
    places = {"/etc/prometheus": str(folder), "=/prometheus": f"={folder / 'data'}", "=:9090": f"=127.0.0.1:{port}"}
    args = [str(each) for each in pod["containers"][0]["args"]]
    for place, instead in places.items():
        args = [arg.replace(place, instead) for arg in args]
    processes = ProcessGroup(folder)
    program = str(build(("prometheus",), Progress(quiet=True))["prometheus"])
    processes.start(Command("agent", (program, *args), WITH_PARENT, {}))
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/-/ready"))
        yield f"127.0.0.1:{port}"
    finally:
        processes.stop("agent", grace=0)


def times(hub: Receiving) -> list[int]:
    """The seconds of which the hub has a sample of the edge."""
    found = hub.query('up{job="self",tenant_id="edge",cluster="edge"}[10m]')
    return sorted({int(float(at)) for series in found for at, _value in series["values"]})


@pytest.mark.usefixtures("agent")
def test_samples_of_the_agent_arrive_as_its_tenant_with_its_labels(hub: Receiving) -> None:
    until(lambda: len(times(hub)) > 5)


@pytest.mark.usefixtures("agent")
def test_what_the_agent_scrapes_while_nobody_takes_it_arrives_later(hub: Receiving) -> None:
    before = until(lambda: times(hub))[-1]
    hub.stop_pod(ROUTER)
    away = before + 15
    until(lambda: time.time() > away)
    hub.restart(ROUTER)
    hub.wait_pod(ROUTER)
    until(lambda: times(hub)[-1] > away)
    # A busy machine leaves some scrapes out.
    assert len([at for at in times(hub) if before < at <= away]) > 7
