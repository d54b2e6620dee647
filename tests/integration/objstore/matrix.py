# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature by server, asked of real servers: ``python -m tests.integration.objstore.matrix`` writes the page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tasks.tree import collections_path

PAGE = Path(__file__).parents[3] / "docs/object-store-matrix.md"
# What is asked of a new bucket; the values are such that no server has them by itself, where there is such a value.
ASKED: dict[str, dict[str, Any]] = {
    "ownership": {"ownership": "BucketOwnerPreferred"},
    "public_access": {"public_access": "blocked"},
    "versioning": {"versioning": "enabled"},
    "encryption": {"encryption": {"type": "SSE-S3"}},
    "lifecycle": {"lifecycle": {"abort_incomplete_multipart_days": 3}},
    "soft_delete": {"soft_delete_days": 10},
    "tags": {"tags": {"team": "observability"}},
    "tls_only": {"tls_only": True},
}
NEVER_WRITTEN = ("object_lock",)
ROLE_DEEDS = {
    "reader": {"list", "read"},
    "writer": {"list", "read", "write"},
    "compactor": {"list", "read", "write", "delete"},
}
HEAD = """# What each object store does

Written by `python -m tests.integration.objstore.matrix` from the answers of the servers; a test of `make test-full`
holds it to what they answer now. Each cell is a new bucket that the collection was asked to give the one feature.

* **works**: written, and shown when read again. **enforced**, **not enforced**: and then tried out.
* **already so**: a new bucket is like that; nothing was written.
* **access as …**: somebody is let in with a role and tries to list, read, write, delete and change a setting, before
  and after. **enforced** is nothing before, and just what the role needs after.
* **read only**: the collection reads it and never writes it.
* **refused**: the server refused the write, or did not show what it took. **not there**: it has no such setting.

"""


@dataclass(frozen=True)
class Cell:
    """``note`` is what the server, or the collection for it, said."""

    word: str
    note: str = ""


def ask(server: Any, number: int, feature: str, folder: str) -> Cell:
    """Give a new bucket the feature and say what came of it."""
    from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
    from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import inspect, run
    from tests.integration.objstore.matrix_servers import store_of
    from tests.integration.objstore.matrix_trials import TRIALS

    store = store_of(server, number)
    parameters = {"state": "present", "timeout": 2, "store": store}
    run(parameters, Mode(directory=folder))
    found = inspect(parameters, Mode(directory=folder))["features"][feature]
    if found["state"] == "unsupported":
        return Cell("not there", found["detail"])
    if feature in NEVER_WRITTEN:
        return Cell("read only")
    try:
        done = run({**parameters, "store": {**store, **ASKED[feature]}}, Mode(directory=folder))
    except Failure as e:
        if feature == "tls_only" and "looking for the bucket is forbidden" in str(e):
            return Cell("works, enforced", "by plain HTTP even the owner is refused, also to take it back")
        return Cell("refused", _plain(str(e), store))
    word = "works" if done["changed"] else "already so"
    trial = TRIALS.get(feature) if server.client is not None else None
    return Cell(word) if trial is None else _tried(word, trial(server, number, folder))


def _tried(word: str, failure: str) -> Cell:
    return Cell(f"{word}, {'not enforced' if failure else 'enforced'}", failure)


def let_in(server: Any, number: int, role: str, folder: str) -> Cell:
    """Let somebody in with a role on a new bucket, and have them try everything before and after."""
    from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
    from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access_task import grant
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import run
    from tests.integration.objstore.matrix_servers import name_of, store_of

    store, name = store_of(server, number), name_of(number)
    run({"state": "present", "timeout": 2, "store": store}, Mode(directory=folder))
    lacks = _no_access_list(store, folder)
    if lacks:
        return Cell("not there", lacks)
    server.put_block(name)
    who, deeds = server.visitor(name, role)
    uninvited = _possible(deeds)
    people: dict[str, list[str]] = {each: [who] if each == role else [] for each in ROLE_DEEDS}
    try:
        grant({"state": "present", "timeout": 2, "store": store, **people}, Mode(directory=folder))
    except Failure as e:
        return Cell("refused", _plain(str(e), store))
    if uninvited:
        return Cell("not enforced", f"whoever was not let in can {', '.join(sorted(uninvited))}")
    possible = _possible(deeds)
    missing, beyond = ROLE_DEEDS[role] - possible, possible - ROLE_DEEDS[role]
    if missing:
        return Cell("refused", f"cannot {', '.join(sorted(missing))}")
    return Cell("not enforced", f"can {', '.join(sorted(beyond))} too") if beyond else Cell("enforced")


def _no_access_list(store: Mapping[str, Any], folder: str) -> str:
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access import wanted
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.table import open_store
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import State
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import connection

    if wanted(store, {"reader": ["somebody"]}) is None:
        return f"a bucket of type {store['type']} carries no access list"
    found = open_store(connection(store), 2, folder).observe(("access",)).features["access"]
    return found.detail if found.state is State.UNSUPPORTED else ""


def _possible(deeds: Mapping[str, Callable[[], Any]]) -> set[str]:
    from tests.integration.objstore.matrix_servers import refused

    return {deed for deed, act in deeds.items() if not refused(act)}


def thanos_lists(server: Any, number: int, thanos: Path, folder: str) -> Cell:
    """Whether ``thanos tools bucket ls`` finds a block with the objstore.yml that the collection writes."""
    from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.task import FOR_ADAPTERS, run
    from tests.integration.objstore.matrix_servers import name_of, store_of
    from tests.integration.objstore.test_thanos import BLOCK, ls

    store = store_of(server, number)
    run({"state": "present", "timeout": 2, "store": store}, Mode(directory=folder))
    server.put_block(name_of(number))
    keys = {k: v for k, v in store.items() if k not in (*FOR_ADAPTERS, "manage", "profile")}
    code, output = ls(thanos, Path(folder), keys)
    return Cell("works" if code == 0 and BLOCK in output else "refused")


def measure() -> dict[str, dict[str, Cell]]:
    """Server → row → what came of it."""
    from ansible_collections.o11y.thanos.plugins.module_utils._objstore.feature_options import FEATURES
    from tests.integration.objstore.matrix_servers import SERVERS
    from tests.testbed.build import build
    from tests.testbed.progress import Progress

    thanos = build(("thanos",), Progress(quiet=True))["thanos"]
    table: dict[str, dict[str, Cell]] = {}
    for start in SERVERS:
        with start() as servers, tempfile.TemporaryDirectory() as folder:
            number = 0
            for server in servers:
                column = table.setdefault(server.title, {})
                for feature in FEATURES:
                    number += 1
                    column[f"`{feature}`"] = ask(server, number, feature, folder)
                for role in ROLE_DEEDS:
                    number += 1
                    column[f"access as {role}"] = let_in(server, number, role, folder)
                number += 1
                column["Thanos lists blocks"] = thanos_lists(server, number, thanos, folder)
    return table


def page(table: Mapping[str, Mapping[str, Cell]]) -> str:
    """The page as Markdown."""
    rows = next(iter(table.values()))
    lines = [f"| | {' | '.join(table)} |", f"|---|{'---|' * len(table)}"]
    lines += [f"| {row} | {' | '.join(column[row].word for column in table.values())} |" for row in rows]
    for title, column in table.items():
        notes = [f"* {row}: {cell.word}; {cell.note}" for row, cell in column.items() if cell.note]
        lines += ["", f"## {title}", "", *notes] if notes else []
    return HEAD + "\n".join(lines) + "\n"


def _plain(sentence: str, store: Mapping[str, Any]) -> str:
    """Without what differs from run to run: bucket and address."""
    bucket = store.get("bucket") or store.get("container_name") or store.get("container") or store.get("directory")
    plain = " ".join(sentence.split()).replace(str(bucket), "metrics")
    for key in ("endpoint", "auth_url"):
        plain = plain.replace(str(store.get(key) or "\0"), "the server")
    return plain


if __name__ == "__main__":
    import sys

    sys.path.insert(0, str(collections_path()))
    PAGE.write_text(page(measure()), encoding="utf-8")
