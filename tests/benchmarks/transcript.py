# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes between a tool and a cluster: kept, made a recording of for ``many_clusters``, and compared.

The cluster is a real control plane whose pods are plain processes. As it has no nodes, whoever writes a workload finds
it ready at once.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import yaml

from tests.benchmarks.many_clusters import deploys, write_key
from tests.benchmarks.protobuf import in_json
from tests.benchmarks.stage import Stage, applies
from tests.support.http_server import Answer, HttpServer, Request, forward
from tests.support.pods_server import ApiServer

_ABOUT_PODS = re.compile(r"/proxy/|/pods(\?|$)|/log(\?|$)")
_KEPT = ("content-type", "content-encoding", "warning")
# By which Helm keeps what it was told, and asks whether that still holds.
_CACHED = ("etag", "vary", "cache-control", "expires")
# What two servers, or one at two times, never have in common: digests are keyed with an uid, addresses drawn by lot.
_OWN = frozenset({"uid", "resourceVersion", "creationTimestamp", "time", "clusterIP", "clusterIPs"})
_DIGEST = re.compile(r"[0-9a-f]{8,}(-[0-9a-f]{4,})*")
_RELEASE = "helm.sh/release.v1"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. ``kept``: the object that the server holds after a write.

    ``deployed``: whether a workload was there already; ``key`` tells a write from others, see ``write_key``.
    """

    request: Request
    answer: Answer
    key: str
    deployed: bool
    place: str = ""
    kept: Any = None

    @property
    def line(self) -> str:
        """Request and status, to be compared."""
        accepted = _accepted(self.request)
        return f"{self.request.method} {self.request.path} {accepted} → {self.answer.status}"


@dataclass
class Transcript:
    """All that passed, in the order of the answers."""

    exchanges: list[Exchange] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    deployed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, request: Request, answer: Answer, read: Callable[[str], Any]) -> None:
        """Note one exchange; ``read`` gets the object of a path from the server."""
        path, _mark, query = request.path.partition("?")
        if request.method in ("GET", "HEAD"):
            with self.lock:
                self.exchanges.append(Exchange(request, answer, f"{_key(request)}", self.deployed))
            return
        place = f"{path}/{_body(request)['metadata']['name']}" if request.method == "POST" else path
        wrote = answer.status < 300 and "dryRun" not in query
        kept = read(place) if wrote else None
        with self.lock:
            dry = {"dryRun": ""} if "dryRun" in query else {}
            key = write_key(request.method, place, dry, self.places)
            self.exchanges.append(Exchange(request, answer, key, self.deployed, place, kept))
            if wrote:
                self.places.add(place)
                self.deployed = self.deployed or deploys(place)

    def applied(self) -> dict[str, dict[str, Any]]:
        """Path → object, of all that was applied."""
        return {each.place: _body(each.request) for each in self.exchanges if each.kept and applies(each.request)}


@contextmanager
def real(stage: Stage, pods: ApiServer, transcript: Transcript) -> Iterator[str]:
    """The URL of a control plane with pods, what passes there being kept."""
    context = stage.tls()

    def answer(sent: Request) -> Answer:
        request = _plain(sent)
        if _ABOUT_PODS.search(request.path) and (transcript.deployed or "/proxy/" in request.path):
            found = Answer(*pods.answer(request.path))
        else:
            found = forward(stage.plane.url, request, context)
        path = request.path.partition("?")[0]
        if request.method != "GET" and found.status < 300 and "dryRun" not in request.path and deploys(path):
            stage.be_ready_at(path)
        transcript.keep(request, found, lambda place: stage.plane.api.must("GET", place))
        return found

    with HttpServer(answer) as server:
        yield server.url


@contextmanager
def listened(url: str, transcript: Transcript) -> Iterator[str]:
    """Another URL for ``url``, what passes there being kept."""

    def read(place: str) -> Any:
        asked = Request(0, "GET", place, {"Accept": "application/json"}, b"")
        return json.loads(forward(url, asked).body)

    def answer(sent: Request) -> Answer:
        request = _plain(sent)
        root = f"/{url.split('/', 3)[3]}"
        found = forward(url, replace(request, path=root + request.path))
        transcript.keep(request, found, lambda place: read(root + place))
        return found

    with HttpServer(answer) as server:
        yield server.url


def recording(transcript: Transcript) -> dict[str, Any]:
    """``reads``: request → its last answers before and after there were workloads; ``writes``: see ``write_key``."""
    reads: dict[str, list[Any]] = {}
    writes: dict[str, list[Any]] = {}
    for each in transcript.exchanges:
        if each.place:
            answer = json.loads(each.answer.body)
            known = {"status": each.answer.status, "sent": _body(each.request), "answer": answer, "kept": each.kept}
            writes.setdefault(each.key, []).append(known)
            continue
        if each.request.path in transcript.places and each.answer.status != 404:
            # Of what is there the object is told.
            continue
        if each.answer.status == HTTPStatus.NOT_MODIFIED:
            continue
        wanted = (*_KEPT, *_CACHED, *(("date",) if "/proxy/" in each.request.path else ()))
        headers = {name.title(): value for name, value in each.answer.headers.items() if name.lower() in wanted}
        told = [each.answer.status, headers, each.answer.body.decode("latin-1")]
        pair = reads.setdefault(each.key, [told, told])
        pair[each.deployed] = told
        if not each.deployed:
            pair[True] = told
    folders = sorted({place.rpartition("/")[0] for place in transcript.places})
    return {"reads": reads, "writes": writes, "folders": folders}


def requests(exchanges: Iterable[Exchange]) -> Counter[str]:
    """How often each request was answered with which status; about pods, whether it was.

    How often pods are asked depends on how soon they have all that they are asked for.
    """
    asked = Counter(each.line for each in exchanges)
    return Counter({line: 1 if _ABOUT_PODS.search(line.split()[1]) else number for line, number in asked.items()})


def objects(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """Path → the object as it is after the last write, without what no two servers have in common."""
    return {each.place: comparable(each.kept) for each in exchanges if each.kept}


def comparable(value: Any) -> Any:
    """Without uids, times, versions and what is computed from these."""
    if isinstance(value, dict):
        # A release holds the time at which it was made.
        left_out = _OWN | ({"data"} if value.get("type") == _RELEASE else set())
        return {key: comparable(value[key]) for key in value if key not in left_out and key != "modifiedAt"}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    return _DIGEST.sub("#", value) if isinstance(value, str) else value


def _plain(request: Request) -> Request:
    headers, body = in_json(request.headers, request.body)
    return replace(request, headers=headers, body=body)


def _accepted(request: Request) -> str:
    return {name.lower(): value for name, value in request.headers.items()}.get("accept", "")


def _key(request: Request) -> str:
    return f"{request.method} {request.path} {_accepted(request)}"


def _body(request: Request) -> Any:
    """What was sent, as YAML where it is no JSON."""
    try:
        return json.loads(request.body)
    except ValueError:
        return yaml.safe_load(request.body)
