# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One API server: requests with retries and a timeout each, at most as many connections as workers."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from .._errors import Failure
from .._threads import in_threads
from .kinds import Kind
from .refusals import sentence
from .response import ApiError, Response, parsed

FIRST_CONTACT = 8.0
_TIMEOUT = (5.0, 60.0)
_PATIENCE = 10.0
_LONGEST_PAUSE = 5.0
_RETRIED = frozenset({429, 500, 502, 503, 504})
APPLY = "application/apply-patch+yaml"
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
# Answers with status 500 to an object that is wrong: no field of this name, a wrong type, a key twice.
WRONG_OBJECT = re.compile(r"failed to (create typed|convert new) ")
# How long what was allowed before is asked again: a server that has just started does not know the Roles yet.
_FORGETFUL = 10.0
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')

T = TypeVar("T")
R = TypeVar("R")
# Makes of the content type and the pieces of a long answer, while it arrives, what its body shall be.
Reading = Callable[[str, Iterator[bytes]], Any]
_PIECE = 1 << 16


class _NoAnswer(Exception):
    """The connection failed; ``lasting`` where trying again cannot help."""

    def __init__(self, reason: str, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class Client:
    """One API server, safe for use by several threads.

    The first requests have 8 seconds to succeed. After that 429, 5xx and broken connections are retried until
    ``deadline`` (``time.monotonic()``; ten seconds per request where none is set). ``mask`` removes what must not be
    quoted from error messages, and so are ``credentials``: what is sent as proof of who asks, as it is at that moment.
    ``warnings`` collects what the server and the connection want the user to know.
    """

    def __init__(
        self,
        api: Any,
        host: str,
        warnings: Iterable[str] = (),
        credentials: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._api = api
        self.host = host
        self._credentials = credentials
        self.warnings: list[str] = list(warnings)
        self.deadline: float | None = None
        self.mask: Callable[[str], str] = str
        self._met = False
        self._allowed: set[tuple[str, str]] = set()
        self._ahead = timedelta()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        ok: Collection[int] = (),
        reading: Reading | None = None,
    ) -> Response:
        """Send a request. A status >= 400 that is not in ``ok`` raises ApiError, after retries where they may help.

        ``reading`` gets the pieces of a good answer, which may come compressed; it raises ValueError for one that is
        not whole, which is then asked for again like one that did not come.

        Requests through the pod proxy are not retried for their status, which is the pod's own.
        """

        def send(timeout: tuple[float, float]) -> Response:
            sent = {"Accept": accept, **({"Accept-Encoding": "gzip"} if reading else {})}
            return self._send(method, path, query or {}, body, content_type, sent, timeout, reading)

        if not self._met:
            # Several may be the first at once; they are not held up for one another.
            response = _within(FIRST_CONTACT, lambda: self._persist(send, path, ok, FIRST_CONTACT), self.host)
            self._met = True
        else:
            patience = _PATIENCE if self.deadline is None else self.deadline - time.monotonic()
            response = self._persist(send, path, ok, patience, _right(method, path))
        if response.status < 500 and response.status not in (401, 403):
            self._allowed.add(_right(method, path))
        if reading and response.status >= 400 and response.status not in ok and not response.body:
            response = self._in_json(response, method, path, query or {})
        return self._checked(response, method, path, ok)

    def _in_json(self, refusal: Response, method: str, path: str, query: Mapping[str, str]) -> Response:
        """A refusal in protobuf, of which the SDK loses the text, asked for again; small if it is none now."""
        asked, sent = {**query, "limit": "1"}, {"Accept": "application/json"}
        try:
            again = self._send(method, path, asked, None, "application/json", sent, _TIMEOUT, None)
        except _NoAnswer:
            again = refusal
        return again if again.body and again.status == refusal.status else replace(refusal, text="")

    def now(self) -> datetime:
        """The API server's clock, as its last answer told it."""
        return datetime.now(timezone.utc) + self._ahead

    def list(
        self,
        kind: Kind,
        namespace: str = "",
        label_selector: str = "",
        *,
        field_selector: str = "",
        metadata_only: bool = False,
    ) -> list[dict[str, Any]]:
        """Every object of a kind, ``apiVersion`` and ``kind`` filled in; of all namespaces where none is given."""
        query = {"labelSelector": label_selector, "fieldSelector": field_selector}
        response = self.request(
            "GET",
            kind.path(namespace),
            query={key: value for key, value in query.items() if value},
            accept=_METADATA_ONLY if metadata_only else "application/json",
        )
        return [
            {**item, "apiVersion": kind.api_version, "kind": kind.name} for item in response.body.get("items") or ()
        ]

    def _persist(
        self,
        send: Callable[[tuple[float, float]], Response],
        path: str,
        ok: Collection[int],
        patience: float,
        right: tuple[str, str] = ("", ""),
    ) -> Response:
        """Send until there is an answer worth returning, or ``patience`` seconds are over.

        A refusal of a ``right`` that this run had is no such answer, for a while.
        """
        end = time.monotonic() + patience
        known = time.monotonic() + _FORGETFUL if right in self._allowed else 0.0
        pause = 0.2
        while True:
            left = end - time.monotonic()
            delay = pause * random.uniform(0.5, 1.5)
            try:
                response = send((min(_TIMEOUT[0], max(left, 1.0)), min(_TIMEOUT[1], max(left, 5.0))))
            except _NoAnswer as error:
                if error.lasting or time.monotonic() + delay >= end:
                    raise ApiError(self._told(f"no answer from the API server {self.host}: {error}")) from None
            else:
                forgotten = response.status == 403 and 403 not in ok and time.monotonic() < known
                if not forgotten and not _try_again(response, path, ok):
                    return response
                delay = max(delay, _retry_after(response))
                if time.monotonic() + delay >= end:
                    return response
            time.sleep(delay)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Any,
        content_type: str,
        sent: dict[str, str],
        timeout: tuple[float, float],
        reading: Reading | None,
    ) -> Response:
        # Here, since importing the SDK takes 0.3 s.
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError, LocationParseError, SSLError

        if content_type == APPLY and body is not None:
            # The server reads it as YAML, which does not have JSON's escapes for characters beyond 16 bits. Most
            # releases of the SDK make JSON of every body of exactly this type, also of bytes, which fails.
            body, content_type = json.dumps(body, ensure_ascii=False).encode(), f"{APPLY}; charset=utf-8"
        try:
            answer = self._api.request(
                method,
                path,
                body=body,
                serialize=False,
                content_type=content_type,
                query_params=list(query.items()),
                header_params=sent,
                _request_timeout=timeout,
            )
            # Reading the body gives the connection back to the pool.
            response = _read(answer, reading) if reading else parsed(answer.status, answer.headers, answer.data)
        except ApiException as error:
            if not error.status:
                raise _NoAnswer(f"{_first_line(error.reason)} (ca_cert, validate_certs)", lasting=True) from None
            response = parsed(error.status, error.headers or {}, error.body)
        except (HTTPError, OSError) as error:
            ssl = isinstance(error, SSLError) or isinstance(getattr(error, "reason", None), SSLError)
            lasting = ssl or isinstance(error, LocationParseError)
            raise _NoAnswer(_first_line(error), lasting) from None
        if "date" in response.headers:
            self._ahead = parsedate_to_datetime(response.headers["date"]) - datetime.now(timezone.utc)
        for text in _WARNING.findall(response.headers.get("warning", "")):
            if text not in self.warnings:
                self.warnings.append(text)
        return response

    def _told(self, text: str) -> str:
        """What somebody answered, without the credentials that they were sent."""
        for secret in sorted(self._credentials(), key=len, reverse=True):
            text = text.replace(secret, "********")
        return text

    def _checked(self, response: Response, method: str, path: str, ok: Collection[int]) -> Response:
        if response.status < 400 or response.status in ok:
            return response
        status = response.body if isinstance(response.body, dict) else {}
        message = self.mask(self._told(str(status.get("message") or response.text or "no reason given")))
        reason = str(status.get("reason") or "")
        raise ApiError(sentence(response, method, path, message), response.status, reason, message)


def _right(method: str, path: str) -> tuple[str, str]:
    """What a Role would have to allow for a request: the verb and the place, without the object's name."""
    parts = path.split("/")
    # /api/v1/… or /apis/GROUP/VERSION/…, then perhaps namespaces/NAME, a kind, the object and what is below it.
    start = 3 if path.startswith("/api/") else 4
    if parts[start : start + 1] == ["namespaces"] and len(parts) > start + 2:
        start += 2
    named = len(parts) > start + 1
    return f"{method} one" if named else method, "/".join([*parts[: start + 1], *parts[start + 2 :]])


def in_parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """``function`` of each item, eight at a time. Once one fails no further one begins, and every error is shown."""
    stop = threading.Event()
    errors: list[Failure] = []

    def call(item: T) -> list[R]:
        if stop.is_set():
            return []
        try:
            return [function(item)]
        except Failure as error:
            stop.set()
            errors.append(error)
            return []

    results = [result for found in in_threads(call, items) for result in found]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Failure("\n".join(dict.fromkeys(str(error) for error in errors)))
    return results


def _within(seconds: float, function: Callable[[], Response], host: str) -> Response:
    """The function's result, or an ApiError shortly after ``seconds``: looking up a name knows no timeout."""
    results: list[Response | Exception] = []

    def call() -> None:
        try:
            results.append(function())
        except Exception as error:  # handed to the caller's thread
            results.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds + 1)
    if not results:
        raise ApiError(f"no answer from the API server {host} within {seconds:.0f} seconds")
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def _read(answer: Any, reading: Reading) -> Response:
    """An answer whose body is what ``reading`` makes of it."""
    response = parsed(answer.status, answer.headers, b"")
    try:
        body = reading(response.headers.get("content-type", ""), answer.stream(_PIECE, decode_content=True))
    except ValueError as error:
        answer.close()
        raise _NoAnswer(_first_line(error)) from None
    return replace(response, body=body)


def _try_again(response: Response, path: str, ok: Collection[int]) -> bool:
    if response.status in ok or "/proxy/" in path:
        return False
    if response.status == 500 and WRONG_OBJECT.search(response.text):
        return False
    if response.status == 409 and isinstance(response.body, dict):
        # Another writer came between the server's read and its write; a conflict about fields has causes, and one
        # about a precondition (a uid) lasts.
        details = response.body.get("details") or {}
        return (
            response.body.get("reason") == "Conflict"
            and not details.get("causes")
            and "recondition" not in str(response.body.get("message"))
        )
    return response.status in _RETRIED


def _retry_after(response: Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), 30.0) if text.isdigit() else 0.0


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]
