# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as the sentences that users read."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.o11y.thanos.plugins.module_utils._findings import Finding


def sentences(findings: Iterable[Finding]) -> list[str]:
    """What each of the findings says."""
    return [str(finding) for finding in findings]
