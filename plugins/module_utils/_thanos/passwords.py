# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords in URLs, which would be plain in arguments, diffs and logs. Kubernetes fills in $(NAME) from a Secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .model import Instance

# A URL ends where a text around it, such as JSON in an annotation, goes on.
_PASSWORD = re.compile(r"""://[^/?#\s"'<>,{}\[\]]*?:(?P<password>[^/?#\s"'<>]*)@""")
# What relabelling puts in the place of a group, which is no password yet.
_GROUPS = re.compile(r"(\$\{?\d+\}?)+")
_VARIABLE = re.compile(r"\$\((?P<name>[A-Za-z_]\w*)\)")
# Rules and jobs have their own ways to credentials, and are no arguments.
_ELSEWHERE = frozenset({"rules", "scrape_configs"})
# Thanos writes this URL into alerts that it sends, so that it is for people.
_PUBLISHED = frozenset({"alert_query_url"})


def has_password(text: str) -> bool:
    """Whether a URL in a text holds a password."""
    found = [match["password"] for match in _PASSWORD.finditer(text)]
    return any(password and not _GROUPS.fullmatch(password) for password in found)


def problems_of_passwords(instance: Instance, where: str) -> list[Finding]:
    """Every URL with a password that is not the name of a variable from a Secret. The password is not quoted."""
    variables = {each["name"] for each in instance["env"] if each["valueFrom"]}
    found = [
        (path, match["password"])
        for path, text in _texts(instance.options, "")
        for match in _PASSWORD.finditer(text)
        if match["password"]
    ]
    return [
        finding
        for path, password in found
        for finding in _problems_of(path.removeprefix("."), password, variables, f"{where}.")
    ]


def _problems_of(path: str, password: str, variables: Iterable[str], where: str) -> list[Finding]:
    what = "a URL with a password, which would be plain in the pods, in diffs and in logs"
    variable = _VARIABLE.fullmatch(password)
    if path in _PUBLISHED:
        return [mistake("password-plain", where + path, what, "leave it out, for this URL is part of every alert")]
    if path.startswith("env["):
        return [
            mistake("password-plain", where + path, what, "keep the whole value in a Secret and name it in valueFrom")
        ]
    if variable is None:
        return [mistake("password-plain", where + path, what, _WAY_IN)]
    if variable["name"] not in variables:
        what = f"there is no variable {variable['name']} for $({variable['name']})"
        return [mistake("password-plain", where + path, what, _WAY_IN)]
    return []


_WAY_IN = (
    "keep it in a Secret, write $(PASSWORD) in its place, and give the variable in env: "
    "{name: PASSWORD, valueFrom: {secretKeyRef: {name: <Secret>, key: <key>}}}"
)


def _texts(value: Any, path: str) -> Iterable[tuple[str, str]]:
    """(path, text) of every text in the options."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, below in value.items():
            if path or name not in _ELSEWHERE:
                yield from _texts(below, f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for i, below in enumerate(value):
            yield from _texts(below, f"{path}[{i}]")
