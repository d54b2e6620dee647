# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slips that would change what a fleet is without a word: in names of groups, in what is true, beside others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import arguments
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology

from .fleets import EDGE, HUB, host


def warnings(**groups: list[str]) -> list[str]:
    """Host → its groups; what is told of them."""
    found: list[str] = topology({name: host(name, of) for name, of in groups.items()})["warnings"]
    return found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("thanos_hubs", HUB),
        ("thanos-hub", HUB),
        ("ThanosHub", HUB),
        ("thanos_hb", HUB),
        ("thanos_edges", EDGE),
        ("thanos-edges", EDGE),
        ("thanos_egde", EDGE),
    ],
)
def test_group_whose_name_is_nearly_one_that_means_something_is_told(name: str, meant: str) -> None:
    assert warnings(a=[name], b=[name], c=["other"]) == [
        f"The group {name} (a and 1 more) means nothing to the collection. Did you mean '{meant}'?"
    ]


@pytest.mark.parametrize("name", ["thanos", "thanos_prod", "thanos_edge_test", "hub", "edges", "thanos_store"])
def test_other_groups_are_nobodys_business(name: str) -> None:
    assert warnings(a=[name]) == []


def test_group_below_the_right_one_may_have_a_name_that_is_near() -> None:
    assert warnings(hub=[HUB], eu=[EDGE, "thanos_edges"]) == []


@pytest.mark.parametrize("name", ["thanos_fleet_tls", "thanos_part_of_fleet", "thanos_pki_new_ca"])
@pytest.mark.parametrize("value", ["maybe", 2, [], "on and off"])
def test_what_is_neither_true_nor_false_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        arguments.instances({name: value})
    assert error.value.problems == (f"{name}: '{value}' is neither true nor false.",)


@pytest.mark.parametrize("value", [True, False, "yes", "No", "false", "on", 0, "1", "", None])
def test_what_is_true_or_false_in_any_way_is_taken(value: Any) -> None:
    assert arguments.instances({"thanos_fleet_tls": value})


MISTAKES = {
    "thanos_stroe": 1,
    "thanos_common": "on",
    "thanos_store_host": "on",
    "thanos_enabled": ["query", "stor"],
    "thanos_objstores": {"archive": 5},
    "thanos_fleet_tls": "maybe",
    "thanos_pki": {"servr": {}, "client": 5},
    "thanos_pki_rotate": {"server": "begin"},
}


@pytest.mark.parametrize("read", [arguments.instances, arguments.common, arguments.objstores])
def test_mistake_of_one_variable_hides_none_of_another(read: Callable[[dict[str, Any]], Any]) -> None:
    with pytest.raises(InvalidInput) as error:
        read(MISTAKES)
    told = str(error.value)
    assert [name for name in MISTAKES if name not in told] == []
    assert len(error.value.problems) == len(MISTAKES) + 1
