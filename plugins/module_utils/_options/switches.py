# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches as a user gives them, before they are converted: as a value, or as the text of a survey or the command line.

Ansible's own sets hold the words and the numbers; there ``True`` is in lower case.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE


def is_true(value: Any) -> bool:
    """Whether a value is true. What is neither true nor false, or not set, is not."""
    return str(value).lower() in BOOLEANS_TRUE


def is_false(value: Any) -> bool:
    """Whether a value is false. What is neither true nor false, or not set, is not."""
    return str(value).lower() in BOOLEANS_FALSE
