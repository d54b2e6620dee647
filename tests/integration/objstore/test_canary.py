# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of a store is in any output of a task, however it ends, at the highest verbosity."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objstore.conftest import Bucket
from tests.tasks.tree import collections_path

CANARIES = {
    "access_key": "CANARYaccess0001",
    "secret_key": "CANARYsecret/0002+x",
    "session_token": "CANARYtoken=0003==",
}


def forms(secret: str) -> set[str]:
    """The secret as it is, escaped, and inside base64 at each of the three alignments."""
    found = {secret, json.dumps(secret)[1:-1], secret.replace("/", "%2F")}
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + secret.encode()).decode().rstrip("=")
        found.add(text[4 if offset else 0 : -2])
    return found


def play(folder: Path, store: dict[str, Any], *arguments: str, **options: Any) -> str:
    """The whole output of ``ansible-playbook`` for one ``bucket`` task."""
    task = {"o11y.thanos.bucket": {"store": "{{ store }}", "timeout": 3, **options}, "register": "result"}
    show = {"ansible.builtin.debug": {"var": "result"}, "when": "result is defined"}
    playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": [{**task, "ignore_errors": True}, show]}]
    path = folder / "play.json"
    path.write_text(json.dumps(playbook))
    (folder / "vars.json").write_text(json.dumps({"store": store, "ansible_python_interpreter": sys.executable}))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "-vvvv", "--diff"),
            *("-e", f"@{folder}/vars.json", *arguments, str(path)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path()), "ANSIBLE_LOCALHOST_WARNING": "false"},
    )
    output = done.stdout + done.stderr
    assert "PLAY RECAP" in output, output
    return output


CASES: dict[str, dict[str, Any]] = {
    "present": {},
    "check": {"arguments": ("--check",)},
    "mistakes": {"store": {"endpoint": "http://x/y", "acess_key": CANARIES["secret_key"], "part_size": 1}},
    "key missing": {"store": {"access_key": ""}},
    "unreachable": {"store": {"endpoint": "127.0.0.1:1"}},
    "no TLS": {"store": {"insecure": False}},
    "absent": {"options": {"state": "absent", "force": True}},
    "pods": {"store": {"pods": {**CANARIES, "endpoint": "http://x"}}},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["versitygw", "moto"])
def test_no_secret_is_printed(on: Callable[[str], Bucket], tmp_path: Path, kind: str, case: str) -> None:
    wanted = CASES[case]
    store = {**on(kind).store, **CANARIES, **wanted.get("store", {})}
    output = play(tmp_path, store, *wanted.get("arguments", ()), **wanted.get("options", {}))
    for secret in CANARIES.values():
        assert [form for form in forms(secret) if form in output] == []
