# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Former names of options, where Ansible does not warn whoever uses one: at levels that it does not look into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .rows import Option, Options


@dataclass(frozen=True)
class Renamed:
    """An option that was given under a former name: its path, its name of today, the release that drops the former."""

    where: str
    name: str
    until: str

    def __str__(self) -> str:
        return f"{self.where} is a former name: the option is {self.name} now."


def renamed(rows: Options, raw: Any, where: str = "", *, told: bool = False) -> Iterator[Renamed]:
    """Whatever is given under a former name below ``raw``. ``told``: Ansible warns of those at this level itself."""
    if not isinstance(raw, Mapping):
        return
    names = names_of_today(rows)
    for key, value in raw.items():
        path, name = f"{where}{key}", names.get(key) or str(key)
        row = rows.get(name)
        if row is None:
            continue
        if name != key and not told:
            yield Renamed(path, name, row.former[key])
        yield from _below(row, value, path, told and row.below is not None)


def todays(rows: Options, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of this level under the names of today; a former one beside that of today stays, to be refused."""
    names = names_of_today(rows)
    return {key if names.get(key, key) in values else names[key]: value for key, value in values.items()}


def names_of_today(rows: Options) -> dict[str, str]:
    """Former name → name of today, at this level."""
    return {old: name for name, row in rows.items() for old in row.former}


def _below(row: Option, value: Any, path: str, told: bool) -> Iterator[Renamed]:
    if row.options is not None:
        yield from renamed(row.options, value, f"{path}.", told=told)
    elif isinstance(row.elements, Option) and isinstance(value, Mapping):
        for key, each in value.items():
            yield from _below(row.elements, each, f"{path}.{key}", told)
    elif isinstance(row.elements, Option) and isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            yield from _below(row.elements, each, f"{path}[{number}]", told)
