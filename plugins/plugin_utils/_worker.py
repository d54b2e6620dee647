# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's own process gives for nothing, in a worker of Ansible, which all items of a loop share."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import subprocess
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._body import Ended

# They write of each request at INFO or below, which a log file of Ansible's would take.
_LOGGERS = ("azure", "boto3", "botocore", "google", "keystoneauth", "kubernetes", "requests", "swiftclient", "urllib3")


class Stopped(BaseException):
    """SIGINT or SIGTERM came. Ansible's own handling ends a worker at once, without any ``finally``."""


@contextlib.contextmanager
def as_in_a_module(environment: Mapping[str, Any], folder: str) -> Iterator[None]:
    """``environment`` and ``folder``, for paths that are relative, apply to the block, and nothing of it lasts."""
    with _surroundings(environment, folder), _quiet(), stoppable():
        yield


@contextlib.contextmanager
def _surroundings(environment: Mapping[str, Any], folder: str) -> Iterator[None]:
    variables, here = dict(os.environ), os.getcwd()
    try:
        os.environ.update({name: str(value) for name, value in environment.items()})
        os.chdir(folder)
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(variables)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What is printed, warned of or logged by libraries would be shown as an error of Ansible's, or never."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """SIGINT and SIGTERM raise Stopped, so that what the block has made is cleaned away."""

    def stop(number: int, _frame: object) -> None:
        for each in before:
            # Ansible sends a second signal at once, which would interrupt the cleaning.
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    # Not after Stopped, for the same reason.
    for each, handler in before.items():
        signal.signal(each, handler)


def command(arguments: Sequence[str], seconds: float) -> Ended:
    """Run a program; see Command."""
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return Ended(done.returncode, (done.stderr or done.stdout).decode(errors="replace"))
