# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in URLs, arguments and variables, which would be plain in the pods, diffs and logs.

Kubernetes fills in $(NAME) from a Secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .._findings import Finding, mistake
from .._objstore.credentials import SECRETS_DIR
from .credential_keys import credentials_in, header_holds_credential, holds_credential, is_credential, is_token
from .flags import Flag, name_of
from .model import Instance

# A URL ends where a text around it, such as JSON in an annotation, goes on.
_PASSWORD = re.compile(r"""://[^/?#\s"'<>,{}\[\]]*?:(?P<secret>[^/?#\s"'<>]+)@""")
_USER = re.compile(r"""://(?P<secret>[^/?#\s"'<>,{}\[\]:@]+):?@""")
# The arguments of a URL, and each of them. What a template or another variable fills in is none yet.
_ARGUMENTS = re.compile(r"""://[^?#\s"'<>{}]*\?(?P<all>[^#\s"'<>{}]+)""")
_ARGUMENT = re.compile(r"(?:^|[&;])(?P<name>[^=&;]+)=(?P<secret>(?!\$(?!\())[^&;,]+)")
# The parts of a connection string, and headers in one text.
_PART = re.compile(r"(?:^|[;,&])\s*(?P<name>[\w.-]+)\s*=\s*(?P<secret>[^;,]+)")
# Patterns and selectors look like URLs with passwords where they are to find those.
_PATTERN = re.compile(r"(relabel_configs?\[\d+\]\.regex|\.params\.match\[\]\[\d+\])$")
_REPLACEMENT = re.compile(r"relabel_configs?\[\d+\]\.replacement$")
# What relabelling puts in the place of a group or of a password, which is none.
_REPLACED = re.compile(r"(\$(\w+|\{\w+\}))+|[A-Z]{3,}|\*+")
_VARIABLE = re.compile(r"\$\((?P<name>[A-Za-z_]\w*)\)")
# A header has a word for the kind of its credential before that.
_SCHEME = re.compile(r"[A-Za-z][\w.-]*\s+(?=\$\()")
_FOR_PEOPLE = re.compile(r"((pod_|service_account_|service\.)?annotations)\b")
# Rules and jobs have their own ways to credentials, and are no arguments.
_ELSEWHERE = frozenset({"rules", "scrape_configs"})
# Prometheus has its arguments and its configuration without variables of the user's.
_OF_PROMETHEUS = ("prometheus_extra_args", "remote_write")
# Thanos writes this URL into alerts that it sends, so that it is for people.
_PUBLISHED = frozenset({"alert_query_url"})


@dataclass(frozen=True)
class Login:
    """What stands before the host of a URL, or as the ``argument`` of this name behind it."""

    secret: str
    password: bool
    argument: str = ""

    @property
    def what(self) -> str:
        """How a sentence about the URL goes on."""
        if self.argument:
            return f"the argument '{self.argument}', which is a credential by its name and would be plain"
        return (
            "a password, which would be plain" if self.password else "a user, which may be a token and would be plain"
        )

    @property
    def hidden(self) -> bool:
        """Whether it is to be hidden in a text for people too, where the address of a repository may have a user."""
        return self.password or is_token(self.secret)


def logins(text: str, path: str = "") -> Iterator[Login]:
    """The password of each URL in a text, or its user where that stands alone, and arguments that are credentials.

    By its ``path`` it is seen whether the text is a pattern, or what relabelling puts in the place of another.
    """
    if _PATTERN.search(path):
        return
    replaced = _REPLACED if _REPLACEMENT.search(path) else None
    for login in _logins(text):
        if not (replaced and replaced.fullmatch(login.secret)):
            yield login


def _logins(text: str) -> Iterator[Login]:
    for pattern in (_PASSWORD, _USER):
        for match in pattern.finditer(text):
            yield Login(match["secret"], pattern is _PASSWORD)
    for url in _ARGUMENTS.finditer(text):
        for match in _ARGUMENT.finditer(url["all"]):
            if holds_credential(match["name"], match["secret"]):
                yield Login(match["secret"], False, match["name"])


def problems_of_passwords(instance: Instance, where: str) -> list[Finding]:
    """Every credential in the options that is not the name of a variable from a Secret. None is quoted."""
    known = instance.tier.flags
    options = {name: value for name, value in instance.options.items() if name not in _ELSEWHERE}
    told = [
        *(each for path, text in _texts(options) for each in _told_of_url(path, text, _variables(instance, path))),
        *_told_of_documents(instance, known),
        *_told_of_variables(instance),
    ]
    return [mistake("password-plain", f"{where}.{path}", what, advice) for path, what, advice in told]


def _texts(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, text in texts(options, ""):
        name, _equals, value = text.partition("=")
        # Relabelling in an argument has patterns too, which are known by their keys.
        document = _document(value) if path.startswith("extra_args") and name.endswith(".relabel-config") else None
        yield from texts(document, f"{path}.relabel_configs") if document else [(path, text)]


def _variables(instance: Instance, path: str) -> set[str]:
    """Those that Kubernetes fills in there. The container of Prometheus has none of the user's."""
    if path.startswith(_OF_PROMETHEUS):
        return set()
    return {each["name"] for each in instance["env"] if each["valueFrom"]}


_Told = tuple[str, str, str]


def _told_of_url(path: str, text: str, variables: Collection[str]) -> Iterator[_Told]:
    for login in logins(text, path):
        people = bool(_FOR_PEOPLE.match(path))
        if people and not login.hidden:
            continue
        what = f"a URL with {login.what} in the pods, in diffs and in logs"
        variable = _VARIABLE.fullmatch(login.secret)
        if path in _PUBLISHED:
            yield path, what, "leave it out, for this URL is part of every alert"
        elif people or path.startswith(_OF_PROMETHEUS):
            yield path, what, "leave it out, for nothing fills in a value from a Secret there"
        elif path.startswith("env["):
            if not _holds_variable(login.secret):
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
    scheme = _SCHEME.match(value)
    rest = _VARIABLE.sub("", value[scheme.end() :] if scheme else value)
    return bool(names) and set(names) <= set(variables) and not rest.strip() and not _has_token(value)


def _holds_variable(value: str) -> bool:
    """Whether a part of a variable comes from another, whatever fills that in, and nothing else in it is a token."""
    return bool(_VARIABLE.search(value)) and not _has_token(value)


def _has_token(value: str) -> bool:
    return any(is_token(word) for word in _VARIABLE.sub(" ", value).split())


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
        name, value = each["name"], str(each["value"] or "")
        if value and is_credential(name, value) and not _is_elsewhere(value):
            what = f"{name} is a credential by its name, and would be plain in the pods, in diffs and in logs"
            yield f"env[{i}].value", what, _WHOLE
        elif held := _part(value, header_holds_credential if name.endswith("HEADERS") else holds_credential):
            what = f"{name}: {held} is a credential that would be plain in the pods, in diffs and in logs"
            yield f"env[{i}].value", what, _WHOLE


def _is_elsewhere(value: str) -> bool:
    return value.startswith("/") or _holds_variable(unquote(value))


def _part(value: str, judge: Callable[[str, str], bool]) -> str:
    """Which part of a variable is a credential: of a connection string, of headers or of a configuration."""
    # Where it is a URL, that is judged as one.
    pairs = () if "://" in value.partition("=")[0] else _PART.finditer(value)
    for match in pairs:
        # Variables of OpenTelemetry are encoded as URLs are.
        name, text = match["name"], unquote(match["secret"]).strip()
        if judge(name, text) and not _is_elsewhere(text):
            return name
    held = next((held for held in credentials_in(_document(value), "") if not _holds_variable(held.value)), None)
    return held.where if held else ""


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
