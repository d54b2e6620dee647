# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that three tasks would find one after the other are told by the first."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.together import objstores

S3 = {"type": "S3", "bucket": "metrics", "endpoint": "s3.example.org", "secret_key": "canary", "access_key": "a"}
VARIABLE: tuple[dict[str, Any], str] = ({"thanos_stor": {}}, "thanos_stor: there is no such variable")
STORE = ({"thanos_objstore": {**S3, "bukcet": "b"}}, "thanos_objstore.bukcet")
INSTANCE = ({"thanos_store": {"chunk_pool_size": "much"}}, "thanos_store.chunk_pool_size")
COMMON = ({"thanos_common_group": {"log_level": "loud"}}, "thanos_common_group.log_level")


def refusal(*parts: tuple[dict[str, Any], str]) -> str:
    """What is said of variables with these mistakes."""
    variables: dict[str, Any] = {"thanos_objstore": S3}
    for part, _sentence in parts:
        variables.update(part)
    with pytest.raises(InvalidInput) as error:
        objstores(variables)
    return str(error.value)


@pytest.mark.parametrize(
    "parts",
    [
        (VARIABLE, STORE, INSTANCE),
        (VARIABLE, STORE),
        (VARIABLE, INSTANCE),
        (STORE, INSTANCE),
        (STORE, COMMON),
    ],
)
def test_mistakes_of_several_kinds_are_told_at_once(parts: tuple[tuple[dict[str, Any], str], ...]) -> None:
    text = refusal(*parts)
    assert [sentence for _part, sentence in parts if sentence not in text] == []
    assert text.startswith(f"{len(parts)} mistakes, so this task changed nothing:")
    assert "canary" not in text


@pytest.mark.parametrize("part", [STORE, INSTANCE])
def test_mistakes_of_one_kind_are_left_to_the_module_that_is_given_them(part: tuple[dict[str, Any], str]) -> None:
    assert objstores({"thanos_objstore": S3, **part[0]})["default"]["bucket"] == "metrics"


def test_sound_variables_are_the_stores() -> None:
    assert objstores({"thanos_objstore": S3}) == {"default": S3}
