# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles document of themselves, read once, since reading it takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tasks.tree import ROOT

ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


@cache
def entry_points(role: Path) -> Mapping[str, Any]:
    """Name of each entry point of a role → what ``meta/argument_specs.yml`` says of it; without that file none."""
    path = role / "meta" / "argument_specs.yml"
    return dict(yaml.safe_load(path.read_text())["argument_specs"]) if path.exists() else {}
