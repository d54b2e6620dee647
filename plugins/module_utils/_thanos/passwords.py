# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in URLs, arguments and variables, which would be plain in the pods, diffs and logs.

Kubernetes fills in $(NAME) from a Secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .credential_keys import credentials_in, tells_of_credential
from .flags import Flag, name_of
from .model import Instance

# A URL ends where a text around it, such as JSON in an annotation, goes on.
_PASSWORD = re.compile(r"""://[^/?#\s"'<>,{}\[\]]*?:(?P<secret>[^/?#\s"'<>]+)@""")
_USER = re.compile(r"""://(?P<secret>[^/?#\s"'<>,{}\[\]:@]+):?@""")
# What relabelling puts in the place of a group, which is no password yet.
_GROUPS = re.compile(r"(\$\{?\d+\}?)+")
_VARIABLE = re.compile(r"\$\((?P<name>[A-Za-z_]\w*)\)")
_SCHEME = re.compile(r"^(basic|bearer|token)\b", re.IGNORECASE)
# What of a user looks like a token and not like a name.
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.=~%+-]{16,}")
_FOR_PEOPLE = re.compile(r"((pod_|service_account_|service\.)?annotations)\b")
# Rules and jobs have their own ways to credentials, and are no arguments.
_ELSEWHERE = frozenset({"rules", "scrape_configs"})
# Thanos writes this URL into alerts that it sends, so that it is for people.
_PUBLISHED = frozenset({"alert_query_url"})


@dataclass(frozen=True)
class Login:
    """What stands before the host of a URL."""

    secret: str
    password: bool

    @property
    def what(self) -> str:
        """How a sentence about the URL goes on."""
        return (
            "a password, which would be plain" if self.password else "a user, which may be a token and would be plain"
        )

    @property
    def hidden(self) -> bool:
        """Whether it is to be hidden in a text for people too, where the address of a repository may have a user."""
        return self.password or bool(_TOKEN.fullmatch(self.secret))


def logins(text: str, groups: bool = False) -> Iterator[Login]:
    """The password of each URL in a text, or its user where that stands alone. ``groups`` of relabelling are none."""
    for pattern in (_PASSWORD, _USER):
        for match in pattern.finditer(text):
            if not (groups and _GROUPS.fullmatch(match["secret"])):
                yield Login(match["secret"], pattern is _PASSWORD)


def problems_of_passwords(instance: Instance, where: str) -> list[Finding]:
    """Every credential in the options that is not the name of a variable from a Secret. None is quoted."""
    known = instance.tier.flags
    options = {name: value for name, value in instance.options.items() if name not in _ELSEWHERE}
    told = [
        *(each for path, text in texts(options, "") for each in _told_of_url(path, text, _variables(instance, path))),
        *_told_of_documents(instance, known),
        *_told_of_variables(instance),
    ]
    return [mistake("password-plain", f"{where}.{path}", what, advice) for path, what, advice in told]


def _variables(instance: Instance, path: str) -> set[str]:
    """Those that Kubernetes fills in there. The container of Prometheus has none of the user's."""
    if path.startswith("prometheus_extra_args"):
        return set()
    return {each["name"] for each in instance["env"] if each["valueFrom"]}


_Told = tuple[str, str, str]


def _told_of_url(path: str, text: str, variables: Collection[str]) -> Iterator[_Told]:
    for login in logins(text):
        people = bool(_FOR_PEOPLE.match(path))
        if people and not login.hidden:
            continue
        what = f"a URL with {login.what} in the pods, in diffs and in logs"
        variable = _VARIABLE.fullmatch(login.secret)
        if path in _PUBLISHED:
            yield path, what, "leave it out, for this URL is part of every alert"
        elif people or path.startswith("prometheus_extra_args"):
            yield path, what, "leave it out, for nothing fills in a value from a Secret there"
        elif path.startswith("env["):
            yield path, what, _WHOLE
        elif variable is None:
            yield path, what, _WAY_IN
        elif variable["name"] not in variables:
            yield path, f"there is no variable {variable['name']} for $({variable['name']})", _WAY_IN


def _told_of_documents(instance: Instance, known: Mapping[str, Flag]) -> Iterator[_Told]:
    """Credentials in arguments that hold a whole configuration."""
    for option in ("extra_args", "prometheus_extra_args"):
        for i, argument in enumerate(instance.options.get(option) or ()):
            name, _equals, text = argument.partition("=")
            path = f"{option}[{i}]"
            for held in credentials_in(_document(text), ""):
                if _filled_in(held.value, _variables(instance, path)):
                    continue
                what = f"{name}: {held.where} is a credential that would be plain in the pods, in diffs and in logs"
                file = f"{name_of(argument)}-file"
                yield path, what, _WAY_OF_DOCUMENT.format(file) if file in known else _WAY_IN


def _filled_in(value: str, variables: Collection[str]) -> bool:
    """Whether all of a credential comes from variables, behind the word for its kind in a header."""
    names = _VARIABLE.findall(value)
    return bool(names) and set(names) <= set(variables) and not _SCHEME.sub("", _VARIABLE.sub("", value)).strip()


def _document(text: str) -> Any:
    """What a text of YAML holds; nothing where it is none, which Thanos tells."""
    if ":" not in text:
        return None
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None


def _told_of_variables(instance: Instance) -> Iterator[_Told]:
    """Variables whose name tells that they hold a credential. A path is none, and neither is another variable."""
    for i, each in enumerate(instance["env"]):
        value = str(each["value"] or "")
        if value and tells_of_credential(each["name"]) and not (value.startswith("/") or _VARIABLE.fullmatch(value)):
            what = f"{each['name']} is a credential by its name, and would be plain in the pods, in diffs and in logs"
            yield f"env[{i}].value", what, _WHOLE


_WHOLE = "keep the whole value in a Secret and name it in valueFrom"
_WAY_IN = (
    "keep it in a Secret, write $(PASSWORD) in its place, and give the variable in env: "
    "{name: PASSWORD, valueFrom: {secretKeyRef: {name: <Secret>, key: <key>}}}"
)
_WAY_OF_DOCUMENT = (
    f"keep the whole text in a Secret, name that in secrets, and write --{{}}={SECRETS_DIR}/<Secret>/<key> instead"
)


def texts(value: Any, path: str) -> Iterable[tuple[str, str]]:
    """(path, text) of every text in a value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, below in value.items():
            yield from texts(below, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for i, below in enumerate(value):
            yield from texts(below, f"{path}[{i}]")
