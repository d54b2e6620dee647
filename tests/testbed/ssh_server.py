# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH server on loopback, Dropbear from the packages of a Debian release: a bastion for the user who runs this.

OpenSSH's would need an account of its own on the machine.
"""

from __future__ import annotations

import contextlib
import getpass
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tests.testbed import debian_tree
from tests.testbed.paths import private_name, state_dir, sweep
from tests.testbed.shell import run

_EDITION = "1"
PACKAGES = debian_tree.Packages("Dropbear", _EDITION, ("dropbear-bin",), 60 << 20, lambda _draft, _root: None)


@dataclass(frozen=True)
class SshServer:
    """A server that runs. ``log`` has a line of each login and of whatever is refused."""

    port: int
    key: Path
    known_hosts: Path
    log: Path

    def variables(self) -> dict[str, Any]:
        """What the inventory says of a host that is reached through it."""
        alone = f"-F none -o UserKnownHostsFile={self.known_hosts} -o IdentitiesOnly=yes -o ControlMaster=no"
        return {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_args": alone,
            # The server has no sftp.
            "ansible_ssh_transfer_method": "piped",
        }

    def logins(self) -> int:
        """How often somebody has come in."""
        return self.log.read_text(encoding="utf-8").count("auth succeeded")


@contextlib.contextmanager
def ssh_server() -> Iterator[SshServer]:
    """A server that lets in who has the key. It takes no key from below a folder that everybody may write to."""
    home = state_dir() / "ssh"
    sweep(home)
    folder = home / private_name()
    folder.mkdir(parents=True)
    try:
        with _started(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _started(folder: Path) -> Iterator[SshServer]:
    key, host_key, known_hosts, log = (folder / name for name in ("key", "host_key", "known_hosts", "log"))
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    authorized = folder / "authorized_keys"
    authorized.write_bytes(key.with_suffix(".pub").read_bytes())
    authorized.chmod(0o600)
    made = run(*_program("usr/bin/dropbearkey"), "-t", "ed25519", "-f", host_key)
    (public,) = [line for line in made.splitlines() if line.startswith("ssh-ed25519 ")]
    command = [*_program("usr/sbin/dropbear"), "-i", "-E", "-s", "-m", "-r", str(host_key), "-D", str(folder)]
    with log.open("wb") as errors, _Listener(command, errors) as listener:
        known_hosts.write_text(f"[127.0.0.1]:{listener.port} {public}\n", encoding="utf-8")
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        try:
            yield SshServer(listener.port, key, known_hosts, log)
        finally:
            listener.shutdown()


class _Listener(socketserver.ThreadingTCPServer):
    """Starts the program for each connection: by itself it would start anew from the loader's file."""

    daemon_threads = True

    def __init__(self, command: list[str], errors: BinaryIO) -> None:
        self._command, self._errors = command, errors
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Of one connection."""
        del client_address
        subprocess.run(self._command, stdin=request, stdout=request, stderr=self._errors, check=False)


def _program(path: str) -> tuple[str, ...]:
    tree = PACKAGES.install()
    return (str(tree.loader), "--library-path", str(tree.libraries), str(tree.root / path))
