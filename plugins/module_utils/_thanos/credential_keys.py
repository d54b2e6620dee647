# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys in configurations of Prometheus and Thanos hold a credential, and where it can be read from instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._objstore.keys import PROVIDERS

# The last keys of a place in a configuration → the key that names a file with the credential.
_FILE_OF: dict[tuple[str, ...], str] = {
    ("basic_auth", "password"): "password_file",
    ("authorization", "credentials"): "credentials_file",
    ("bearer_token",): "bearer_token_file",
    ("oauth2", "client_secret"): "client_secret_file",
    ("oauth2", "client_certificate_key"): "client_certificate_key_file",
    ("tls_config", "key"): "key_file",
    ("consul_sd_configs", "token"): "authorization.credentials_file",
    ("marathon_sd_configs", "auth_token"): "auth_token_file",
    ("scaleway_sd_configs", "secret_key"): "secret_key_file",
    ("stackit_sd_configs", "private_key"): "private_key_path",
    ("stackit_sd_configs", "service_account_key"): "service_account_key_path",
}
# Keys that hold one wherever they are.
_HOLDING = frozenset(
    {
        *(key[-1] for key in _FILE_OF if key != ("tls_config", "key")),
        *("access_token", "api_key", "application_secret", "consumer_key", "secret_token"),
        *(
            name
            for provider in PROVIDERS.values()
            for name, option in provider.keys.items()
            if option.secret and not option.identifier
        ),
    }
)
# Keys below which a user chooses the names: those of headers and of arguments of requests.
_NAMED = frozenset({"headers", "http_headers", "params", "proxy_connect_header"})
# Names that a user chooses there are labels, not keys of Prometheus.
_LABELS = frozenset({"labels"})
_TELLING = re.compile(
    r"(authorization|cookie|credentials?|jwt|passw(or)?d|secrets?|token"
    r"|passphrase|shared[-_]?access[-_]?signature|(^|-)honeycomb-team"
    r"|(api|app|application|auth|account|consumer|encryption|ingest|ingestion|license|private|secret|secret[-_]?access"
    r"|shared[-_]?access|signing|storage|subscription)[-_]?key)$",
    re.IGNORECASE,
)
# Headers are seldom named so for anything else.
_TELLING_HEADER = re.compile(r"(^|[-_])key$", re.IGNORECASE)
# Arguments are: by their value it is seen.
_PERHAPS = re.compile(r"(^|[-_])(key|sig|signature)$", re.IGNORECASE)
# What looks like a token and not like a name.
TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.=~%+/-]{16,}")
# A label that becomes an argument of the request, and what relabelling puts in the place of a group.
_ARGUMENT_LABEL = "__param_"
_GROUP = re.compile(r"\$(\d|\w|\{\w+\})")


@dataclass(frozen=True)
class Held:
    """A credential in a configuration: where it is, ``file`` or else ``below`` being the way to have it elsewhere.

    ``file`` is the key that names a file with it; ``below`` the key below which a user chose its name.
    """

    where: str
    value: str
    file: str = ""
    below: str = ""


def tells_of_credential(name: str) -> bool:
    """Whether a header, an argument or a variable of this name holds a credential, as far as its name tells."""
    return bool(_TELLING.search(name))


def holds_credential(name: str, value: str) -> bool:
    """Whether an argument of a request, or a part of a connection string, is a credential."""
    return tells_of_credential(name) or bool(_PERHAPS.search(name) and TOKEN.fullmatch(value))


def credentials_in(value: Any, where: str, keys: tuple[str, ...] = ()) -> Iterator[Held]:
    """Every credential in a configuration; ``keys`` lead to ``value``."""
    if isinstance(value, Mapping):
        yield from _held_by_labels(value, where)
        for key, below in value.items():
            if str(key) not in _LABELS:
                path = (*keys, str(key))
                # A name that a user chose may be that of a key, such as ``token``, and is judged once.
                yield from _held(below, f"{where}.{key}" if where else str(key), path)
                yield from credentials_in(below, f"{where}.{key}" if where else str(key), path)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from credentials_in(item, f"{where}[{i}]", keys)


def _held_by_labels(value: Mapping[Any, Any], where: str) -> Iterator[Held]:
    """Arguments of requests that labels are made into: those of targets, and what relabelling always puts there."""
    labels = value.get("labels")
    for name, text in labels.items() if isinstance(labels, Mapping) else ():
        if text and _is_argument(str(name), str(text)):
            yield Held(f"{where}.labels.{name}", str(text), "", "params")
    name, text = str(value.get("target_label") or ""), str(value.get("replacement") or "")
    if text and not _GROUP.search(text) and _is_argument(name, text):
        yield Held(f"{where}.replacement", text, "", "params")


def _is_argument(label: str, value: str) -> bool:
    return label.startswith(_ARGUMENT_LABEL) and holds_credential(label.removeprefix(_ARGUMENT_LABEL), value)


def _held(value: Any, where: str, keys: tuple[str, ...]) -> Iterator[Held]:
    items = value if isinstance(value, list) else [value]
    texts = [str(item) for item in items if isinstance(item, (str, int)) and not isinstance(item, bool) and item != ""]
    if not texts:
        return
    named = next((place for place in keys[-3:-1] if place in _NAMED), "")
    if named == "http_headers" and keys[-1] in ("secrets", "values"):
        if keys[-1] == "secrets" or _is_header_of_credential(keys[-2]):
            yield Held(where, texts[0], *_way_of_header(keys[-2]))
    elif named:
        telling = holds_credential(keys[-1], texts[0]) if named == "params" else _is_header_of_credential(keys[-1])
        if telling and keys[-2] == named:
            yield Held(where, texts[0], "", named)
    elif keys[-1] in _HOLDING or keys[-2:] in _FILE_OF:
        yield Held(where, texts[0], _FILE_OF.get(keys[-2:]) or _FILE_OF.get(keys[-1:], ""))


def _is_header_of_credential(name: str) -> bool:
    return tells_of_credential(name) or bool(_TELLING_HEADER.search(name))


def _way_of_header(name: str) -> tuple[str, str]:
    # Prometheus takes neither of these as a header of the user's own.
    own = {"authorization": ("authorization.credentials_file", ""), "proxy-authorization": ("", "")}
    return own.get(name.lower(), ("files", ""))
