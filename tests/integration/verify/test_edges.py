# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub's querier reads edges over mutual TLS from the file that we render, and verify says what is wrong with one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Report
from ansible_collections.o11y.thanos.plugins.module_utils._verify.rounds import verify
from tests.support.authorities import Authority
from tests.support.edges import HUB, Fleet
from tests.support.loopback import PROGRAMS
from tests.support.waiting import until
from tests.testbed.build import build
from tests.testbed.progress import Progress

from .conftest import served

pytestmark = pytest.mark.api
CHECKED = ("pods", "endpoints", "fresh", "dedup", "clean")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two edges with two Prometheis each, of which the second speaks plain text."""
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), build(PROGRAMS, Progress(quiet=True)))
    try:
        fleet.start_edge("us", 60, replicas=2)
        fleet.start_edge("eu", 70, replicas=2, tls=False)
        yield fleet
    finally:
        fleet.stop()


def asked(fleet: Fleet, params: dict[str, Any], *checks: str, timeout: float = 60) -> Report:
    """The report about the hub."""
    with served(fleet) as server:
        client = connect({"host": server.url, "api_key": "none"})
        return verify(client, expectations(parse(params)), checks, timeout)


def first(fleet: Fleet, params: dict[str, Any], check: str, words: str) -> Report:
    """The first report with a line that has these words."""
    reports: list[Report] = []

    def has_words() -> bool:
        reports.append(asked(fleet, params, check, timeout=0))
        return any(words in line.what for line in reports[-1].lines)

    until(has_words, every=1, missing=lambda: "\n".join(reports[-1].table()))
    return reports[-1]


def both(fleet: Fleet) -> list[Any]:
    """The endpoints of the hub."""
    return [fleet.endpoint("us", 60), {"address": fleet.address(70), "name": "eu", "strict": True}]


def test_tls_and_plain_text_side_by_side(fleet: Fleet) -> None:
    params = fleet.start_hub(both(fleet))
    # Edges that have just started announce one Prometheus after the other.
    first(fleet, params, "fresh", "4 Prometheis of other clusters with samples of the last 5 minutes")
    report = asked(fleet, params, *CHECKED)
    table = "\n".join(report.table())
    assert report.count("fail") == 0, table
    assert "2 further endpoints on each of 1 querier, no errors" in table
    assert "2 sets of replicas in other clusters: 1 series per target" in table


def test_setting_for_the_own_stack_is_not_that_of_other_clusters(fleet: Fleet) -> None:
    local = {"server_name": "stores.thanos.internal", "ca": "us.crt"}
    report = asked(fleet, fleet.start_hub(both(fleet), local_tls=local), "endpoints")
    assert report.count("fail") == 0, report


def test_edge_that_distributed_mode_leaves_out_is_told(fleet: Fleet) -> None:
    """While an edge's data is younger than a query's window it counts nothing there: status 200, and no warning."""
    fleet.start_edge("young", 80, replicas=1, tls=False)
    young = {"address": fleet.address(80), "name": "young", "strict": True}
    params = fleet.start_hub([*both(fleet), young], mode="distributed")
    assert asked(fleet, params, "endpoints").count("fail") == 0
    report = first(fleet, params, "fresh", "distributed mode counts 0 of 1 ")
    line = next(line for line in report.lines if "distributed" in line.what)
    assert line.advice == "its data is younger than that of other edges; wait, or set mode: local"
    assert line.options == ("instances.query.mode",)
    assert asked(fleet, params, "clean").count("fail") == 0


def test_edge_that_is_lost_is_named_and_stays_known(fleet: Fleet) -> None:
    params = fleet.start_hub(both(fleet))
    assert asked(fleet, params, "endpoints").count("fail") == 0
    fleet.stop_edge("us")
    report = first(fleet, params, "endpoints", "edge us")
    (line,) = report.lines
    assert (line.where, line.what.split(": ")[1]) == (HUB, "TCP"), report
    assert line.what.startswith(f"edge us ({fleet.address(60)}) has an error: ")
    assert "connection refused" in line.found


def test_prometheus_of_an_edge_that_has_stopped_counts_no_more(fleet: Fleet) -> None:
    params = fleet.start_hub(both(fleet)[1:])
    assert asked(fleet, params, "fresh").count("fail") == 0
    fleet.stop_process("edge-eu-1.prometheus")
    # The sidecar of a Prometheus that is gone answers nothing, so that its querier leaves it out before long.
    assert first(fleet, params, "fresh", "1 Prometheus of other clusters with samples")


def test_each_step_that_fails_is_told_in_words(fleet: Fleet) -> None:
    """Ten edges, each with a mistake of its own."""
    other = Authority("somebody else")
    fleet.start_edge("named", 110, names=("query.thanos.us.thanos.internal",))
    fleet.start_edge("foreign", 111, signer=other)
    fleet.start_edge("expired", 112, days=-1)
    fleet.start_edge("closed", 113, clients=other)
    fleet.start_edge("plain", 114, tls=False)
    fleet.start_edge("secret", 115)
    (fleet.client / "gone.crt").write_text(other.certificate)
    told = {
        "named": "name in the certificate: certificate is valid for query.thanos.us.thanos.internal, not query.thanos.",
        "foreign": "trust: certificate signed by unknown authority",
        "expired": "trust: certificate has expired or is not yet valid",
        "closed": "client certificate: the other side ",
        "plain": "TLS: the other side speaks no TLS",
        "secret": "gRPC: the other side ends the connection, as one does that speaks TLS",
        "gone": "TCP: no connection comes about (connection refused)",
        "lost": "DNS: the name does not resolve in the querier's pods",
        "mute": "T",  # of the connection or of TLS, as the moment is
        "without": "files: the querier cannot read its own: reading client CA",
    }
    (fleet.client / "lost.crt").write_text(other.certificate)
    (fleet.client / "mute.crt").write_text(other.certificate)
    hosts = {name: 110 + i for i, name in enumerate(told)}
    endpoints = [fleet.endpoint(name, host) for name, host in hosts.items()]
    endpoints[5] = {"address": fleet.address(115), "name": "secret", "strict": True}
    endpoints[7]["address"] = "no-such-host.invalid:10901"
    with socket.create_server((fleet.address(118).split(":")[0], 10901)):
        params = fleet.start_hub(endpoints)
        report = asked(fleet, params, "endpoints", timeout=25)
    lines = {line.what.split(" ")[1]: line for line in report.lines}
    assert lines.keys() == told.keys(), report
    for name, words in told.items():
        assert f"is missing: {words}" in lines[name].what, lines[name]
        assert (lines[name].severity, bool(lines[name].advice), lines[name].found != "none") == ("fail", True, True)
