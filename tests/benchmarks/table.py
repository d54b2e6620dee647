# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark found: a table for people and a JSON file for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from tests.tasks.tree import BUILD
from tests.testbed.files import write_json

FOLDER = BUILD / "benchmarks"


@dataclass(frozen=True)
class Target:
    """What a figure is aimed to be; it is told whether it is, and a test fails only where it says so itself."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure is within its bounds."""
        above = self.at_most is not None and self.value > self.at_most
        return not above and (self.at_least is None or self.value >= self.at_least)

    def __str__(self) -> str:
        bound = f"at most {self.at_most}" if self.at_most is not None else f"at least {self.at_least}"
        return f"  {self.what}: {self.value:.2f} ({bound}: {'met' if self.met else 'MISSED'})"


@dataclass
class Table:
    """Rows under columns; numbers are shown with two decimals, None as a dash."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def add(self, *cells: Any) -> None:
        """One more row."""
        self.rows.append(cells)

    def text(self) -> str:
        """Title, aligned columns, notes."""
        lines = [self.columns, *(tuple(map(_shown, row)) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        drawn = [
            "  ".join(_aligned(cell, width, n) for n, (cell, width) in enumerate(zip(line, widths, strict=True)))
            for line in lines
        ]
        return "\n".join(["", self.title, *drawn, *map(str, self.targets), *self.notes, ""])

    def publish(self) -> None:
        """Print it, and keep it as ``.build/benchmarks/NAME.json``."""
        print(self.text(), flush=True)
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        targets = [{**asdict(target), "met": target.met} for target in self.targets]
        found = {"title": self.title, "rows": rows, "targets": targets, "notes": self.notes}
        write_json(FOLDER / f"{self.name}.json", found, 0o644)


def ratio(one: float, other: float | None) -> float | None:
    """How many times ``other`` one is; None where there is no other."""
    return one / other if other else None


def _shown(cell: Any) -> str:
    if cell is None:
        return "-"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)
