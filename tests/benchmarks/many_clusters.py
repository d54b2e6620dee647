# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many clusters as are asked for, whose API servers answer as a real one did, in a process of its own.

    python -m tests.benchmarks.many_clusters FILE

FILE is a mapping: tool → what ``transcript.recording`` makes of a real run of it. The URL of a cluster is
``/TOOL/NUMBER``; each has objects of its own. An object that is written is the one that the real server stored for it,
with the values of this cluster where these differ. ``POST /TOOL`` empties all clusters of a tool. As ``recorded`` it
prints the port, and every request for which there is no recording, which fails.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.protobuf import in_json
from tests.benchmarks.recorded import answered, serve

_UID = re.compile(rb'("uid":\s*")[0-9a-f]{8}')
_NAMESPACED = re.compile(r"(/api/v1/namespaces/[^/]+)/.")
_NAMESPACES = re.compile(r"^/apis?/(?:[^/]+/)?v[^/]+/namespaces/([^/]+)/.")
_SETS = re.compile(r"^(\S+) (in|notin) \((.*)\)$")
_PARTIAL = "PartialObjectMetadataList"


class Unlike(Exception):
    """What is sent has another shape than what was recorded."""


def filled(sent: Any, was: Any, answer: Any) -> Any:
    """``answer``, which a server gave to ``was``, as it would give it to ``sent``. Raises Unlike."""
    if sent == was:
        return answer
    if answer == was or isinstance(sent, str | int | float | bool | None):
        return sent
    if isinstance(sent, dict) and isinstance(was, dict) and isinstance(answer, dict) and sent.keys() == was.keys():
        return {**answer, **{key: filled(sent[key], was[key], answer.get(key)) for key in sent}}
    if isinstance(sent, list) and isinstance(was, list) and len(sent) == len(was) == len(answer or ()):
        return [filled(*each) for each in zip(sent, was, answer, strict=True)]
    raise Unlike


def chosen(labels: Mapping[str, str], name: str, query: Mapping[str, str]) -> bool:
    """Whether a list with this query has an object of these labels and this name."""
    fields = dict(part.split("=", 1) for part in query.get("fieldSelector", "").split(",") if part)
    return fields.get("metadata.name", name) == name and all(
        _fits(labels, part.strip()) for part in _requirements(query.get("labelSelector", ""))
    )


def _requirements(selector: str) -> Iterator[str]:
    """The parts of a selector; a comma within brackets separates none."""
    yield from (part for part in re.split(r",(?![^(]*\))", selector) if part)


def _fits(labels: Mapping[str, str], part: str) -> bool:
    if found := _SETS.match(part):
        listed = labels.get(found[1]) in [each.strip() for each in found[3].split(",")]
        return listed is (found[2] == "in")
    if part.startswith("!"):
        return part[1:] not in labels
    name, equals, value = part.partition("=")
    if name.endswith("!"):
        return labels.get(name[:-1]) != value
    return labels.get(name) == value.removeprefix("=") if equals else name in labels


class Stored(NamedTuple):
    """An object: as it is got, as lists hold it in full and in part, and what they choose it by."""

    whole: bytes
    item: bytes
    part: bytes
    labels: Mapping[str, str]
    name: str


@dataclass
class Cluster:
    """One cluster of a tool: its number makes uids, ``recording`` its answers."""

    number: int
    recording: Mapping[str, Any]
    objects: dict[str, Stored] = field(default_factory=dict)
    deployed: bool = False

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes | None:
        """To one request; None where there is no recording of its like."""
        path, _mark, rest = target.partition("?")
        query = dict(urllib.parse.parse_qsl(rest))
        if method in ("GET", "HEAD"):
            return self._read(f"{method} {target} {headers.get('accept', '')}", path, query, headers)
        return self._write(method, path, query, json.loads(body))

    def _read(self, key: str, path: str, query: Mapping[str, str], asked: Mapping[str, str]) -> bytes | None:
        if path in self.objects:
            return self._told(200, {"Content-Type": "application/json"}, self.objects[path].whole)
        known = self.recording["reads"].get(key)
        if known is None:
            return None
        status, headers, text = known[self.deployed]
        if asked.get("if-none-match", "") == headers.get("Etag"):
            return answered(HTTPStatus.NOT_MODIFIED, headers, b"")
        content = text.encode("latin-1")
        if path in self.recording["folders"] and status == 200 and "json" in headers.get("Content-Type", ""):
            content = self._list(path, query, json.loads(content))
        return self._told(status, headers, content)

    def _list(self, folder: str, query: Mapping[str, str], recorded: Mapping[str, Any]) -> bytes:
        partial = recorded["kind"] == _PARTIAL
        items = [
            stored.part if partial else stored.item
            for path, stored in sorted(self.objects.items())
            if path.rpartition("/")[0] == folder and chosen(stored.labels, stored.name, query)
        ]
        head = json.dumps({**recorded, "items": []}).encode().rpartition(b"[]}")[0]
        return head + b"[" + b",".join(items) + b"]}"

    def _write(self, method: str, path: str, query: Mapping[str, str], sent: Any) -> bytes | None:
        place = f"{path}/{sent['metadata']['name']}" if method == "POST" else path
        for known in self.recording["writes"].get(write_key(method, place, query, self.objects), ()):
            try:
                answer = filled(sent, known["sent"], known["answer"]) if known["status"] < 400 else known["answer"]
                if known["kept"]:
                    self.objects[place] = _stored(self._own(filled(sent, known["sent"], known["kept"])))
                    self.deployed = self.deployed or deploys(place)
            except Unlike:
                continue
            return self._told(known["status"], {"Content-Type": "application/json"}, json.dumps(answer).encode())
        return None

    def _own(self, value: Any) -> Any:
        """With the uids of this cluster."""
        return json.loads(_UID.sub(rb"\g<1>%08x" % self.number, json.dumps(value).encode()))

    def _told(self, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        own = _UID.sub(rb"\g<1>%08x" % self.number, body) if "Content-Encoding" not in headers else body
        return answered(status, headers, own)


def _stored(value: dict[str, Any]) -> Stored:
    metadata = value["metadata"]
    item = {name: part for name, part in value.items() if name not in ("kind", "apiVersion")}
    whole, listed, part = (json.dumps(each).encode() for each in (value, item, {"metadata": metadata}))
    return Stored(whole, listed, part, metadata.get("labels") or {}, metadata["name"])


def write_key(method: str, place: str, query: Mapping[str, str], there: Any) -> str:
    """What tells writes apart: whether the object exists, and its namespace; ``there`` are the paths of all objects."""
    home = _NAMESPACES.match(place)
    state = "there" if place in there else "new" if not home or f"/api/v1/namespaces/{home[1]}" in there else "nowhere"
    return f"{method} {place} {state}{' dry' if 'dryRun' in query else ''}"


def deploys(place: str) -> bool:
    """Whether an object there makes pods, so that from then on there are some."""
    return place.startswith("/apis/apps/")


def main(file: str) -> None:
    """Serve until standard input ends."""
    recordings: dict[str, Any] = json.loads(Path(file).read_text())
    clusters: dict[tuple[str, int], Cluster] = {}

    def answer(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        _empty, tool, *rest = target.split("/", 3)
        if not rest:
            for key in [key for key in clusters if key[0] == tool]:
                del clusters[key]
            return answered(200, {}, b"")
        number, inner = int(rest[0]), f"/{rest[1]}"
        cluster = clusters.setdefault((tool, number), Cluster(number, recordings[tool]))
        plain, content = in_json(headers, body)
        found = cluster.answer(method, inner, plain, content)
        if found is None:
            print(f"{method} {target} {plain.get('accept', '')}", flush=True)
            return answered(501, {"Content-Type": "application/json"}, b'{"kind": "Status", "code": 501}')
        return found

    asyncio.run(serve(answer))


if __name__ == "__main__":
    main(sys.argv[1])
