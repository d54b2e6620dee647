# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: the state of the testbed as lines for people."""

from __future__ import annotations

from typing import Any


def lines(status: dict[str, Any]) -> list[str]:
    """One line per cluster, store and control plane, and one per process that should run and does not."""
    result = []
    for cluster in status["clusters"]:
        state = "ready" if cluster["ready"] else "not ready"
        result.append(f"cluster        {cluster['name']:<16} {state:<10} {cluster['url']}  {cluster['kubeconfig']}")
        result += _stopped(cluster["processes"])
    for store in status["stores"]:
        state = "running" if store["running"] else "stopped"
        result.append(f"object store   {store['name']:<16} {state:<10} {store['url']}")
    for plane in status["control_planes"]:
        state = "running" if all(plane["processes"].values()) else "broken"
        result.append(f"control plane  {plane['name']:<16} {state:<10} {plane['url']}  {plane['kubeconfig']}")
        result += _stopped(plane["processes"])
    return result or ["nothing is up"]


def _stopped(processes: dict[str, bool]) -> list[str]:
    return [f"               {name} does not run" for name, running in processes.items() if not running]
