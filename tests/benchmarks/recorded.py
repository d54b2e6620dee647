# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API server of recorded answers, in a process of its own: fast, and alike for fifty clusters as for one.

    python -m tests.benchmarks.recorded FILE

FILE maps ``METHOD path accept`` to status, headers and body, a character for each byte. It prints the port that it
listens on, then every request that was not recorded, which it answers with 404. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.delay_proxy import Running, listening
from tests.tasks.tree import ROOT


@contextlib.contextmanager
def replayed(answers: Mapping[str, Any], folder: Path) -> Iterator[Running]:
    """Serve these answers; ``requests()`` of what is given are those that nobody recorded."""
    file, log = folder / "answers.json", folder / "unknown.log"
    file.write_text(json.dumps(answers))
    command = [sys.executable, "-m", "tests.benchmarks.recorded", str(file)]
    with (
        log.open("w") as out,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, cwd=ROOT) as process,
    ):
        try:
            yield Running(f"127.0.0.1:{listening(log, process)}", log)
        finally:
            process.terminate()


async def _serve(answers: Mapping[str, Any]) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *fields = head.rstrip().split("\r\n")
                headers = dict(field.lower().split(": ", 1) for field in fields)
                await reader.readexactly(int(headers.get("content-length", 0)))
                writer.write(_answer(answers, line.rpartition(" ")[0], headers.get("accept", "")))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The end of standard input is the end of whoever started this.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _answer(answers: Mapping[str, Any], request: str, accepted: str) -> bytes:
    known = answers.get(f"{request} {accepted}")
    if known is None:
        print(f"{request} {accepted}", flush=True)
    status, headers, body = known or (404, {"Content-Type": "application/json"}, '{"kind": "Status", "code": 404}')
    lines = [f"HTTP/1.1 {status} recorded", *(f"{name}: {value}" for name, value in headers.items())]
    # The date is that of the answer: whoever reads the server's clock finds one that goes.
    lines += [f"Date: {email.utils.formatdate(usegmt=True)}", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body.encode("latin-1")


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(Path(sys.argv[1]).read_text())))
