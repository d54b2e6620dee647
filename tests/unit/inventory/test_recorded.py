# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run over the whole fleet hands over to one that sees a part of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import recorded
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.buckets import named
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.links import derive
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.members import Member, member
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology_checks import refusals, warnings

SECRET = "hunter2hunter2"
HOSTS: dict[str, dict[str, Any]] = {
    "hub": {"group_names": ["thanos_hub"], "thanos_reads": ["eu", "us"]},
    "eu": {
        "group_names": ["thanos_edge"],
        "thanos_context": "eu",
        "thanos_objstore": {
            "type": "S3",
            "bucket": "metrics",
            "prefix": "eu",
            "endpoint": "s3.example.org",
            "secret_key": SECRET,
            "access": {"reader": {"grant_to": ["b", "a"]}},
        },
        "thanos_query": {"publish": {"address": "eu.example.org:10901"}},
    },
    "us": {"group_names": ["thanos_edge"], "thanos_sidecar": {"external_labels": {"site": "us"}}},
    "alone": {"group_names": [], "thanos_sidecar": {"prometheus": {"stateful_set": "prometheus"}}},
}


def members() -> list[Member]:
    return [member(host, {"inventory_hostname": host, **own}) for host, own in HOSTS.items()]


def handed_over() -> Any:
    """The record as it comes out of a file."""
    made = recorded.record(members(), {host: named(own) for host, own in HOSTS.items()})
    text = json.dumps({recorded.KEY: made})
    assert SECRET not in text
    return recorded.read(text)


def test_a_recorded_host_is_the_host() -> None:
    assert recorded.members(handed_over(), without=()) == members()
    assert recorded.buckets(handed_over(), without=["us"])["eu"] == list(dict.fromkeys(named(HOSTS["eu"])))


def part(*hosts: str, **more: Any) -> list[Member]:
    """The hosts as a slice sees them."""
    return [
        member(host, {"inventory_hostname": host, **HOSTS.get(host, {}), **more, "thanos_part_of_fleet": "true"})
        for host in hosts
    ]


def test_a_slice_with_the_record_is_refused_what_the_fleet_is() -> None:
    slices = part("new", group_names=["thanos_edge"], thanos_objstore=HOSTS["eu"]["thanos_objstore"])
    alone = derive(slices)
    assert refusals(alone, ["new"]) == []
    assert any("no hub reads it" in sentence for sentence in warnings(alone))
    whole = derive([*slices, *recorded.members(handed_over(), without=["new"])])
    assert [
        str(one) for one in refusals(whole, ["new"]) if "eu and new would both compact S3 bucket metrics" in str(one)
    ]


def test_a_slice_with_the_record_knows_its_hubs() -> None:
    whole = derive([*part("eu"), *recorded.members(handed_over(), without=["eu"])])
    assert whole.read_by["eu"] == ("hub",)
    assert (refusals(whole, ["eu"]), warnings(whole)) == ([], [])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"record": []}', '{"hosts": {}, "links": []}', '{"record": {"eu": {"groups": []}}}']
)
def test_what_is_no_record_is_told_with_what_to_give(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"thanos_topology: .*Run it over the whole inventory"):
        recorded.members(recorded.read(text), without=())
