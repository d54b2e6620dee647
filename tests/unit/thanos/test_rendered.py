# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server would refuse of the objects is told with the option that it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Phase
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rendered import would_be_refused
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import ENVIRONMENT, FACTS, FIVE_TIERS

ZONE = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
ROWS: list[tuple[str, dict[str, Any], str]] = [
    (
        "query",
        {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
        "env: name A is given twice; leave ",
    ),
    (
        "ruler",
        {"env": [{"name": "POD_NAME", "value": "x"}]},
        "env: name POD_NAME is set by the collection itself; use ",
    ),
    (
        "compact",
        {"env": [{"name": "OBJSTORE_ACCESS_KEY"}]},
        "env: name OBJSTORE_ACCESS_KEY is set by the collection it",
    ),
    (
        "store",
        {"image_pull_secrets": ["a", "b", "a"]},
        "image_pull_secrets: name a is given twice; leave one of them ou",
    ),
    (
        "sidecar",
        {"secrets": ["a", "a"]},
        "secrets: mountPath /etc/thanos/secrets/a is given twice; leave one of them o",
    ),
    (
        "query",
        {"secrets": ["b", "c"], "config_maps": ["c", "c"]},
        "config_maps: mountPath /etc/thanos/config-maps/c is given twice; leave one of them out",
    ),
    ("store", {"config_maps": ["a", "a"]}, "config_maps: mountPath /etc/thanos/config-maps/a is given twice; leave on"),
    (
        "query",
        {"topology_spread_constraints": [ZONE, {**ZONE, "maxSkew": 2}]},
        "topology_spread_constraints: topologyKey zone, whenUnsatisfiable ScheduleAnyway is given twice; leave one of",
    ),
    (
        "query",
        {"topology_spread_constraints": [{"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]},
        "topology_spread_constraints: an entry with whenUnsatisfiable DoNotSchedule has no topologyKey; give it one.",
    ),
]


def told(instances: dict[str, Any], facts: Facts = FACTS) -> list[str]:
    """The sentences about what would be refused."""
    stack = parse({"cluster": "eu", "instances": instances})
    return [str(finding) for finding in would_be_refused(stack, phases(stack, facts))]


@pytest.mark.parametrize(("tier", "options", "sentence"), ROWS, ids=lambda x: str(x)[:50])
def test_what_the_server_refuses_is_told_once_at_its_option(tier: str, options: dict[str, Any], sentence: str) -> None:
    (found,) = told({tier: options}, ENVIRONMENT if tier == "compact" else FACTS)
    assert found.startswith(f"instances.{tier}.{sentence}")


def test_nothing_is_told_of_what_the_server_takes() -> None:
    assert (
        told({**FIVE_TIERS, "query": {"env": [{"name": "A"}, {"name": "B"}], "secrets": ["a"], "config_maps": ["a"]}})
        == []
    )


def test_clash_that_is_of_no_option_names_the_object() -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {}}})
    (service,) = [
        m for p in phases(stack, FACTS) for m in p.objects if m["metadata"]["name"] == "thanos-query-headless"
    ]
    service["spec"]["ports"].append(service["spec"]["ports"][0])
    (found,) = would_be_refused(stack, [Phase("all", [service])])
    place = "Service thanos-query-headless, spec.ports: port 10902, protocol TCP"
    assert str(found) == f"instances.query: {place} is given twice; leave one of them out."
