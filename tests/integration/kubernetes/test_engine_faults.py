# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that fails: 429, 409, 500, cut connections, a restart in mid-apply, nothing there."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes import client as client_module
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Outcome, Settings, run
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from ansible_collections.o11y.thanos.plugins.module_utils._threads import WORKERS
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World
from tests.support.fault_proxy import Fault, FaultProxy, Request, Rule
from tests.support.waiting import until

pytestmark = pytest.mark.api


def run_through(world: World, proxy: FaultProxy, wait_timeout: float = 20) -> Outcome:
    client = connect({"host": proxy.url, "api_key": "unused"})
    return run(client, world.scope(), [Phase("all", samples.query())], Settings(wait=False, wait_timeout=wait_timeout))


def every_third(fault: Fault) -> Rule:
    return lambda request: fault if request.number > 3 and request.number % 3 == 0 else None


FAULTS: dict[str, Rule] = {
    "too many requests": every_third((429, {"Retry-After": "1"})),
    "internal error": every_third((500, {})),
    "unavailable": every_third((503, {})),
    "conflict on writes": lambda r: (409, {}) if r.method == "PATCH" and r.number % 2 else None,
    "connection cut": every_third("cut"),
    "answer lost": every_third("lost"),
}


@pytest.mark.parametrize("rule", FAULTS.values(), ids=FAULTS.keys())
def test_passing_faults_are_retried_to_the_end(world: World, rule: Rule) -> None:
    with FaultProxy(world.plane, rule) as proxy:
        run_through(world, proxy)
    assert not world.run(samples.query()).changed


def test_what_was_allowed_before_is_asked_again_where_a_new_server_forgets_it(world: World) -> None:
    asked: list[tuple[str, str]] = []

    def rule(request: Request) -> Fault:
        """A server that has just started refuses once what the one before it allowed."""
        asked.append((request.method, request.path))
        return (403, {}) if asked.count(asked[-1]) == 2 else None

    with FaultProxy(world.plane, rule) as proxy:
        client = connect({"host": proxy.url, "api_key": "unused"})
        phases = [Phase("all", samples.query())]
        changed = [run(client, world.scope(), phases, Settings(wait=False)).changed for _run in range(2)]
    assert changed == [True, False]
    assert max(map(asked.count, asked)) == 3


def test_what_was_never_allowed_is_refused_at_once(world: World) -> None:
    asked: list[str] = []

    def rule(request: Request) -> Fault:
        if request.method != "PATCH":
            return None
        asked.append(request.path)
        return (403, {})

    with FaultProxy(world.plane, rule) as proxy, pytest.raises(Failure):
        run_through(world, proxy)
    assert len(asked) == len(set(asked))


def test_right_that_was_taken_away_is_missed_after_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FORGETFUL", 1.0)
    taken: list[str] = []

    def rule(request: Request) -> Fault:
        return (403, {}) if taken and request.path.startswith(taken[0]) else None

    with FaultProxy(world.plane, rule) as proxy:
        client = connect({"host": proxy.url, "api_key": "unused"})
        phases = [Phase("all", samples.query())]
        run(client, world.scope(), phases, Settings(wait=False))
        taken.append(KINDS["Deployment"].path(world.namespace))
        with pytest.raises(Failure, match="403"):
            run(client, world.scope(), phases, Settings(wait=False))


def test_a_run_that_fails_after_it_wrote_returns_what_it_did(world: World) -> None:
    def rule(request: Request) -> Fault:
        # A dry run goes before the first write.
        earnest = request.method == "PATCH" and "dryRun" not in request.path
        return (422, {}) if earnest and "/deployments/" in request.path else None

    with FaultProxy(world.plane, rule) as proxy, pytest.raises(Failure) as failure:
        run_through(world, proxy)
    result = failure.value.result
    assert result["changed"] is True
    assert {("Service", "created")} <= {(o["kind"], o["action"]) for o in result["objects"]}
    assert "Deployment" not in {o["kind"] for o in result["objects"]}


def test_retry_after_is_honoured(world: World) -> None:
    times: list[float] = []

    def rule(request: Request) -> Fault:
        if request.method == "PATCH" and "/services/" in request.path:
            times.append(time.monotonic())
            return (429, {"Retry-After": "2"}) if len(times) == 1 else None
        return None

    with FaultProxy(world.plane, rule) as proxy:
        run_through(world, proxy)
    assert times[1] - times[0] >= 2


def test_connections_stay_within_the_workers(world: World) -> None:
    with FaultProxy(world.plane, lambda _request: None) as proxy:
        run_through(world, proxy)
        assert len(proxy.requests) > 3 * WORKERS
        assert proxy.connections <= WORKERS


def test_lasting_fault_ends_in_one_error_that_says_what_was_done_and_the_next_run_finishes(world: World) -> None:
    def rule(request: Request) -> Fault:
        return (500, {}) if request.method == "PATCH" and "/deployments/" in request.path else None

    with FaultProxy(world.plane, rule) as proxy, pytest.raises(Failure) as failure:
        run_through(world, proxy, wait_timeout=4)
    sentences = str(failure.value).splitlines()
    assert "was answered with 500: injected by the test" in sentences[0]
    assert f"Service {world.namespace}/thanos-query" in next(s for s in sentences if s.startswith("done:"))
    assert f"Deployment {world.namespace}/thanos-query" in next(s for s in sentences if s.startswith("not done:"))
    outcome = world.run(samples.query())
    assert "Deployment" in {e["kind"] for e in outcome.objects if e["action"] == "created"}
    assert not world.run(samples.query()).changed


def test_server_that_restarts_in_mid_apply_is_waited_for(world: World) -> None:
    applying = threading.Event()

    def rule(request: Request) -> Fault:
        if request.method == "PATCH":
            applying.set()
            time.sleep(0.1)
        return None

    with FaultProxy(world.plane, rule) as proxy, ThreadPoolExecutor() as pool:
        outcome = pool.submit(run_through, world, proxy, wait_timeout=60)
        assert applying.wait(30)
        world.plane.restart()
        assert outcome.result().changed
    assert not world.run(samples.query()).changed


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{probe.getsockname()[1]}"


def test_first_contact_is_given_up_long_before_the_deadline() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hosts = (closed_port(), f"https://127.0.0.1:{silent.getsockname()[1]}", "https://192.0.2.1:6443")
        with ThreadPoolExecutor() as pool:
            asked = [pool.submit(first_contact, host) for host in hosts]
            until(lambda: all(each.done() for each in asked), DEADLINE / 2)
    for each in asked:
        with pytest.raises(ApiError, match="no answer from the API server"):
            each.result()


# So far away that no busy machine takes for one what comes long before it.
DEADLINE = 600


def first_contact(host: str) -> None:
    client = connect({"host": host, "api_key": "x"})
    client.deadline = time.monotonic() + DEADLINE
    client.list(KINDS["ConfigMap"], "nowhere")


def test_warnings_of_the_server_are_handed_on(world: World) -> None:
    old = samples.named(samples.query(), "Deployment")
    old["spec"]["template"]["spec"]["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    outcome = world.run([old])
    assert any("beta.kubernetes.io/os" in warning for warning in outcome.warnings)
