# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy in a process of its own that holds every answer back, as a network of that latency would.

    python -m tests.benchmarks.delay_proxy HOST PORT MILLISECONDS

It prints the port that it listens on, then the first line of every request. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tasks.tree import ROOT
from tests.testbed.errors import TestbedError

_CHUNK = 1 << 16
_METHODS = (b"GET ", b"HEAD ", b"PUT ", b"POST ", b"DELETE ")


@dataclass(frozen=True)
class Running:
    """``endpoint``: ``host:port`` to talk to."""

    endpoint: str
    log: Path

    def requests(self) -> list[str]:
        """``METHOD /path?query`` of all requests so far."""
        return [line.rsplit(" ", 1)[0] for line in self.log.read_text().splitlines()[1:]]


@contextlib.contextmanager
def delayed(host: str, port: int, milliseconds: int, folder: Path) -> Iterator[Running]:
    """The proxy in front of ``host:port``; its log is kept in ``folder``."""
    with serving(folder / "requests.log", "tests.benchmarks.delay_proxy", host, str(port), str(milliseconds)) as proxy:
        yield proxy


@contextlib.contextmanager
def serving(log: Path, module: str, *arguments: str) -> Iterator[Running]:
    """A module that serves until its input ends; its output, the port and what it is asked, is kept in ``log``."""
    command = [sys.executable, "-m", module, *arguments]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, cwd=ROOT) as process,
    ):
        try:
            yield Running(f"127.0.0.1:{listening(log, process)}", log)
        finally:
            process.terminate()


def listening(log: Path, process: subprocess.Popen[bytes]) -> int:
    """The port, which is the first line of the log."""
    deadline = time.monotonic() + 20
    while "\n" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise TestbedError(f"{process.args!r} did not start")
        time.sleep(0.02)
    return int(log.read_text().splitlines()[0])


async def _serve(host: str, port: int, seconds: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(host, port)
        tasks = [asyncio.create_task(_questions(reader, forth)), asyncio.create_task(_answers(back, writer, seconds))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for each in (forth, writer):
            each.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The end of standard input is the end of whoever started this.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _questions(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        if chunk.startswith(_METHODS):
            print(chunk.split(b"\r\n", 1)[0].decode(), flush=True)
        writer.write(chunk)


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Each chunk comes ``seconds`` late, counted from its own arrival: a longer answer is not later for that."""
    loop = asyncio.get_running_loop()
    while chunk := await reader.read(_CHUNK):
        loop.call_later(seconds, writer.write, chunk)
    await asyncio.sleep(seconds)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) / 1000))
