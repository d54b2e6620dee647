# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about rights shows how to get the role that a host needs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import role
from tests.support.playbooks import run_afresh
from tests.tasks.tree import ROOT


def test_command_of_the_page_about_rights_makes_the_role_of_a_host(tmp_path: Path) -> None:
    text = (ROOT / "docs/rights.md").read_text()
    commands = shlex.split(text.partition("```shell")[2].partition("```")[0], comments=True)
    variables = {"thanos_enabled": ["query", "store"], "thanos_namespace": "ops"}
    hosts = {"eu": {**variables, "ansible_python_interpreter": sys.executable}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    done = run_afresh(*commands[: commands.index("kubectl")], cwd=tmp_path)
    assert done.code == 0, done.text
    assert yaml.safe_load((tmp_path / "rights-eu.yml").read_text()) == role(variables)
