# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What promtool says of rule files, where it is installed. Thanos' own keys are taken out first."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping

from .._body import Command
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


def problems_of(files: Mapping[str, str], where: str, command: Command) -> tuple[list[Finding], list[str]]:
    """Sentences of ``promtool check rules`` for files whose structure is right, none without promtool on the PATH, and
    warnings about files that it did not judge.
    """
    promtool = shutil.which("promtool")
    if not promtool or not files:
        return [], []
    problems: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="thanos-rules-") as folder:
        for name, text in sorted(files.items()):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(_for_prometheus(text))
            try:
                done = command([promtool, "check", "rules", "--lint=none", path], SECONDS)
            except TimeoutError:
                return problems, [_not_judged(where, name, f"did not end within {SECONDS} seconds")]
            except OSError as error:
                return problems, [_not_judged(where, name, f"cannot be started: {error.strerror}")]
            if done.code < 0:
                return problems, [_not_judged(where, name, f"was ended by signal {-done.code}")]
            if done.code:
                said = " ".join(done.said.replace(f"{folder}/", "").split())
                problems.append(mistake("rules-invalid", where, f"{name}: promtool: {said}"))
    return problems, []


def _not_judged(where: str, name: str, why: str) -> str:
    # The others would wait as long, so they are not asked about.
    return (
        f"{where}: promtool {why}, so that nothing judged the expressions and templates of {name} and what follows it: "
        "what is wrong with them shows when a ruler refuses to load them"
    )


def _for_prometheus(text: str) -> str:
    import yaml

    document = yaml.safe_load(text)
    for group in document["groups"]:
        group.pop("partial_response_strategy", None)
    return str(yaml.safe_dump(document, sort_keys=False))
