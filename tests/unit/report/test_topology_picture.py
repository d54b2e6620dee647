# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology as a picture and as a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology
from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_page import page
from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_svg import svg
from tests.support.pages import Reading

NAMES = {"svg": "http://www.w3.org/2000/svg"}
EVIL = '<script>alert("1")</script>&\x07'


def fleet(edges: int, **more: dict[str, Any]) -> dict[str, Any]:
    """A hub, which reads that many edges, and ``more`` hosts."""
    hosts: dict[str, dict[str, Any]] = {"hub": {"group_names": ["thanos_hub"]}}
    hosts |= {f"e{number}": {"group_names": ["thanos_edge"]} for number in range(edges)} | more
    return topology({name: {"thanos_context": name, **variables} for name, variables in hosts.items()})


def texts(picture: xml.Element) -> list[str]:
    return [text.text or "" for text in picture.iterfind(".//svg:text", NAMES)]


def boxes(picture: xml.Element) -> dict[str, tuple[float, float]]:
    """Host → where its box begins."""
    found = {}
    for group in picture.iterfind("svg:g", NAMES):
        title, rect = group.find("svg:title", NAMES), group.find("svg:rect", NAMES)
        assert title is not None
        assert rect is not None
        found[title.text or ""] = (float(rect.attrib["x"]), float(rect.attrib["y"]))
    return found


def test_hub_is_above_its_edges_and_a_lonely_host_below_all() -> None:
    picture = xml.fromstring(svg(fleet(2, lonely={})))
    place = boxes(picture)
    assert place["hub"][1] < place["e0"][1] == place["e1"][1] < place["lonely"][1]
    assert len(picture.findall("svg:line", NAMES)) == 2
    assert {"hub, cluster hub", "edge, cluster e0", "alone, cluster lonely"} <= set(texts(picture))


def test_link_tells_address_and_encryption_in_words() -> None:
    plain = {"thanos_fleet_tls": False, "thanos_query": {"publish": {"address": "e9.example.org:10901"}}}
    picture = xml.fromstring(svg(fleet(1, e9={"group_names": ["thanos_edge"], **plain})))
    told = texts(picture)
    assert told.count("mutual TLS") == told.count("plain text") == told.count("address not known yet") == 1
    assert "e9.example.org:10901" in told
    description = picture.find("svg:desc", NAMES)
    assert description is not None
    assert description.text == "hub reads e0; hub reads e9"


def test_no_box_covers_another_one_or_leaves_the_picture() -> None:
    picture = xml.fromstring(svg(fleet(9)))
    width, height = (float(picture.attrib[side]) for side in ("width", "height"))
    places = list(boxes(picture).values())
    assert all(0 <= x <= width - 260 and 0 <= y <= height - 84 for x, y in places)
    assert all(abs(x - u) >= 260 or abs(y - v) >= 84 for x, y in places for u, v in places if (x, y) != (u, v))
    assert len(set(places)) == 10


def test_what_is_not_known_is_told_in_words() -> None:
    assert "edge, not known" in texts(xml.fromstring(svg(fleet(1, e9={"group_names": ["thanos_edge"], "thanos_x": 1}))))


def test_nothing_is_loaded_or_run_whatever_the_names_are() -> None:
    made = fleet(1, **{EVIL: {"group_names": ["thanos_edge"], "thanos_cluster": EVIL, "thanos_stack": EVIL}})
    for text in (svg(made), page(made)):
        assert "<script" not in text
        assert "\x07" not in text
        assert not re.search(r"\b(src|href|on\w+)=|url\(|@import", text.replace(NAMES["svg"], ""))
    assert [name for name in boxes(xml.fromstring(svg(made))) if name.startswith('<script>alert("1")</script>&')]


def test_page_has_what_is_wrong_the_picture_and_all_of_it_in_tables() -> None:
    made = fleet(1, e9={"group_names": ["thanos_edge"], "thanos_cluster": "e0"}, typo={"thanos_typo": 1})
    text = page(made)
    read = "".join(Reading(text).text)
    assert all(sentence in read for sentence in (*made["refusals"], *made["warnings"]))
    assert text.index("Refused") < text.index("<svg") < text.index("<table>")
    assert "query.thanos.e9.thanos.internal" in read


def test_page_without_links_says_so() -> None:
    assert "<p>None.</p>" in page(topology({"a": {}}))
    assert "Refused" not in page(topology({"a": {}}))
