# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides explain messages that the code has, and show inventories without mistakes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from tests.support import guides
from tests.tasks.source import UTILS, nodes


def texts_of_the_code() -> list[str]:
    """Every text in the code about object stores; one with values in it comes in parts."""
    found = [node for path in (UTILS / "_objstore").rglob("*.py") for node in nodes(path)]
    return [node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def says(code: list[str], message: str) -> bool:
    """Whether the code has the message in one text, or as the option that it is about and what is said of it."""
    option, _space, said = message.partition(" ")
    return any(message in text for text in code) or (
        option.removesuffix(":") in code and any(said in text for text in code)
    )


@pytest.mark.parametrize("page", [guides.COMMON, *guides.GUIDES.values()], ids=lambda page: page.stem)
def test_messages_that_a_page_explains_are_those_of_the_code(page: Path) -> None:
    told = guides.messages(page)
    assert told
    code = texts_of_the_code()
    assert [message for message in told if not says(code, message)] == []


@pytest.mark.parametrize("page", guides.GUIDES.values(), ids=lambda page: page.stem)
def test_every_block_of_yaml_is_a_file_that_can_be_copied(page: Path) -> None:
    found = {name: text for name, text in guides.files(page).items() if name.endswith(".yml")}
    assert page.read_text(encoding="utf-8").count("```yaml") == len(found)
    assert all(yaml.safe_load(text) for text in found.values())
