# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What promtool says of rule files, where it is installed. Thanos' own keys are taken out first."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping

from .._findings import Finding, mistake

SECONDS = 30


def unjudged(given: bool) -> list[str]:
    """A sentence where there are rules and no promtool. The same for each host and ruler, so that it shows once."""
    if not given or shutil.which("promtool"):
        return []
    return [
        "promtool is not on the PATH of the host where this task runs, so that nothing judged the expressions and "
        "templates of rules: what is wrong with them shows when a ruler refuses to load them"
    ]


def problems_of(files: Mapping[str, str], where: str) -> list[Finding]:
    """Sentences of ``promtool check rules`` for files whose structure is right; none without promtool on the PATH."""
    promtool = shutil.which("promtool")
    if not promtool or not files:
        return []
    problems = []
    with tempfile.TemporaryDirectory(prefix="thanos-rules-") as folder:
        for name, text in sorted(files.items()):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(_for_prometheus(text))
            command = [promtool, "check", "rules", "--lint=none", path]
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
            if done.returncode:
                said = " ".join((done.stderr or done.stdout).replace(f"{folder}/", "").split())
                problems.append(mistake("rules-invalid", where, f"{name}: promtool: {said}"))
    return problems


def _for_prometheus(text: str) -> str:
    import yaml

    document = yaml.safe_load(text)
    for group in document["groups"]:
        group.pop("partial_response_strategy", None)
    return str(yaml.safe_dump(document, sort_keys=False))
