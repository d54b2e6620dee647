# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rendering and planning cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Settings, run
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, Scope
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.plan import listings_of, make_plan
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.testbed.control_plane import ControlPlane

FIVE_TIERS: dict[str, Any] = {name: {} for name, tier in TIERS.items() if tier.by_default}
RENDER_AND_PLAN_MS = 30.0


class Recorded:
    """A client that answers each LIST at once with what the real server answered before."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lists: dict[tuple[Any, ...], list[Manifest]] = {}

    def list(self, kind: Any, *where: Any, **more: Any) -> Any:
        """The recorded answer."""
        key = (kind.name, where, tuple(sorted(more.items())))
        if key not in self._lists:
            self._lists[key] = self._client.list(kind, *where, **more)
        return self._lists[key]

    def all(self, function: Any, items: Any) -> Any:
        """Without threads: their start would be most of what is measured."""
        return [function(item) for item in items]


def milliseconds(work: Callable[[], object], runs: int = 30) -> float:
    """Median time of ``work``."""
    times = []
    for _run in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def test_five_tiers_are_rendered_and_planned_in_milliseconds() -> None:
    def render() -> list[Manifest]:
        stack = parse({"cluster": "eu", "instances": FIVE_TIERS})
        return [m for phase in phases(stack, Facts()) for m in phase.objects]

    scope = Scope("thanos", "monitoring", frozenset(FIVE_TIERS))
    with ControlPlane() as plane:
        client = connect({"kubeconfig": str(plane.kubeconfig)})
        stack = parse({"cluster": "eu", "instances": FIVE_TIERS})
        run(client, scope, phases(stack, Facts()), Settings(wait=False))
        recorded: Any = Recorded(client)
        make_plan(recorded, scope, render(), listings_of(render()))
        took = milliseconds(lambda: make_plan(recorded, scope, wanted := render(), listings_of(wanted)))
    print(f"\nrender and plan of {len(render())} objects: {took:.1f} ms (at most {RENDER_AND_PLAN_MS:.0f})")
    assert took <= RENDER_AND_PLAN_MS
