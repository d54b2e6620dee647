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
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.delay_proxy import Running, serving

_JSON = {"Content-Type": "application/json"}

# Method, path and query, headers with lower-case names, body → the answer, see ``answered``.
Answering = Callable[[str, str, Mapping[str, str], bytes], bytes]


@contextlib.contextmanager
def replayed(answers: Mapping[str, Any], folder: Path, module: str = __name__) -> Iterator[Running]:
    """Serve these answers by a module like this; ``requests()`` of what is given are those that nobody recorded."""
    file, log = folder / "answers.json", folder / "unknown.log"
    file.write_text(json.dumps(answers))
    with serving(log, module, str(file)) as server:
        yield server


async def serve(answer: Answering) -> None:
    """Answer on a port of loopback, which is printed, for as long as standard input is open."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *fields = head.rstrip().split("\r\n")
                headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _version = line.split(" ")
                writer.write(answer(method, target, headers, body))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The end of standard input is the end of whoever started this.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def answered(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """An answer as it is sent. Its date is now unless it has one: whoever reads the server's clock finds it going."""
    dated = {"Date": email.utils.formatdate(usegmt=True), **headers, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} recorded", *(f"{name}: {value}" for name, value in dated.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _recorded(answers: Mapping[str, Any]) -> Answering:
    def answer(method: str, target: str, headers: Mapping[str, str], _body: bytes) -> bytes:
        request = f"{method} {target} {headers.get('accept', '')}"
        if request not in answers:
            print(request, flush=True)
        status, told, body = answers.get(request) or (404, _JSON, '{"kind": "Status", "code": 404}')
        return answered(status, told, body.encode("latin-1"))

    return answer


if __name__ == "__main__":
    asyncio.run(serve(_recorded(json.loads(Path(sys.argv[1]).read_text()))))
