# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kubelet does with a container before it starts it, for tests that start the program themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping


def expanded(argument: str, env: Mapping[str, str]) -> str:
    """What a kubelet makes of a container's argument (k8s.io/kubernetes/third_party/forked/golang/expansion)."""

    def one(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else env.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", one, argument)
