# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topology on a terminal."""

from __future__ import annotations

from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.topology import topology
from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_table import few, table

HOSTS: dict[str, dict[str, Any]] = {
    "hub": {"group_names": ["thanos_hub"], "thanos_context": "hub"},
    "eu": {"group_names": ["thanos_edge"], "thanos_context": "eu", "thanos_query": {"publish": {"address": "eu:1"}}},
    "us": {"group_names": ["thanos_edge"], "thanos_context": "us", "thanos_cluster": "eu"},
    "asia": {"group_names": [], "thanos_typo": 1},
}
TABLE = """
HOST  ROLE   LEVEL  CLUSTER  STACK                 THANOS  TIERS                          READS
hub   hub    1      hub      thanos in monitoring  0.42.4  query, ruler                   eu, us
asia  alone  0      ?        ?                     ?       ?                              -
eu    edge   0      eu       thanos in monitoring  0.42.4  sidecar, store, query, compact  -
us    edge   0      eu       thanos in monitoring  0.42.4  sidecar, store, query, compact  -

LINK          ADDRESS        NAME IN THE CERTIFICATE         TLS
hub reads eu  eu:1           query.thanos.eu.thanos.internal  mutual
hub reads us  not known yet  query.thanos.us.thanos.internal  mutual

refused  sidecar of eu and sidecar of us have the same labels
warning  Whether asia fits the other hosts is not known
"""


def test_hubs_come_first_and_what_is_wrong_last() -> None:
    lines = table(topology(HOSTS))
    shown = TABLE.strip().splitlines()
    assert [line.split() for line in lines[:-2]] == [line.split() for line in shown[:-2]]
    assert all(line.startswith(beginning) for line, beginning in zip(lines[-2:], shown[-2:], strict=True))


def test_alone_there_are_no_links() -> None:
    assert len(table(topology({"a": {}}))) == 2


def test_many_names_are_counted() -> None:
    assert few(["a", "b"]) == "a, b"
    assert few([f"e{number}" for number in range(9)]) == "e0, e1, e2, e3, 5 more"
