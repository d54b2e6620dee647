# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the collection importable from any checkout, before a test imports it."""

from __future__ import annotations

import os
import sys

from tests.tasks.tree import collections_path

_COLLECTIONS = str(collections_path())
sys.path.insert(0, _COLLECTIONS)
os.environ["ANSIBLE_COLLECTIONS_PATH"] = _COLLECTIONS
