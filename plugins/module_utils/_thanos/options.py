# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moved to _options."""

from __future__ import annotations

from .._options.engine import convert, separated
from .._options.rows import Option, Options, argument_spec

__all__ = ["Option", "Options", "argument_spec", "convert", "separated"]
