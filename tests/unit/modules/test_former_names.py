# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option that was renamed is taken under its former name, at every level, until the release that drops that."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding
from ansible_collections.o11y.thanos.plugins.module_utils._options.convert import convert
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option, argument_spec

SIZE = Option(default="1GB", form="size", former={"pool": "2.0.0"})
ROWS = {"pool_size": SIZE, "cache": Option("dict", options={"pool_size": SIZE})}


@pytest.mark.parametrize("name", ["pool", "pool_size"])
def test_a_value_counts_under_both_names_at_every_level(name: str) -> None:
    found: list[Finding] = []
    values = convert(ROWS, {name: "3GB", "cache": {name: "4GB"}}, "", found)
    assert (values["pool_size"], values["cache"], found) == ("3GB", {"pool_size": "4GB"}, [])


def test_a_former_name_that_is_not_set_leaves_the_default() -> None:
    assert convert(ROWS, {"pool": ""}, "", [])["pool_size"] == "1GB"


@pytest.mark.parametrize("order", [("pool", "pool_size"), ("pool_size", "pool")])
def test_both_names_at_once_are_a_mistake(order: tuple[str, str]) -> None:
    found: list[Finding] = []
    convert(ROWS, dict.fromkeys(order, "3GB"), "store.", found)
    assert [str(each) for each in found] == [
        "store.pool is the former name of pool_size, which is set too; leave it out."
    ]


def test_a_wrong_name_is_led_to_the_name_of_today() -> None:
    found: list[Finding] = []
    convert(ROWS, {"pool_sise": "3GB"}, "", found)
    assert "Did you mean 'pool_size'?" in str(found[0])


def test_ansible_takes_the_former_name_and_says_until_when() -> None:
    checked: Any = ArgumentSpecValidator(argument_spec(ROWS)).validate({"pool": "3GB"})
    assert checked.error_messages == []
    assert checked.validated_parameters["pool_size"] == "3GB"
    assert [(row["version"], "pool" in row["msg"]) for row in checked._deprecations] == [("2.0.0", True)]
