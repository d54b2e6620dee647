# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection with one module and its action plugin, which run the body of ``trap_body`` as our own are run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

_BODY = Path(__file__).with_name("trap_body.py")
_IMPORT = "from ansible_collections.trap.trap.plugins.module_utils.trap_body import TRAP\n"
_MODULE = f"""#!/usr/bin/python
from ansible_collections.o11y.thanos.plugins.module_utils._ansible import run
{_IMPORT}
if __name__ == "__main__":
    run(TRAP)
"""
_ACTION = f"""
{_IMPORT}from ansible_collections.o11y.thanos.plugins.plugin_utils import _kubernetes_sdk
from ansible_collections.o11y.thanos.plugins.plugin_utils._in_process import InProcess

_kubernetes_sdk.load()

class ActionModule(InProcess):
    module = "trap.trap.trap"
    body = TRAP
"""
_SHOWN = re.compile(r'^    "msg": ("RESULTS .*")$', re.MULTILINE)


# What Ansible would find by itself may be a Python that cannot start.
_VARIABLES = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


@dataclass(frozen=True)
class Done:
    """What a play printed and logged, and what its tasks registered, one entry for each host in the order of names."""

    code: int
    text: str = field(repr=False)
    log: str = field(repr=False)
    registered: list[dict[str, Any]]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """What the first host registered."""
        found: dict[str, Any] = self.registered[0][name]
        return found


@dataclass(frozen=True)
class Plays:
    """Runs plays with the trap."""

    folder: Path
    # A Python that is the same but in another place: a module has to run with it.
    other_python: str

    def command(self, tasks: Sequence[Mapping[str, Any]], *arguments: str, hosts: Any = None, **play: Any) -> list[str]:
        """ansible-playbook with a play of these tasks, after which everything registered is shown."""
        names = [task["register"] for task in tasks if "register" in task]
        shown = {
            "debug": {
                "msg": "RESULTS {{ {'host': inventory_hostname, "
                + ", ".join(f"'{n}': {n}" for n in names)
                + "} | to_json }}"
            }
        }
        whole = {"hosts": "all", "gather_facts": False, "tasks": [*tasks, shown], **play}
        inventory = {"all": {"hosts": hosts or {"here": {}}, "vars": _VARIABLES}}
        (self.folder / "play.yml").write_text(yaml.safe_dump([whole], sort_keys=False), encoding="utf-8")
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        return [program, "-i", "hosts.yml", "play.yml", *arguments]

    def environment(self) -> dict[str, str]:
        """Of ansible-playbook."""
        return {
            **os.environ,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": f"{self.folder}/collections:{os.environ['ANSIBLE_COLLECTIONS_PATH']}",
            "ANSIBLE_LOG_PATH": str(self.folder / "log"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
        }

    def run(self, tasks: Sequence[Mapping[str, Any]], *arguments: str, hosts: Any = None, **play: Any) -> Done:
        """Run a play to its end. A key of ``play`` in upper case is a variable of the environment of the run."""
        variables = {name: play.pop(name) for name in list(play) if name.isupper()}
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        done = subprocess.run(
            self.command(tasks, *arguments, hosts=hosts, **play),
            capture_output=True,
            text=True,
            check=False,
            # For a run that hangs: a busy machine takes minutes for what a calm one does in seconds.
            timeout=900,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env={**self.environment(), **variables},
        )
        found = [json.loads(text)[len("RESULTS ") :] for text in _SHOWN.findall(done.stdout)]
        registered = sorted((json.loads(each) for each in found), key=lambda each: str(each["host"]))
        return Done(done.returncode, done.stdout + done.stderr, log.read_text("utf-8"), registered)

    def trap(self, do: str, register: str = "it", /, *, module: bool = False, **more: Any) -> dict[str, Any]:
        """A task; keys of ``more`` that are keywords of a task stand beside the arguments of the trap."""
        keywords = {_KEYWORDS[key]: more.pop(key) for key in list(more) if key in _KEYWORDS}
        variables = {"vars": {"ansible_python_interpreter": self.other_python}} if module else {}
        return {
            "trap.trap.trap": {"do": do, **more},
            "register": register,
            "ignore_errors": True,
            **variables,
            **keywords,
        }

    def both_ways(self, do: str, /, **more: Any) -> Done:
        """The trap in the controller's process (``plugin``) and as a module (``module``)."""
        return self.run([self.trap(do, "plugin", **more), self.trap(do, "module", module=True, **more)])


_PLAIN = ("become", "become_method", "check_mode", "delay", "delegate_to", "diff", "environment", "loop", "poll")
_OTHER = ("retries", "timeout", "until", "vars", "when")
_KEYWORDS = {**{name: name for name in (*_PLAIN, *_OTHER)}, "async_val": "async"}


@pytest.fixture
def plays(tmp_path: Path) -> Plays:
    """Plays with the trap, in a folder of their own."""
    plugins = tmp_path / "collections/ansible_collections/trap/trap/plugins"
    for folder, name, text in (
        ("module_utils", "trap_body", _BODY.read_text(encoding="utf-8")),
        ("modules", "trap", _MODULE),
        ("action", "trap", _ACTION),
    ):
        (plugins / folder).mkdir(parents=True)
        (plugins / folder / f"{name}.py").write_text(text, encoding="utf-8")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return Plays(tmp_path, str(python))
