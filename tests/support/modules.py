# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module as Ansible does, in a process of its own: arguments as JSON in, the result as JSON out."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from typing import Any

from tests.support import forked


@dataclass(frozen=True)
class Result:
    """What a module printed; ``text`` is everything, for looking for what must not be there."""

    values: dict[str, Any]
    text: str = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def failed(self) -> bool:
        """Whether the module failed."""
        return bool(self.values.get("failed"))

    @property
    def warnings(self) -> str:
        """Every warning, as text."""
        return json.dumps(self.values.get("warnings", []))

    def actions(self) -> dict[str, str]:
        """Kind/name → action of every object that was not left as it was."""
        return {f"{o['kind']}/{o['name']}": o["action"] for o in self["objects"] if o["action"] != "unchanged"}


def run_module(
    name: str,
    arguments: dict[str, Any],
    *,
    check: bool = False,
    diff: bool = False,
    environment: dict[str, str] | None = None,
) -> Result:
    """Run ``o11y.thanos.<name>``."""
    internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_verbosity": 3}
    told = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, **internal}})
    own = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(environment or {})}
    out, error = forked.run(f"ansible_collections.o11y.thanos.plugins.modules.{name}", told, own, timeout=600)
    lines = [line for line in out.splitlines() if line.startswith("{")]
    if not lines:
        raise AssertionError(f"{name} printed no result: {out}{error}")
    return Result(json.loads(lines[-1]), out + error)
