# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules can do besides their work."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes that the modules share."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and tell what would change, without changing anything.
    support: full
  diff_mode:
    description: Will return details on what has changed, or would change in check mode. Secret values are not shown.
    support: full
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and tell what would change, without changing anything.
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    description: Will return details on what has changed, or would change in check mode. Secret values are not shown.
    support: N/A
    details:
      - This module changes nothing.
"""
