# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose API server only a bastion reaches: the playbooks run their modules there, by ssh."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.lone_querier import DEPLOYMENT, comes_once_and_goes, host_of
from tests.support.playbooks import play
from tests.testbed.control_plane import ControlPlane
from tests.testbed.ssh_server import ssh_server

pytestmark = pytest.mark.api


def test_check_deploy_and_teardown_through_a_bastion(tmp_path: Path) -> None:
    with ControlPlane() as plane, ssh_server() as server:
        host = host_of(plane, ansible_python_interpreter=sys.executable, **server.variables())
        checked = play("deploy", {"eu": host}, tmp_path, "--tags", "stack", "--check")
        assert checked.recap() == {"eu": (1, 0)}, checked.text
        assert plane.api.request("GET", DEPLOYMENT).status == 404
        comes_once_and_goes(plane, host, tmp_path)
        # Each of the four runs came in by the door.
        assert server.logins() >= 4
