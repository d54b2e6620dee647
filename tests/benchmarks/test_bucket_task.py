# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an unchanged S3 bucket costs as a whole task, from Ansible's start of it to its result, beside amazon.aws."""

from __future__ import annotations

import datetime
import json
import os
import re
import statistics
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import wheel
from tests.benchmarks.delay_proxy import Running
from tests.benchmarks.test_bucket import LATENCY_MS, OPTIONS, client, far
from tests.support.playbooks import Play, play
from tests.tasks.tree import collections_path

__all__ = ["far"]
ROUNDS = 9
RATIO = 1.0
OURS, THEIRS = "o11y.thanos.bucket", "amazon.aws.s3_bucket"
# A line of Ansible's log: when, and which task begins or that it ended well.
_LINE = re.compile(r"^(\S+ \S+) .*?(?:TASK \[(?P<name>[^]]+)\]|(?P<ended>ok): \[)", re.MULTILINE)


def theirs(options: dict[str, Any], policy: str) -> dict[str, Any]:
    """The same wishes in the words of amazon.aws; it knows no lifecycle, which ours reads as well."""
    flags = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    return {
        "name": options["bucket"],
        "endpoint_url": f"http://{options['endpoint']}",
        "access_key": options["access_key"],
        "secret_key": options["secret_key"],
        "region": "us-east-1",
        "versioning": True,
        "encryption": "AES256",
        "object_ownership": OPTIONS["ownership"],
        "public_access": dict.fromkeys(flags, True),
        "tags": OPTIONS["tags"],
        "policy": policy,
    }


def durations(log: str) -> dict[str, list[float]]:
    """Name of the task → milliseconds of each time that it ran."""
    found: dict[str, list[float]] = {}
    began: tuple[str, datetime.datetime] | None = None
    for line in _LINE.finditer(log):
        when = datetime.datetime.strptime(line[1], "%Y-%m-%d %H:%M:%S,%f")
        if line["name"]:
            began = line["name"], when
        elif began is not None:
            found.setdefault(began[0], []).append((when - began[1]).total_seconds() * 1000)
            began = None
    return found


def run(tasks: list[dict[str, Any]], folder: Path) -> Play:
    """Run these tasks on this host."""
    playbook = folder / "play.json"
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return play(str(playbook), {"here": host}, folder)


def test_an_unchanged_bucket_as_a_whole_task(
    far: tuple[dict[str, Any], Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, _proxy = far
    policy = client(options).get_bucket_policy(Bucket=options["bucket"])["Policy"]
    tasks = [{"name": OURS, OURS: {"store": options}}, {"name": THEIRS, THEIRS: theirs(options, policy)}]
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", os.pathsep.join(map(str, (collections_path(), wheel.collections()))))
    # Once for what theirs writes even so, and to find the caches of the host warm.
    assert run(tasks, tmp_path).code == 0
    log = tmp_path / "ansible.log"
    monkeypatch.setenv("ANSIBLE_LOG_PATH", str(log))
    done = run([task for number in range(ROUNDS) for task in (tasks if number % 2 else tasks[::-1])], tmp_path)
    assert done.recap() == {"here": (0, 0)}, done.text
    times = durations(log.read_text())
    assert {name: len(each) for name, each in times.items()} == {OURS: ROUNDS, THEIRS: ROUNDS}
    took = {name: statistics.median(each) for name, each in times.items()}
    ratio = took[OURS] / took[THEIRS]
    figures = ", ".join(f"{name} {ms:.0f} ms" for name, ms in sorted(took.items()))
    print(f"\nunchanged bucket as a task, {LATENCY_MS} ms latency: {figures}, {ratio:.2f} times (at most {RATIO:.2f})")
    assert ratio <= RATIO
