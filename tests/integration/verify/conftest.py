# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of real processes for the tests of this folder, started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks import CHECKS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import Report
from ansible_collections.o11y.thanos.plugins.module_utils._verify.rounds import verify
from tests.support.asked import PARAMS, rule_files
from tests.support.loopback import PROGRAMS, Stack
from tests.support.pods_server import ApiServer
from tests.testbed.build import build
from tests.testbed.progress import Progress

Verify = Callable[..., Report]


# What a stack without a block comes to pass, and no sooner than it serves.
SETTLED = ("pods", "endpoints", "rules", "alerts")


def asking(url: str) -> Verify:
    """Verify of the stack behind this API server; see the fixture ``ask``."""

    def run(*names: str, timeout: float = 0, **ruler: Any) -> Report:
        instances = {**PARAMS["instances"], "ruler": {**PARAMS["instances"]["ruler"], **ruler}}
        parsed = parse({**PARAMS, "instances": instances})
        client = connect({"host": url, "api_key": "none"})
        return verify(client, expectations(parsed), names or tuple(CHECKS), timeout)

    return run


@contextmanager
def served(stack: Stack) -> Iterator[ApiServer]:
    """An API server in front of the stack."""
    server = ApiServer(stack)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything runs and serves, whichever test is the first; the bucket is empty."""
    directory: Path = tmp_path_factory.mktemp("loopback")
    stack = Stack(directory, build(PROGRAMS, Progress(quiet=True)))
    try:
        stack.start_bucket()
        stack.start_alertmanager()
        stack.start_stack(rule_files())
        with served(stack) as server:
            report = asking(server.url)(*SETTLED, timeout=120)
        assert report.count("pass") == len(report.lines), report
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def api(stack: Stack) -> Iterator[ApiServer]:
    """The way to the stack."""
    with served(stack) as server:
        yield server


@pytest.fixture
def ask(api: ApiServer) -> Verify:
    """Run verify against the stack: ``ask("pods", "fresh", timeout=20)``; without names all checks.

    Further arguments are options of the ruler.
    """
    return asking(api.url)
