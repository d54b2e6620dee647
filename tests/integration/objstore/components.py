# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real components of Thanos on one bucket, each with the objstore.yml that is written for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.objstore_yml import FILE, render
from tests.integration.objstore.sites import Options
from tests.testbed import versions
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup
from tests.testbed.shell import environment

REPLICAS = ("a", "b")
# Every test run has an address of its own in 127/8.
_ADDRESS = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}.200"


def make_blocks(promtool: Path, folder: Path) -> Path:
    """A folder per replica, with one block of the same two hours in each."""
    end = int(time.time()) // 7200 * 7200 - 12 * 3600
    lines = [f'up{{job="components"}} {i % 2} {end - i * 60}' for i in reversed(range(1, 60))]
    text = folder / "up.txt"
    text.write_text("\n".join(["# TYPE up gauge", *lines, "# EOF", ""]))
    for replica in REPLICAS:
        arguments = ("tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / replica))
        subprocess.run([str(promtool), *arguments], check=True, capture_output=True, timeout=60)
    return folder


@dataclass(frozen=True)
class Done:
    """How a component ended."""

    code: int
    output: str


@dataclass(frozen=True)
class Components:
    """Runs them in ``folder``; ``beside`` is their environment beside ours."""

    thanos: Path
    folder: Path
    beside: Mapping[str, str]

    def upload(self, store: Options, blocks: Path) -> Done:
        """What a sidecar does: every replica's block, from a copy, since uploads leave a note beside the blocks."""
        for replica in REPLICAS:
            copy = self.folder / f"upload-{replica}"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(blocks / replica, copy)
            labels = ('--label=cluster="eu"', f'--label=replica="{replica}"')
            done = self._run(store, "tools", "bucket", "upload-blocks", f"--path={copy}", *labels)
            if done.code != 0:
                break
        return done

    def compact(self, store: Options) -> Done:
        """One round that merges the replicas and removes what is merged at once."""
        at_once = ("--consistency-delay=0s", "--delete-delay=0s", "--deduplication.replica-label=replica")
        data = f"--data-dir={self.folder / 'compact'}"
        return self._run(store, "compact", data, f"--http-address={_ADDRESS}:0", *at_once)

    def list(self, store: Options) -> set[str]:
        """The blocks in the bucket, complete or not."""
        done = self._run(store, "tools", "bucket", "ls")
        assert done.code == 0, done.output
        return {line for line in done.output.splitlines() if len(line) == 26 and line.isalnum()}

    def loaded(self, store: Options) -> set[str]:
        """The blocks that a store gateway with this store says it serves, once it is ready."""
        listen = (f"--http-address={_ADDRESS}:10902", f"--grpc-address={_ADDRESS}:0")
        argv = self._argv(store, "store", f"--data-dir={self.folder / 'store'}", *listen)
        processes = ProcessGroup(self.folder)
        processes.start(Command("store", argv, WITH_PARENT, self.beside))
        try:
            processes.wait_ready("store", lambda: _get(f"http://{_ADDRESS}:10902/-/ready") is not None, 20)
            shown = _get(f"http://{_ADDRESS}:10902/api/v1/blocks?view=loaded")
        finally:
            processes.stop("store", grace=0)
        assert shown is not None
        return {block["ulid"] for block in json.loads(shown)["data"]["blocks"]}

    def _argv(self, store: Options, *arguments: str) -> tuple[str, ...]:
        for name, text in render(store, versions.THANOS).files.items():
            (self.folder / name).write_text(text)
        return (str(self.thanos), *arguments, f"--objstore.config-file={self.folder / FILE}")

    def _run(self, store: Options, *arguments: str) -> Done:
        argv = self._argv(store, *arguments)
        variables = {**environment(), **self.beside}
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=variables)
        return Done(done.returncode, done.stdout + done.stderr)


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return None
