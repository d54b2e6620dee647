# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags that are refused beside each other are those that the real Thanos does not start with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.flags import problems_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import DEFAULT_THANOS
from tests.testbed.binaries import path_of


@pytest.mark.parametrize(
    ("tier", "rendered", "extra"),
    [
        ("query", "--endpoint.sd-config-file=/dev/null", "--endpoint.sd-config=x"),
        ("ruler", "--objstore.config-file=/dev/null", "--objstore.config=x"),
        ("ruler", "--query=http://a", "--query.config=x"),
        ("ruler", "--alertmanagers.url=http://a", "--alertmanagers.config=x"),
    ],
)
def test_thanos_does_not_start_with_both(tmp_path: Path, tier: str, rendered: str, extra: str) -> None:
    declared = TIERS[tier]
    (problem,) = problems_of(
        tier, declared.flags, DEFAULT_THANOS, [extra], [rendered], declared.option_of, "extra_args"
    )
    assert "which the option " in str(problem)
    common = ["--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0"]
    rule = ["rule", f"--data-dir={tmp_path}", "--query=http://b", '--label=a="b"']
    command = [str(path_of("thanos")), *(rule if tier == "ruler" else [tier]), *common, rendered, extra]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode
    assert "flags set" in done.stderr or "cannot be defined at the same time" in done.stderr, done.stderr
