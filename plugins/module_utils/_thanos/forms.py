# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moved to _options."""

from __future__ import annotations

from .._options.forms import FORMS, Form, seconds

__all__ = ["FORMS", "Form", "seconds"]
