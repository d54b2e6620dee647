# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations that an option takes are those that the real Thanos takes: not every flag of it knows the same units."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._options.forms import FORMS
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.flags import name_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.testbed.binaries import path_of

DURATIONS = ("duration", "span", "interval")
VALUES = ("0", "1500ms", "90s", "1d12h", "6w", "2y")
# Option → what it is taken together with only.
BESIDE: dict[str, dict[str, Any]] = {
    "split_interval": {"query_range_cache": "NONE"},
    "min_split_interval": {"horizontal_shards": 4},
    "refresh": {"timeout": "1ms"},
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("tier", TIERS)
def test_thanos_parses_every_duration_that_is_taken(tier: str, value: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        name: value
        for name, row in TIERS[tier].options.items()
        if row.form in DURATIONS and FORMS[row.form].accepts(value) and not name.startswith("retention")
    }
    # Options that bound each other are those of the retention and this one.
    options.pop("store_response_timeout", None)
    for name in tuple(options):
        options.update(BESIDE.get(name, {}))
    stack = parse({"cluster": "eu", "instances": {tier: options}})
    for workload in stack.workloads(stack.instances[0]):
        args = [argument for argument in workload.args if name_of(argument) != "http-address"]
        args = [argument.replace("/var/thanos", str(tmp_path)) for argument in args]
        # It ends where it would listen, which is after its arguments were read.
        command = [str(path_of("thanos")), *args, "--http-address=127.0.0.1:99999"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode
        assert "parsing commandline" not in done.stderr, done.stderr
