# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Alertmanager that is asked straight may answer anything; no answer is a traceback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Question, Reply
from ansible_collections.o11y.thanos.plugins.module_utils._verify.ask import ask

NOBODY = cast(Client, SimpleNamespace())


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The URL of a server that gives this answer to its first request."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def reply_to(answer: bytes) -> Reply:
    with answering(answer) as url:
        question = Question(url, "/api/v2/alerts")
        return ask(NOBODY, Answers(wanted={question: None})).replies[question]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"what?\r\n\r\n", "what?"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[]", "IncompleteRead(2 bytes read, 97 more expected)"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\n{}", "IncompleteRead(2 bytes read, 97 more expected)"),
        (b"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy", "HTTP 503: busy"),
        (b"", "Remote end closed connection without response"),
    ],
)
def test_answer_that_is_none_is_an_error(answer: bytes, error: str) -> None:
    assert reply_to(answer).error.strip() == error


@pytest.mark.parametrize("date", [b"", b"Date: yesterday\r\n"])
def test_answer_without_a_date_is_of_now(date: bytes) -> None:
    reply = reply_to(b"HTTP/1.1 200 OK\r\n" + date + b"Content-Length: 2\r\n\r\n[]")
    assert (reply.body, reply.error) == ([], "")
    assert reply.now > 0
