# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check against real Thanos, Prometheus and Alertmanager: it passes, and it sees what it is for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._findings import FAIL, PASS, PENDING
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Report, check_of
from tests.support.asked import rule_files
from tests.support.loopback import Stack
from tests.support.pods_server import ApiServer
from tests.support.waiting import until
from tests.testbed import versions

pytestmark = pytest.mark.api

Verify = Callable[..., Report]
LONG = 60


def verdicts(report: Report) -> dict[str, set[str]]:
    """Check → its statuses."""
    result: dict[str, set[str]] = {}
    for line in report.lines:
        result.setdefault(check_of(line), set()).add(line.severity)
    return result


def text(report: Report) -> str:
    """The whole table."""
    return "\n".join(report.table())


def first(status: str, ask: Verify, check: str) -> Report:
    """The first report of one check whose lines all have ``status``."""
    return first_where(lambda report: verdicts(report) == {check: {status}}, lambda: ask(check))


def first_where(holds: Callable[[Report], bool], ask: Callable[[], Report]) -> Report:
    """The first report of which that is true."""
    reports: list[Report] = []

    def asked() -> bool:
        reports.append(ask())
        return holds(reports[-1])

    until(asked, every=1, missing=lambda: text(reports[-1]))
    return reports[-1]


def test_a_fresh_stack_passes_and_says_what_is_not_due_yet(ask: Verify) -> None:
    report = ask(timeout=LONG)
    early = {"history": {PENDING}, "upload": {PENDING}}
    assert verdicts(report) == {name: {PASS} for name in verdicts(report)} | early, text(report)
    assert "first block of each Prometheus is due at" in text(report)
    assert "the bucket has no block yet" in text(report)


def test_an_uploaded_block_is_served_by_the_store_gateway(stack: Stack, ask: Verify) -> None:
    stack.upload_history()
    report = first(PASS, ask, "history")
    assert report.lines[0].found.startswith('1 series of {__name__="up"')


@pytest.mark.parametrize("tier", ["sidecar", "store", "ruler", "query", "compact"])
def test_a_killed_pod_is_a_failure_until_it_is_back(stack: Stack, ask: Verify, tier: str) -> None:
    pod = next(name for name in stack.pods if f"-{tier}-" in name)
    stack.stop_pod(pod)
    report = ask()
    assert verdicts(report)["pods"] == {FAIL}
    assert f"{pod} container " in text(report)
    assert not any(line.severity == FAIL and line.where == pod for line in report.lines), text(report)
    stack.start_pod(pod)
    again = ask("pods", "endpoints", "fresh", "dedup", "clean", "compactor", "rules", "alerts", timeout=LONG)
    assert again.count(FAIL) == 0, text(again)
    assert verdicts(again)["pods"] == {PASS}


def test_images_that_a_webhook_leads_to_a_mirror_pass_and_are_told(api: ApiServer, ask: Verify) -> None:
    image = f"quay.io/thanos/thanos:v{versions.THANOS}"
    api.rewritten[image] = mirrored = f"mirror.corp/thanos/thanos:v{versions.THANOS}"
    report = ask("pods", timeout=LONG)
    assert verdicts(report) == {"pods": {PASS}}, text(report)
    assert f"container thanos-query of query runs {mirrored} in the place of {image}" in text(report)
    set_by_hand = {"metadata": {"managedFields": [{"manager": "kubectl-set", "operation": "Update"}]}}
    api.workloads["thanos-query"] = set_by_hand
    report = ask("pods")
    assert {line.found for line in report.lines} == {f"{mirrored} (set by kubectl-set)"}, text(report)


def test_a_stopped_prometheus_is_not_fresh(stack: Stack, ask: Verify) -> None:
    stack.stop_process("thanos-sidecar-1.prometheus")
    report = first(FAIL, ask, "fresh")
    assert {line.where for line in report.lines} == {"thanos-sidecar-1"}, text(report)
    stack.stop_pod("thanos-sidecar-1")
    stack.start_pod("thanos-sidecar-1")
    assert ask("fresh", timeout=LONG).count(FAIL) == 0


def test_a_prometheus_that_refuses_its_configuration_is_a_failure(stack: Stack, ask: Verify) -> None:
    stack.reload_prometheus("thanos-sidecar-1", copies=2)
    report = first(FAIL, ask, "pods")
    stack.reload_prometheus("thanos-sidecar-1")
    assert [line.where for line in report.lines] == ["thanos-sidecar-1"], text(report)
    assert "Prometheus refuses its configuration and goes on with the one before" in text(report)
    assert "option: sidecar: scrape_configs" in text(report)
    assert verdicts(ask("pods", timeout=LONG)) == {"pods": {PASS}}


def test_a_querier_that_does_not_know_the_replica_label_does_not_deduplicate(stack: Stack, ask: Verify) -> None:
    querier = "thanos-query-5d9c7b-1"
    stack.stop_pod(querier)
    stack.start_pod(querier, without=["--query.replica-label=prometheus_replica"])
    ask("endpoints", timeout=LONG)
    report = ask("dedup")
    assert [(line.severity, line.where) for line in report.lines] == [(FAIL, querier)], text(report)
    assert "2 times instead of 1 with dedup=true" in text(report)
    stack.stop_pod(querier)
    stack.start_pod(querier)
    assert verdicts(ask("endpoints", "dedup", timeout=LONG)) == {"endpoints": {PASS}, "dedup": {PASS}}


def test_a_querier_behind_a_prefix_is_asked_there(stack: Stack, ask: Verify) -> None:
    querier = "thanos-query-5d9c7b-1"
    stack.stop_pod(querier)
    stack.start_pod(querier, more=["--web.external-prefix=/thanos"])
    report = ask("pods", "endpoints", "fresh", timeout=LONG)
    stack.stop_pod(querier)
    stack.start_pod(querier)
    assert verdicts(report) == {"pods": {PASS}, "endpoints": {PASS}, "fresh": {PASS}}, text(report)


def test_a_store_gateway_that_hangs_fails_on_every_querier(stack: Stack, ask: Verify) -> None:
    pod = stack.pods["thanos-store-0"]
    # A querier that another test has started anew may not have met it yet, and would not know it.
    assert verdicts(ask("endpoints", timeout=LONG)) == {"endpoints": {PASS}}
    stack.stop_pod(pod.name)
    # The pod looks ready, and nobody answers: what a network policy makes of a pod.
    stack.pretend_ready.add(pod.name)
    queriers = {name for name in stack.pods if name.startswith("thanos-query-") and "frontend" not in name}
    report = first_where(lambda found: {line.where for line in found.lines} == queriers, lambda: ask("endpoints"))
    stack.pretend_ready.clear()
    stack.start_pod(pod.name)
    # On a busy machine a querier has already dropped it when it is asked.
    said = re.findall("thanos-store-0 (?:has an error|is not known to the querier)", text(report))
    assert len(said) == len(queriers), text(report)
    assert verdicts(ask("endpoints", timeout=LONG)) == {"endpoints": {PASS}}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"availability.yaml": None}, "group availability of availability.yaml is not loaded"),
        ({"more.yaml": "groups: [{name: more, rules: []}]"}, "group more of more.yaml is loaded and not given"),
        ({"o11y-thanos-generation-0.yaml": ("digest: ", "digest: 0")}, "the same groups with other content"),
    ],
)
def test_other_rules_than_given_are_a_failure(
    stack: Stack, ask: Verify, change: dict[str, str | tuple[str, str] | None], found: str
) -> None:
    files = rule_files()
    for name, new in change.items():
        if isinstance(new, str):
            files[name] = new
        else:
            old = files.pop(name)
            files |= {name: old.replace('digest: "', 'digest: "0')} if new else {}
    stack.write_rules(files)
    stack.reload_rulers()
    report = ask("rules")
    stack.write_rules(rule_files())
    stack.reload_rulers()
    assert {line.found for line in report.lines if line.severity == FAIL} == {found}, text(report)
    assert verdicts(ask("rules", timeout=LONG)) == {"rules": {PASS}}


def test_an_alertmanager_that_cannot_be_asked_leaves_the_rulers_word(stack: Stack, ask: Verify) -> None:
    stack.stop_process("alertmanager")
    report = ask("alerts")
    stack.start_alertmanager()
    assert verdicts(report) == {"alerts": {PENDING}}, text(report)
    assert "the rulers say that they sent" in text(report)
    assert verdicts(ask("alerts", timeout=LONG)) == {"alerts": {PASS}}


def test_an_alertmanager_outside_the_cluster_is_asked_straight(stack: Stack, api: ApiServer, ask: Verify) -> None:
    report = ask("alerts", timeout=LONG, alertmanagers=[f"http://{stack.alertmanager}"])
    assert verdicts(report) == {"alerts": {PASS}}, text(report)
    assert not any("/services/" in request for request in api.requests)


def test_a_role_without_the_service_proxy_leaves_the_rulers_word(api: ApiServer, ask: Verify) -> None:
    api.forbidden.add("services/proxy")
    report = ask("alerts", timeout=LONG)
    assert verdicts(report) == {"alerts": {PENDING}}, text(report)
    assert "HTTP 403: services/proxy is forbidden" in text(report)


def test_a_halted_compactor_is_a_failure(stack: Stack, ask: Verify) -> None:
    # Two blocks of one time range with the same labels: the compactor refuses to guess.
    stack.upload_history("first", hours_ago=20)
    stack.upload_history("second", hours_ago=20)
    report = first(FAIL, ask, "compactor")
    assert "has halted" in text(report)
