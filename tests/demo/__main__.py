# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.demo up`` and ``down``. KUBECONFIG, CONTEXT and THANOS_OBJSTORE choose what is used."""

from __future__ import annotations

import sys

from tests.tasks.tree import collections_path

# Before the import of what imports the collection.
sys.path.insert(0, str(collections_path()))

from tests.demo.demo import main

sys.exit(main(sys.argv[1:]))
