# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP ports for servers that share the loopback address with other testbeds."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Collection

from tests.testbed.errors import TestbedError

# Below the kernel's range for outgoing connections, so that none of those takes a port between choice and use.
FOR_CONTROL_PLANES = range(20000, 25000)
FOR_STORES = range(25000, 30000)


def is_free(address: str, port: int) -> bool:
    """Whether a server could listen on ``address``:``port`` now."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # What Go's servers do too: a port that only lingers in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def accepts(address: str, port: int) -> bool:
    """Whether something listens on ``address``:``port``."""
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def choose(count: int, among: range, taken: Collection[int], address: str = "127.0.0.1") -> list[int]:
    """``count`` ports of ``among`` that are not in ``taken`` and free on ``address``."""
    free = (port for port in among if port not in taken and is_free(address, port))
    chosen = list(itertools.islice(free, count))
    if len(chosen) < count:
        raise TestbedError(f"no {count} free ports are left between {among.start} and {among.stop - 1} on {address}")
    return chosen


def ephemeral(count: int) -> list[int]:
    """Ports of loopback that nobody listens on, for what is found by its configuration only."""
    sockets = [socket.socket() for each in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def require_free(address: str, port: int, user: str) -> None:
    """Raise a sentence when ``user`` could not listen on ``address``:``port``."""
    if not is_free(address, port):
        raise TestbedError(
            f"{user} cannot start: another process already listens on {address}:{port}; end it and run this again"
        )
