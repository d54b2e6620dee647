# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of hosts, as the checks of a fleet are given them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

HUB, EDGE = "thanos_hub", "thanos_edge"


def host(name: str, groups: Iterable[str], **more: Any) -> dict[str, Any]:
    """The variables of a host in these groups, which has nothing in common with another one."""
    return {
        "inventory_hostname": name,
        "group_names": list(groups),
        "thanos_context": name,
        "thanos_objstore": {"type": "S3", "endpoint": "s3.example.org", "bucket": name},
        **more,
    }
