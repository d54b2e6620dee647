# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python processes for modules, forked off one that has imported the libraries: half a second less for each.

``python -m tests.support.forked SOCKET`` waits for a line of JSON on each connection (see ``run``). Nothing of the
collection is imported before the fork, so that each process has read it itself.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

# Threads that are the first at once start one server together.
_STARTING = threading.Lock()
_LIBRARIES = ("ansible.module_utils.basic", "boto3", "kubernetes", "yaml")


def run(module: str, told: str, environment: Mapping[str, str], timeout: float) -> tuple[str, str]:
    """What a module prints to both outputs that is given ``told`` as its input, in a process with this environment.

    Raises TimeoutError after so many seconds, when the process is killed.
    """
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as connection:
        (Path(folder) / "0").write_text(told, encoding="utf-8")
        connection.settimeout(timeout)
        with _STARTING:
            server = _server()
        connection.connect(server)
        asked = {"module": module, "folder": folder, "environment": dict(environment), "cwd": str(Path.cwd())}
        connection.sendall(json.dumps(asked).encode() + b"\n")
        number = int(connection.recv(16))
        try:
            # It says nothing more: the connection ends with the process.
            connection.recv(1)
        except TimeoutError:
            os.kill(number, signal.SIGKILL)
            raise
        out, error = ((Path(folder) / name).read_text(encoding="utf-8") for name in "12")
        return out, error


@functools.cache
def _server() -> str:
    """Where the process listens that others are forked off; it is started once, and ends with this one."""
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name) / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin
    assert process.stdout
    atexit.register(folder.cleanup)
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    process.stdout.readline()
    return path


def main(path: str) -> None:
    """Fork for each connection, until the input ends."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    gc.freeze()
    # Nobody waits for what is forked.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(16)
        print("ready", flush=True)
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection, _address = listening.accept()
            if os.fork() == 0:
                listening.close()
                _become(connection)
                return
            connection.close()


def _become(connection: socket.socket) -> None:
    """Run the module of the request, as ``python -m`` does."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked = json.loads(connection.makefile().readline())
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)):
        file = os.open(Path(asked["folder"]) / str(number), flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    _KEPT.append(connection)
    connection.sendall(str(os.getpid()).encode())
    # A module takes an argument for its input.
    del sys.argv[1:]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


# A connection that nothing refers to would be closed before the process ends.
_KEPT: list[socket.socket] = []

if __name__ == "__main__":
    main(sys.argv[1])
