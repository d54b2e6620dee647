# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig as data: what is given by its content, and what of one the SDK does not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._errors import InvalidInput
from .._findings import mistake
from .._options.levels import texts

# Of a user, those of its helpers among them.
_CREDENTIALS = frozenset(
    ("token", "password", "client-key-data", "id-token", "access-token", "refresh-token", "client-secret")
)
# Lines, JSON, YAML whose lines were joined, base64.
_NO_PATH = re.compile(r"\n|^\{|: |^[^:]{1025}")


def is_content(source: Any) -> bool:
    """Whether this is no path, but meant as a kubeconfig, sound or not, and so may not be shown."""
    return bool(_NO_PATH.search(source.strip())) if isinstance(source, str) else source is not None


def content(source: Any, what: str) -> Mapping[str, Any]:
    """The mapping that it is, text read as YAML. Raises InvalidInput that names it ``what`` and quotes nothing."""
    import yaml

    try:
        found = _parsed(source) if isinstance(source, str) else source
    except yaml.YAMLError as error:
        # The parser's message quotes the line, which may hold a key.
        mark = getattr(error, "problem_mark", None)
        said = "is not valid YAML" + (f" (line {mark.line + 1})" if mark else "")
        raise InvalidInput([mistake("connection-invalid", what, said, joint=" ")]) from None
    if not isinstance(found, Mapping):
        raise InvalidInput([mistake("connection-invalid", what, "is not a YAML mapping", joint=" ")])
    return found


def _parsed(text: str) -> Any:
    """The parser in C, where PyYAML has it, takes a tenth of the time, but is vague about the line of a mistake."""
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)


def chosen(found: Sequence[Mapping[str, Any]], context: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cluster and the user of a context, of the current one where none is named; empty where there are none.

    ``found``: the parsed files in their order. As kubectl has it, the first one that knows a name says what it is.
    """

    def named(kind: str, name: Any) -> dict[str, Any]:
        entries = [entry for each in found for entry in each.get(f"{kind}s") or () if entry.get("name") == name]
        return dict(entries[0].get(kind) or {}) if entries else {}

    current = context or next((each["current-context"] for each in found if each.get("current-context")), None)
    there = named("context", current)
    return named("cluster", there.get("cluster")), named("user", there.get("user"))


def contexts(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the contexts of parsed files, in their order. What has no form of a kubeconfig has none."""
    entries = [entry for each in found for entry in _listed(each.get("contexts"))]
    return list(
        dict.fromkeys(str(entry["name"]) for entry in entries if isinstance(entry, Mapping) and "name" in entry)
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def impersonation(user: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers by which a user of a kubeconfig acts as somebody else, for which the SDK has no setting."""
    headers: list[tuple[str, Any]] = [("Impersonate-User", user.get("as")), ("Impersonate-Uid", user.get("as-uid"))]
    headers += [("Impersonate-Group", group) for group in user.get("as-groups") or ()]
    for name, values in (user.get("as-user-extra") or {}).items():
        headers += [(f"Impersonate-Extra-{quote(str(name), safe='')}", value) for value in values or ()]
    return [(name, str(value)) for name, value in headers if value]


def hidden(source: Any) -> set[str]:
    """What of a content the task may not show: a text as a whole, and what is below the users but their names."""
    below = [{**each, "name": None} if isinstance(each, Mapping) else each for each in _users(source)]
    return set(texts([below, source if isinstance(source, str) else None]))


def known_credentials(source: Any) -> set[str]:
    """What of that is a credential by its key, and a text as a whole: paths and names of profiles are no such thing."""
    return set(texts([_credentials(_users(source)), source if isinstance(source, str) else None]))


def _users(source: Any) -> Sequence[Any]:
    """The users of a content; all of it where it is none."""
    try:
        users = content(source, "").get("users")
    except (ImportError, InvalidInput, ValueError):
        users = source
    return users if isinstance(users, (list, tuple)) else [users]


def _credentials(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [found for below in value for found in _credentials(below)]
    if not isinstance(value, Mapping):
        return []
    return [below if key in _CREDENTIALS else _credentials(below) for key, below in value.items()]
