# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A transport that answers from memory and remembers what it was asked, for tests of decisions alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import Kind
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest, ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError, Response


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Recorded(Client):
    """A server whose objects never change: GET and LIST find ``objects``, an apply is answered with what was sent.

    ``answers`` has other answers: ``<method> <path>`` to status and body (or text). A body may be a list: one answer
    after the other.
    """

    def __init__(self, objects: Iterable[Manifest] = (), answers: Mapping[str, tuple[int, Any]] | None = None) -> None:
        super().__init__(None, "https://recorded")
        self.objects = {ref_of(item).path: item for item in objects}
        self.answers: dict[str, Any] = dict(answers or {})
        self.sent: list[Sent] = []

    @property
    def asked(self) -> list[str]:
        """Every request in one line."""
        return [f"{s.method} {s.path}" for s in self.sent]

    @property
    def writes(self) -> list[Sent]:
        """The requests that write, dry runs included."""
        return [s for s in self.sent if s.method not in ("GET", "LIST")]

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        ok: Collection[int] = (),
        **_unused: object,
    ) -> Response:
        """Answer from memory."""
        self.sent.append(Sent(method, path, dict(query or {}), body))
        status, answer = self._answer(method, path, body)
        if status >= 400 and status not in ok:
            details = answer if isinstance(answer, dict) else {}
            message = str(details.get("message") or answer)
            raise ApiError(f"{method} {path} was answered with {status}: {message}", status, details.get("reason", ""))
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(status, {}, None if isinstance(answer, str) else answer, text)

    def list(
        self,
        kind: Kind,
        namespace: str = "",
        label_selector: str = "",
        **_unused: object,
    ) -> list[dict[str, Any]]:
        """The objects of a kind in a namespace, whatever the selector says."""
        self.sent.append(Sent("LIST", " ".join(filter(None, (kind.name, namespace, label_selector)))))
        failure = self.answers.get(f"LIST {kind.name}")
        if failure:
            raise ApiError(f"LIST {kind.name} was answered with {failure[0]}", failure[0])
        found = [ref_of(item) for item in self.objects.values()]
        return [self.objects[r.path] for r in found if r.kind == kind.name and r.namespace == namespace]

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        known = self.answers.get(f"{method} {path}")
        if isinstance(known, list):
            known = known.pop(0) if len(known) > 1 else known[0]
        if known:
            status, answer = known
            return int(status), answer
        if method == "GET" and path not in self.objects:
            return 404, {"reason": "NotFound", "message": f"{path} not found"}
        return 200, self.objects[path] if method == "GET" else body
