# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the demo."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on. ``str(e)`` is a sentence for the person who ran it."""
