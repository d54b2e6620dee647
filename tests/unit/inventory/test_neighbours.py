# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host of a fleet takes from the results of the others' tasks."""

from __future__ import annotations

from typing import Any, cast

import pytest
from jinja2.runtime import Context

from ansible_collections.o11y.thanos.plugins.filter.neighbours import certificates, edges_first, fleet_of
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology

from .fleets import host

GROUPS = {"hub": ["thanos_hub"], "eu": ["thanos_edge"], "us": ["thanos_edge"], "alone": []}
FLEET = topology({name: host(name, of) for name, of in GROUPS.items()})
WELL = {"pki_own": {"changed": False}, "pki_result": {"changed": False}}


class Playing:
    """The part of Jinja's context that the filters ask."""

    def __init__(self, *hosts: str) -> None:
        self._found: dict[str, Any] = {"ansible_play_hosts": list(hosts), "ansible_check_mode": False}

    def resolve(self, name: str) -> Any:
        return self._found[name]

    def get_all(self) -> dict[str, Any]:
        return self._found


def certificates_due(hostvars: dict[str, Any], *hosts: str) -> bool:
    return bool(certificates(cast(Context, Playing(*hosts)), hostvars, "eu", FLEET, "due"))


def test_edges_come_before_their_hubs_and_hubs_that_are_edges_before_others() -> None:
    groups = {"thanos_hub": ["world", "eu", "spare"], "thanos_edge": ["de", "eu", "fr"]}
    ordered = edges_first(["world", "eu", "fr", "alone", "de", "spare"], groups)
    assert ordered == ["fr", "alone", "de", "eu", "world", "spare"]
    assert edges_first(["b", "a"], {}) == ["b", "a"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, False),
        ({"eu": {}}, True),
        ({"eu": {**WELL, "pki_result": {"changed": True}}}, True),
        ({"hub": {**WELL, "pki_own": {"changed": False, "failed": True}}}, True),
    ],
    ids=["all is well", "nothing was tried", "one is due", "one failed"],
)
def test_certificates_are_made_again_for_all_where_one_host_needs_it(found: dict[str, Any], expected: bool) -> None:
    hostvars = {"hub": WELL, "eu": WELL, "us": WELL, "alone": {}, **found}
    assert certificates_due(hostvars, *GROUPS) is expected


def test_host_that_is_not_played_or_stands_alone_makes_nothing_due() -> None:
    assert not certificates_due({"eu": WELL, "hub": {}, "alone": {}}, "eu", "alone")
    assert not certificates(cast(Context, Playing("alone")), {"alone": {}}, "alone", {}, "due")


@pytest.mark.parametrize(
    ("hub", "played", "expected"),
    [
        ({}, ("eu", "us"), ["hub"]),
        ({"pki_own": {"client_ca": "certificate"}}, ("eu", "us", "hub"), []),
        ({}, ("hub", "alone"), []),
    ],
    ids=["left out", "told", "no edge is played"],
)
def test_hub_that_the_run_leaves_out_is_asked_once_for_all_edges(
    hub: dict[str, Any], played: tuple[str, ...], expected: list[str]
) -> None:
    hostvars: dict[str, Any] = {"hub": hub, "eu": {}, "us": {}, "alone": {}}
    assert certificates(cast(Context, Playing(*played)), hostvars, "eu", FLEET, "peers") == expected


def test_address_of_an_edge_is_the_one_under_which_this_run_published_it() -> None:
    hostvars = {"hub": {}, "eu": {"stack_result": {"published": {"query": "192.0.2.1:30901"}}}, "us": {}}
    told = fleet_of(hostvars, "hub", FLEET)["endpoints"]
    assert {edge: settings["address"] for edge, settings in told.items()} == {"eu": "192.0.2.1:30901", "us": ""}
    assert fleet_of(hostvars, "eu", FLEET) == {"endpoints": {}, "read_by": ["hub"]}
    assert fleet_of(hostvars, "hub", {}) == {}
