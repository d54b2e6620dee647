# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of options that Ansible does not look into: what is secret in them, and their values in the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .convert import OPTIONS, convert
from .former import names_of_today
from .rows import Option, Options

_AS_GIVEN = replace(OPTIONS, complete=False)


def secrets_below(rows: Options, raw: Any) -> set[str]:
    """The secret values of folded rows, wherever they are in the raw parameters.

    What has no row of its own there, or is no value for it, may be a secret with a wrong name, and so is one.
    """
    return {text for row, value in _folded(rows, raw) for text in _secrets(row.options or {}, value)}


def typed_below(rows: Options, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters in which folded levels are typed as Ansible has typed the others. What is not set stays as it is."""
    typed = dict(params)
    for name, row in rows.items():
        value = params.get(name)
        if row.options is None or not isinstance(value, Mapping):
            continue
        if row.folded:
            typed[name] = {**value, **convert(row.options, value, "", [], _AS_GIVEN)}
        else:
            typed[name] = typed_below(row.options, value)
    return typed


def texts(value: Any) -> list[str]:
    """Every text and number below a value, as text."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [text for below in value for text in texts(below)]
    return [str(value)] if value and value is not True else []


def _folded(rows: Options, raw: Any) -> Iterator[tuple[Option, Any]]:
    if not isinstance(raw, Mapping):
        return
    for name, row in rows.items():
        for key in (name, *row.former):
            if key in raw and row.options is not None:
                if row.folded:
                    yield row, raw[key]
                else:
                    yield from _folded(row.options, raw[key])


def _secrets(rows: Options, value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return texts(value)
    found: list[str] = []
    names = names_of_today(rows)
    for name, below in value.items():
        row = rows.get(names.get(name) or name)
        if row is None or (row.secret and not row.identifier):
            found += texts(below)
        elif row.options is not None:
            found += _secrets(row.options, below)
        elif row.type not in ("dict", "list") and isinstance(below, (Mapping, list, tuple)):
            found += texts(below)
    return found
