# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ``objstore.yml`` says, read by a parser that knows nothing of how it was written."""

from __future__ import annotations

from typing import Any

import yaml


def parse(text: str) -> dict[str, Any]:
    """Its keys, flat as ``render`` takes them."""
    document = yaml.safe_load(text)
    return {**document.pop("config"), **document}
