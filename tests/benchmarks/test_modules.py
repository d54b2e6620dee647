# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module costs before it does anything: what Ansible sends along, and how long it takes to start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.measure import Command, interleaved, once
from tests.benchmarks.plays import EARLIER, NO_HISTORY, NOW, versions
from tests.benchmarks.table import Table, ratio
from tests.tasks.tree import ROOT

MODULES = tuple(sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py")))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """(Version, module) → the program that Ansible would run."""
    found: dict[tuple[str, str], Path] = {}
    for name, collections in versions().items():
        folder = tmp_path_factory.mktemp(name)
        known = [each for each in MODULES if Path(collections, f"{_MODULES}/{each}.py").exists()]
        argv = (sys.executable, "-m", "tests.benchmarks.payload", str(collections), str(folder), *known)
        once(Command(f"payloads of {name}", argv, folder=ROOT))
        found |= {(name, each): folder / f"{each}.py" for each in known}
    return found


_MODULES = "ansible_collections/o11y/thanos/plugins/modules"


def test_what_a_module_costs_before_it_works(programs: dict[tuple[str, str], Path]) -> None:
    # Without its arguments a module ends with 1 as soon as it has been unpacked, compiled and imported.
    commands = [
        Command(f"{name} {module}", (sys.executable, str(path)), code=1) for (name, module), path in programs.items()
    ]
    costs = interleaved(commands)
    table = Table("modules", "Start of a module", ("", "KB sent", "KB before", "CPU s", "CPU before", "CPU ratio"))
    for module in MODULES:
        now = costs[f"{NOW} {module}"].cpu
        path, cost = programs.get((EARLIER, module)), costs.get(f"{EARLIER} {module}")
        sent, before = _kilobytes(programs[NOW, module]), _kilobytes(path) if path else None
        earlier = cost.cpu if cost else None
        table.add(module, sent, before, now, earlier, ratio(now, earlier))
    if EARLIER not in versions():
        table.notes.append(NO_HISTORY)
    table.publish()


def _kilobytes(path: Path) -> int:
    return round(path.stat().st_size / 1000)
