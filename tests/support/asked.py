# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the stack that a loopback stack is: what verify is told of the processes that it asks."""

from __future__ import annotations

from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import rule_files as files_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import slots
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tier import Duty
from tests.support.loopback import CLUSTER, SCRAPE_INTERVAL

RULES = {"groups": [{"name": "availability", "rules": [{"record": "job:up:sum", "expr": "sum by (job) (up)"}]}]}
PARAMS: dict[str, Any] = {
    "cluster": CLUSTER,
    "instances": {
        "sidecar": {"scrape_interval": f"{SCRAPE_INTERVAL}s"},
        "store": {},
        "query": {},
        "query_frontend": {},
        "compact": {},
        "bucket_web": {"refresh": "10s", "timeout": "5s"},
        "ruler": {
            "rules": {"availability.yaml": RULES},
            "alertmanagers": ["http://alertmanager.monitoring.svc:9093"],
            "test_alert": True,
            "evaluation_interval": "2s",
        },
    },
}


def rule_files() -> dict[str, str]:
    """The rule files of the ruler, as its ConfigMaps hold them."""
    stack = parse(PARAMS)
    laid_out = slots(files_of(stack.doing(Duty.RULES)[0], Facts()))
    return {name: text for slot in laid_out for name, text in slot.items()}
