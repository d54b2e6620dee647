# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""memcached, Redis and Valkey, from the packages of a Debian release of their own; they keep everything in memory."""

from __future__ import annotations

import getpass
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import debian_tree
from tests.testbed.ports import accepts
from tests.testbed.process import WITH_PARENT, Command, ProcessGroup

# Grows with the list of packages, so that a folder without one of them is not taken for whole.
_EDITION = "2"
# Package → where its program is. Redis and Valkey go by the name they are called by.
_PROGRAMS = {
    "memcached": "usr/bin/memcached",
    "redis-server": "usr/bin/redis-check-rdb",
    "valkey-server": "usr/bin/valkey-check-rdb",
}
_CLIENTS = ("usr/bin/redis-cli",)
KINDS = {"memcached": "memcached", "redis": "redis-server", "valkey": "valkey-server"}
Pair = tuple[Path, Path]
PASSWORD, DB = "loopback-cache", 2


def _finish(draft: Path, _root: Path) -> None:
    """Keep servers, client and libraries alone: their packages bring much else, some of it for root."""
    kept = {draft / program for program in (*_PROGRAMS.values(), *_CLIENTS)}
    for program in (draft / "usr/bin").iterdir():
        if program not in kept:
            program.unlink()
    for folder in ("etc", "var", "usr/share", "usr/sbin"):
        shutil.rmtree(draft / folder, ignore_errors=True)


PACKAGES = debian_tree.Packages("Caches", _EDITION, tuple(_PROGRAMS), 150 << 20, _finish)


@dataclass(frozen=True)
class CacheServer:
    """A server that runs: its ``kind``, where it listens, and what counts what it keeps."""

    kind: str
    address: str
    _processes: ProcessGroup
    _ask: Callable[[str], str]

    def kill(self) -> None:
        """End it as the kernel does when memory runs out."""
        self._processes.stop(self.kind, grace=0)

    def tell(self, text: str) -> str:
        """What the server answers to lines of its protocol, the last of which ends the connection."""
        return self._ask(text)

    def entries(self) -> int:
        """How many entries it keeps; those of Redis and Valkey in the database ``DB``."""
        if self.kind == "memcached":
            return int(self._ask("stats\r\nquit\r\n").partition("STAT curr_items ")[2].split()[0])
        return int(self._ask(f"AUTH {PASSWORD}\r\nSELECT {DB}\r\nDBSIZE\r\nQUIT\r\n").partition(":")[2].split()[0])


@contextmanager
def cache_server(kind: str, folder: Path, address: str, port: int, pair: Pair | None = None) -> Iterator[CacheServer]:
    """One of ``KINDS``, empty; Redis and Valkey ask for ``PASSWORD``. Logs and pid files are in ``folder``.

    With the files of a certificate and its key, Redis and Valkey speak TLS alone.
    """
    processes = ProcessGroup(folder)
    processes.start(_command(kind, folder, address, port, pair))
    try:
        processes.wait_ready(kind, lambda: accepts(address, port), 20)
        yield CacheServer(kind, f"{address}:{port}", processes, lambda text: _told(address, port, text))
    finally:
        processes.stop(kind, grace=0)


def redis_cli() -> tuple[str, ...]:
    """The beginning of a command line of ``redis-cli``."""
    return _program("redis-cli", _CLIENTS[0])


def _program(name: str, path: str) -> tuple[str, ...]:
    tree = PACKAGES.install()
    return (str(tree.loader), "--library-path", str(tree.libraries), "--argv0", name, str(tree.root / path))


def _command(kind: str, folder: Path, address: str, port: int, pair: Pair | None) -> Command:
    program = _program(KINDS[kind], _PROGRAMS[KINDS[kind]])
    if kind == "memcached":
        own = ("-l", address, "-p", str(port), "-U", "0", "-u", getpass.getuser())
        return Command(kind, (*program, *own), WITH_PARENT)
    config = folder / f"{kind}.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    # The title of the process would no longer tell which one it is.
    lines = [f"bind {address}", f"requirepass {PASSWORD}", 'save ""', "set-proc-title no"]
    if pair:
        lines += ["port 0", f"tls-port {port}", f"tls-cert-file {pair[0]}", f"tls-key-file {pair[1]}"]
        lines += [f"tls-ca-cert-file {pair[0]}", "tls-auth-clients no"]
    else:
        lines.append(f"port {port}")
    config.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return Command(kind, (*program, str(config)), WITH_PARENT, files=(config,))


def _told(address: str, port: int, text: str) -> str:
    with socket.create_connection((address, port), timeout=10) as connection:
        connection.sendall(text.encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
