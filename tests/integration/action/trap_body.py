# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body that does what is hard to bear in Ansible's own process; copied into a collection of its own by the tests."""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._body import Mode, body
from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, MissingLibrary
from ansible_collections.o11y.thanos.plugins.module_utils._options.rows import Option
from ansible_collections.o11y.thanos.plugins.module_utils._threads import in_threads

Params = Mapping[str, Any]

SPEC: dict[str, Any] = {
    "do": {"type": "str", "required": True},
    "secret": {"type": "str", "no_log": True},
    "value": {
        "type": "raw",
        "aliases": ["worth"],
        "deprecated_aliases": [{"name": "worth", "version": "9.0.0", "collection_name": "trap.trap"}],
    },
    "number": {"type": "int"},
    "file": {"type": "path"},
    "seconds": {"type": "float", "default": 30.0},
    "level": {"type": "dict"},
}
# Ansible does not look into it.
ROWS = {"level": Option("dict", options={"now": Option(former={"before": "9.0.0"})}, folded=True)}


def _names(value: Any) -> Any:
    """The exact type of everything in a value."""
    if isinstance(value, dict):
        return {"dict": type(value).__name__, "of": [[type(k).__name__, _names(v)] for k, v in value.items()]}
    return [_names(each) for each in value] if isinstance(value, list) else type(value).__name__


def types(params: Params, _mode: Mode) -> dict[str, Any]:
    import yaml  # Here, as the Python that Ansible discovers may lack it.

    return {"types": _names(params["value"]), "text": yaml.safe_dump(params["value"])}


def odd(_params: Params, _mode: Mode) -> dict[str, Any]:
    return {"set": {"b"}, "tuple": (1, 2), "bytes": b"text", "numbers": {1: "one"}}


def impossible(_params: Params, _mode: Mode) -> dict[str, Any]:
    return {"path": Path("/x"), "number": Decimal("1.5"), "view": {}.keys()}


def leak(params: Params, _mode: Mode) -> dict[str, Any]:
    secret = params["secret"]
    diff = {"before": "", "after": f"key: {secret}"}
    return {"text": f"a {secret} b", "list": [secret], "diff": diff, "warnings": [f"not {secret}"]}


def leak_in_key(params: Params, _mode: Mode) -> dict[str, Any]:
    return {"below": {params["secret"]: 1, f"my {params['secret']}": 2}}


def fail(params: Params, _mode: Mode) -> dict[str, Any]:
    raise Failure(f"no {params['secret']}", {"report": {"line": params["secret"]}})


def crash(params: Params, _mode: Mode) -> dict[str, Any]:
    raise ValueError(f"bad {params['secret']}")


def leave(_params: Params, _mode: Mode) -> dict[str, Any]:
    sys.exit(3)


def look(params: Params, mode: Mode) -> dict[str, Any]:
    """What surrounds the body; then it is changed, for whoever comes after."""
    found = {
        "where": "module" if ".zip" in __file__ else "plugin",
        "variable": os.environ.get("TRAP"),
        "proxy": os.environ.get("TRAP_NUMBER"),
        "read": Path(params["file"]).read_text(encoding="utf-8") if params["file"] else "",
        "mode": [mode.check_mode, mode.diff],
    }
    os.environ["TRAP"] = "left by the item before"
    os.chdir("/")
    return found


def keep(params: Params, mode: Mode) -> dict[str, Any]:
    """A key in the folder, whose path is noted; then a long wait."""
    (Path(mode.directory) / "key").write_text("a key", encoding="utf-8")
    Path(params["file"]).write_text(mode.directory, encoding="utf-8")
    time.sleep(params["seconds"])
    return {"kept": os.listdir(mode.directory)}


def threads(params: Params, _mode: Mode) -> dict[str, Any]:
    """Threads that note their end, after a long wait."""

    def work(_number: int) -> None:
        time.sleep(params["seconds"])
        Path(params["file"]).write_text("ended", encoding="utf-8")

    return {"done": in_threads(work, range(2))}


def noise(_params: Params, _mode: Mode) -> dict[str, Any]:
    print("printed by a library")
    print("complained of by a library", file=sys.stderr)
    warnings.warn("warned of by a library", stacklevel=1)
    logging.getLogger("urllib3.connectionpool").info("logged by a library")
    return {}


def tell(params: Params, mode: Mode) -> dict[str, Any]:
    for text in ("first", f"then {params['secret']}"):
        mode.tell(text)
    return {}


def lack(params: Params, mode: Mode) -> dict[str, Any]:
    if ".zip" not in __file__:
        raise MissingLibrary("the Python library trap cannot be imported.")
    return look(params, mode)


def third(params: Params, _mode: Mode) -> dict[str, Any]:
    """Fails twice, by what is noted in a file."""
    note = Path(params["file"])
    before = note.read_text(encoding="utf-8") if note.exists() else ""
    note.write_text(f"{before}x", encoding="utf-8")
    if len(before) < 2:
        raise Failure("not yet")
    return {"times": len(before) + 1, "where": "module" if ".zip" in __file__ else "plugin"}


def remember(params: Params, mode: Mode) -> dict[str, Any]:
    """In check mode the value is kept under the text ``question``; else it is taken."""
    if mode.check_mode:
        mode.kept.put("question", [params["value"], *([params["secret"]] if params["number"] else [])])
        return {}
    return {"taken": mode.kept.take("question")}


def change(_params: Params, _mode: Mode) -> dict[str, Any]:
    return {"changed": True}


DEEDS: dict[str, Callable[[Params, Mode], dict[str, Any]]] = {
    deed.__name__: deed
    for deed in (
        *(types, odd, impossible, leak, leak_in_key, fail, crash, leave, look, keep, threads, noise, tell, lack),
        *(remember, change, third),
    )
}


def run(params: Params, mode: Mode) -> dict[str, Any]:
    """Do what is asked for."""
    return {"changed": False, **DEEDS[params["do"]](params, mode)}


TRAP = body(SPEC, lambda _raw: [], run, rows=ROWS)
