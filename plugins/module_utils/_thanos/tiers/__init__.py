# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiers by name: what each file beside this one contributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..model import Context, Instance, Manifest
from ..options import Options
from . import compact, query, ruler, sidecar, store


@dataclass(frozen=True)
class Tier:
    """A tier: its option rows, the kind of its workload, its cross-option check and its renderer."""

    options: Options
    kind: str
    check: Callable[[Instance], Sequence[str]]
    render: Callable[[Instance, Context], list[Manifest]]
    args: Callable[[Instance], Sequence[str]]


TIERS: dict[str, Tier] = {
    "sidecar": Tier(sidecar.OPTIONS, "StatefulSet", sidecar.check, sidecar.render, sidecar.args),
    "store": Tier(store.OPTIONS, "StatefulSet", store.check, store.render, store.args),
    "query": Tier(query.OPTIONS, "Deployment", query.check, query.render, query.args),
    "compact": Tier(compact.OPTIONS, "StatefulSet", compact.check, compact.render, compact.args),
    "ruler": Tier(ruler.OPTIONS, "StatefulSet", ruler.check, ruler.render, ruler.args),
}
