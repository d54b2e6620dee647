# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every client for S3 needs is there before Ansible forks its workers, and nothing that they must not share."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tasks.tree import collections_path

LOADED = """
import os, sys, threading
from ansible.plugins.loader import action_loader, init_plugin_loader

init_plugin_loader([sys.argv[1]])
action_loader.get(sys.argv[2], class_only=True)
from botocore.loaders import JSONFileLoader
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3 import S3

numbers = os.listdir("/proc/self/fd")
open_files = [os.path.realpath(f"/proc/self/fd/{number}") for number in numbers]
assert not [name for name in open_files if "socket:" in name], open_files
assert threading.active_count() == 1
read, before = [], set(sys.modules)
JSONFileLoader.load_file = lambda self, path: read.append(path)
S3({"bucket": "b", "endpoint": "localhost", "insecure": True, "access_key": "a", "secret_key": "b"}, 1, "")
assert not read, read
assert not set(sys.modules) - before, set(sys.modules) - before
"""
BROKEN = """
import sys
from ansible.plugins.loader import action_loader, init_plugin_loader

sys.modules["botocore.session"] = sys.modules["boto3"] = None
init_plugin_loader([sys.argv[1]])
assert action_loader.get(sys.argv[2], class_only=True).module == sys.argv[2]
"""


@pytest.mark.parametrize("program", [LOADED, BROKEN], ids=["there", "missing"])
def test_plugin_loads_the_sdk_where_there_is_one(program: str) -> None:
    command = [sys.executable, "-c", program, str(collections_path()), "o11y.thanos.bucket"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
