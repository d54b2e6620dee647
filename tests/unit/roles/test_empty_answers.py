# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty answer of a survey counts as not set, and a zero is a number."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from tests.tasks.tree import ROOT

TASKS = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
OMIT = "__omitted__"


def expressions(value: Any) -> list[str]:
    """Every text below a value that can leave an option out."""
    if isinstance(value, dict):
        return [text for below in value.values() for text in expressions(below)]
    if isinstance(value, list):
        return [text for below in value for text in expressions(below)]
    # What a filter of ours gives is never an empty answer.
    return [value] if isinstance(value, str) and "omit" in value and re.search(r"\bthanos_", value) else []


FOUND = sorted({text for path in TASKS for text in expressions(yaml.safe_load(path.read_text()))})


def rendered(text: str, **variables: Any) -> Any:
    other = {"hostvars": {"other": variables}, "item": "other"}
    return NativeEnvironment().from_string(text).render(omit=OMIT, **other, **variables)


@pytest.mark.parametrize("text", FOUND)
def test_empty_answer_leaves_the_option_out(text: str) -> None:
    (name,) = set(re.findall(r"\bthanos_\w+", text))
    assert [rendered(text), *(rendered(text, **{name: empty}) for empty in ("", None))] == [OMIT] * 3


@pytest.mark.parametrize("text", [text for text in FOUND if "timeout" in text])
def test_zero_seconds_are_handed_on(text: str) -> None:
    (name,) = set(re.findall(r"\bthanos_\w+", text))
    assert [rendered(text, **{name: value}) for value in (0, 30)] == [0, 30]
