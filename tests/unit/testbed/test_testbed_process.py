# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pid files: exactly the recorded process is stopped, whatever has its number now."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.testbed import ports, process
from tests.testbed.errors import TestbedError
from tests.testbed.process import Command, ProcessGroup, Record

SLEEP = Command("sleeper", ("sleep", "60"))
STUBBORN = Command("stubborn", (sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(60)"))


@pytest.fixture
def group(tmp_path: Path) -> Iterator[ProcessGroup]:
    result = ProcessGroup(tmp_path)
    yield result
    for name in result.names():
        result.stop(name, grace=0)


def pid_of(group: ProcessGroup, name: str) -> int:
    record = group.record(name)
    assert record is not None
    return record.pid


def test_second_start_of_the_same_command_starts_nothing(group: ProcessGroup) -> None:
    assert group.start(SLEEP) is True
    pid = pid_of(group, "sleeper")
    assert group.start(SLEEP) is False
    assert pid_of(group, "sleeper") == pid


def test_command_with_other_arguments_replaces_the_running_one(group: ProcessGroup) -> None:
    group.start(SLEEP)
    pid = pid_of(group, "sleeper")
    assert group.start(replace(SLEEP, argv=("sleep", "61"))) is True
    assert process.start_time(pid) is None


def test_process_is_restarted_when_its_configuration_changes(group: ProcessGroup, tmp_path: Path) -> None:
    config = tmp_path / "config"
    command = replace(SLEEP, files=(config,))
    started = []
    for text in ("a", "a", "b"):
        config.write_text(text)
        started.append(group.start(command))
    assert started == [True, False, True]


def test_killed_process_is_started_again(group: ProcessGroup) -> None:
    group.start(SLEEP)
    os.kill(pid_of(group, "sleeper"), 9)
    os.waitpid(pid_of(group, "sleeper"), 0)
    assert not group.running("sleeper")
    assert group.start(SLEEP) is True


def test_process_started_through_a_prefix_is_recognised(group: ProcessGroup) -> None:
    group.start(replace(SLEEP, prefix=process.WITH_PARENT))
    assert group.running("sleeper")


def test_process_that_ignores_the_polite_signal_is_killed(group: ProcessGroup) -> None:
    group.start(STUBBORN)
    pid = pid_of(group, "stubborn")
    group.stop("stubborn", grace=0.2)
    assert process.start_time(pid) is None


def test_stopping_twice_is_not_an_error(group: ProcessGroup) -> None:
    group.start(SLEEP)
    group.stop("sleeper")
    group.stop("sleeper")
    assert group.names() == []


@pytest.mark.parametrize(
    "change",
    [{"started": 1}, {"boot": "another boot"}, {"argv": ("sleep", "61")}],
    ids=["number reused", "rebooted", "other program"],
)
def test_process_that_only_has_the_recorded_number_is_never_stopped(
    group: ProcessGroup, tmp_path: Path, change: dict[str, object]
) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        while not process.command_line(stranger.pid):
            time.sleep(0.01)
        honest = Record(stranger.pid, process.start_time(stranger.pid) or 0, process.boot_id(), ("sleep", "60"), "")
        assert process.is_alive(honest)
        (tmp_path / "pids").mkdir()
        (tmp_path / "pids/sleeper.json").write_text(json.dumps({**vars(honest), **change}))
        group.stop("sleeper")
        assert stranger.poll() is None
        stranger.kill()


def test_zombie_is_not_alive() -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process.start_time(child.pid) is None


def test_broken_pid_file_counts_as_no_process(group: ProcessGroup, tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids/sleeper.json").write_text('{"pid": 1')
    assert not group.running("sleeper")
    assert group.start(SLEEP) is True


def test_process_that_ends_while_starting_is_reported_with_its_last_words(group: ProcessGroup) -> None:
    group.start(Command("broken", ("sh", "-c", "echo no such flag; exit 1")))
    with pytest.raises(TestbedError, match=r"broken ended while it was starting: see .*\nno such flag"):
        group.wait_ready("broken", lambda: False, 5)


def test_process_that_is_never_ready_is_reported_after_the_timeout(group: ProcessGroup) -> None:
    group.start(SLEEP)
    with pytest.raises(TestbedError, match="sleeper is not ready after 0 s"):
        group.wait_ready("sleeper", lambda: False, 0.1)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (
            "listen tcp 127.0.0.1:2379: bind: address already in use",
            "another process already listens on 127.0.0.1:2379",
        ),
        ("write /x: no space left on device", "the disk that holds .* is full"),
    ],
)
def test_well_known_causes_are_told_in_a_sentence(group: ProcessGroup, words: str, cause: str) -> None:
    group.start(Command("server", ("sh", "-c", f"echo '{words}'; exit 1")))
    with pytest.raises(TestbedError, match=f"server ended while it was starting: {cause}"):
        group.wait_ready("server", lambda: False, 5)


def test_cause_of_an_earlier_failure_is_not_told_again(group: ProcessGroup) -> None:
    for words in ("no space left on device", "something else"):
        group.start(Command("server", ("sh", "-c", f"echo {words}; exit 1")))
        with pytest.raises(TestbedError) as failed:
            group.wait_ready("server", lambda: False, 5)
    assert "something else" in str(failed.value)


def test_proxies_of_the_user_do_not_reach_processes(monkeypatch: pytest.MonkeyPatch, group: ProcessGroup) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    group.start(Command("env", ("env",)))
    with pytest.raises(TestbedError, match="env ended"):
        group.wait_ready("env", lambda: False, 5)
    assert "PROXY" not in group.log("env").read_text()


def test_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(TestbedError, match=f"x cannot start: another process already listens on 127.0.0.1:{port};"):
            ports.require_free("127.0.0.1", port, "x")
    ports.require_free("127.0.0.1", port, "x")


def test_ports_that_are_taken_or_reserved_are_not_chosen() -> None:
    first = ports.choose(3, ports.FOR_STORES, taken=())
    with socket.create_server(("127.0.0.1", first[0])):
        assert ports.choose(1, ports.FOR_STORES, taken={first[1]}) == [first[2]]


def test_no_free_port_is_told() -> None:
    with pytest.raises(TestbedError, match="no 2 free ports are left between 25000 and 25000"):
        ports.choose(2, range(25000, 25001), taken=())
