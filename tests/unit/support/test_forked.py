# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that are forked off one that has imported the libraries."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import forked


def test_modules_side_by_side_have_input_and_outputs_of_their_own() -> None:
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda n: forked.run("json.tool", json.dumps({"n": n}), os.environ, 60), range(4)))
    assert [(json.loads(out), error) for out, error in done] == [({"n": n}, "") for n in range(4)]


def test_what_goes_wrong_is_in_the_second_output() -> None:
    out, error = forked.run("json.tool", "{", os.environ, 60)
    assert (out, "Expecting property name" in error) == ("", True)


def test_module_sees_the_environment_that_it_is_given() -> None:
    out, _error = forked.run("site", "", {"PYTHONUSERBASE": "/of/the/test"}, 60)
    assert "/of/the/test" in out


def test_module_that_does_not_end_is_killed() -> None:
    with pytest.raises(TimeoutError):
        forked.run("timeit", "", os.environ, 0.2)
