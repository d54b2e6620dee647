# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiers are named where they are declared: all else asks for what a tier declares, and never for its name."""

from __future__ import annotations

import ast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS
from tests.tasks.source import PLUGINS, nodes

# A word may have another meaning; each tier's name still stands in no more files than this.
MOST = 3
# File → what the same word means there.
OTHER_MEANINGS = {
    "doc_fragments/objstore.py": "the option store of modules",
    "module_utils/_thanos/compactors.py": "the command in a workload of somebody else",
    "module_utils/_thanos/flags.py": "flags of that name",
    "module_utils/_thanos/objstore_secret_task.py": "the option store of modules",
    "module_utils/_thanos/read_existing.py": "the command in a workload of somebody else",
    "module_utils/_verify/checks/loaded_rings.py": "a handler of Thanos' HTTP server",
    "module_utils/_verify/answers.py": "a parameter of the HTTP API",
    "module_utils/_verify/checks/queries.py": "a noun in a sentence",
}


def quoting(tier: str) -> set[str]:
    """The files outside tiers/ and _objstore/ in which the name of a tier stands as a text of its own."""
    return {
        str(path.relative_to(PLUGINS))
        for path in PLUGINS.rglob("*.py")
        if not {"tiers", "_objstore"} & set(path.parts)
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value == tier
    }


@pytest.mark.parametrize("tier", TIERS)
def test_the_name_of_a_tier_is_quoted_in_few_files(tier: str) -> None:
    assert len(quoting(tier)) <= MOST


def test_no_file_beside_the_tiers_quotes_the_name_of_one_and_means_the_tier() -> None:
    assert set().union(*map(quoting, TIERS)) == OTHER_MEANINGS.keys()
