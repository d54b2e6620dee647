# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hashring file: its text, its order, and the hash by which routers tell what they have loaded."""

from __future__ import annotations

import json
import struct

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.ring_file import (
    hashes_of,
    in_file,
    read_rings,
    ring_config_map,
    ring_text,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.hashring.rings import Hashring, Ingestor

HOT = Hashring("hot", (Ingestor("hot-0.hot:10901"), Ingestor("hot-1.hot:10901")), ("team-a", "team-b"))
COLD = Hashring(
    "cold", (Ingestor("cold-0.cold:10901", "cold-0.cold:19391", "zone-a"),), ("team-*",), "glob", zones=True
)
REST = Hashring("rest", (Ingestor("rest-0.rest:10901"),), algorithm="hashmod")
SPARE = Hashring("spare", (Ingestor("spare-0.spare:10901"),), standby_for="hot")


def test_a_ring_says_what_it_is() -> None:
    assert json.loads(ring_text((HOT, COLD, REST))) == [
        {
            "hashring": "hot",
            "tenants": ["team-a", "team-b"],
            "tenant_matcher_type": "exact",
            "endpoints": [{"address": "hot-0.hot:10901"}, {"address": "hot-1.hot:10901"}],
            "algorithm": "ketama",
        },
        {
            "hashring": "cold",
            "tenants": ["team-*"],
            "tenant_matcher_type": "glob",
            "endpoints": [{"address": "cold-0.cold:10901", "capnproto_address": "cold-0.cold:19391", "az": "zone-a"}],
            "algorithm": "ketama",
        },
        {"hashring": "rest", "endpoints": [{"address": "rest-0.rest:10901"}], "algorithm": "hashmod"},
    ]


def test_what_is_written_is_read_back() -> None:
    assert read_rings(ring_text((HOT, COLD, REST))) == (HOT, COLD, REST)


def test_an_address_alone_is_read_too() -> None:
    assert read_rings('[{"endpoints": ["a-0.a:10901"]}]') == (Hashring("", (Ingestor("a-0.a:10901"),)),)


@pytest.mark.parametrize("text", ["", "{", "1", "[1]", '[{"hashring": "a"}]', '[{"endpoints": [1]}]'])
def test_what_is_no_ring_file_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"hashring file|Expecting"):
        read_rings(text)


def test_the_hash_is_the_first_six_bytes_of_a_digest_with_the_lowest_first() -> None:
    sha256 = "e3b0c44298fc" + "0000"
    md5 = "d41d8cd98f00" + "0000"
    assert hashes_of("") == {struct.unpack("<Q", bytes.fromhex(each))[0] for each in (sha256, md5)}


def test_exact_rings_come_first_then_globs_then_the_default_ring() -> None:
    mixed = (REST, COLD, HOT)
    assert [ring.name for ring in in_file(mixed)] == ["hot", "cold", "rest"]


def test_rings_of_one_kind_keep_the_order_in_which_they_are_given() -> None:
    rings = [Hashring(name, HOT.members, (f"{name}-*",), "glob") for name in ("z", "a", "m")]
    assert [ring.name for ring in in_file(rings)] == ["z", "a", "m"]


def test_a_standby_is_in_no_file() -> None:
    assert in_file((HOT, SPARE, REST)) == (HOT, REST)


def test_a_standby_that_takes_over_has_place_and_tenants_of_the_other() -> None:
    taking = Hashring("spare", SPARE.members, standby_for="hot", takes_over=True)
    assert in_file((REST, taking, HOT)) == (Hashring("spare", SPARE.members, HOT.tenants), REST)


def test_members_are_told_by_number_and_not_by_text() -> None:
    member = Ingestor("thanos-receive-hot-10.thanos-receive-hot-headless.monitoring.svc:10901")
    assert (member.pod, member.workload, member.ordinal) == ("thanos-receive-hot-10", "thanos-receive-hot", 10)
    assert Ingestor("10.0.0.7:10901").ordinal == Ingestor("alone:10901").ordinal == -1


def test_the_config_map_is_called_after_the_instance() -> None:
    assert ring_config_map("thanos-receive") == "thanos-receive-hashrings"
