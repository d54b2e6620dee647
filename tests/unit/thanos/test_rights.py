# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Role that a run needs follows from the tables, and the page about rights shows the one that tests deploy with."""

from __future__ import annotations

from tests.support.role import rules_for, text
from tests.tasks.tree import ROOT


def test_page_shows_the_generated_role() -> None:
    assert text() in (ROOT / "docs/rights.md").read_text(encoding="utf-8")


def test_role_holds_what_rendered_roles_grant_and_nothing_of_the_cluster() -> None:
    role = {"kind": "Role", "rules": [{"apiGroups": [""], "resources": ["endpoints"], "verbs": ["watch"]}]}
    rules = rules_for([role, {"kind": "Namespace"}], wait=False, proxy=True, reads=["Service"])
    granted = {(r["apiGroups"][0], r["resources"][0]): r["verbs"] for r in rules}
    assert granted == {
        ("", "configmaps"): ["create", "delete", "get", "list", "patch"],
        ("", "endpoints"): ["watch"],
        ("", "pods/proxy"): ["create", "get"],
        ("", "services"): ["get", "list"],
        ("rbac.authorization.k8s.io", "roles"): ["create", "delete", "get", "list", "patch"],
    }
