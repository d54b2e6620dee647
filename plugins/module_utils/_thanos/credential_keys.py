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
# Other things are named so too: by the value it is seen. A URL that is signed ends in X-Amz-Signature.
_PERHAPS = re.compile(r"key|sig|(.*[-_])?signature", re.IGNORECASE)
# A header of this name is seldom anything else, but those of partitions and caches end in it.
_HEADER = re.compile(r"(x-)?key", re.IGNORECASE)
_PERHAPS_HEADER = re.compile(r"[-_]key$", re.IGNORECASE)
# Whether something is wanted, and where a list goes on, are no credentials.
_ASKING = re.compile(
    r"(?i:include|show|with|has|next|continue|page)[-_]|(include|show|with|has|next|continue|page)(?=[A-Z])"
)
_ANSWER = re.compile(r"true|false|yes|no|0|1", re.IGNORECASE)
# The argument in which exporters are told the name of a Secret of Kubernetes, and such a name.
_SECRET = "secret"
_NAME_OF_SECRET = re.compile(r"[a-z\d-]+/[a-z\d.-]+|[a-z]+([.-]([a-z]+\d{0,3}|\d{1,4}))*")
# Words are a name though they are long, such as production-eu-west-1, k8s.example.com and 2026-01-31-daily.
_LONG = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.=~%+/-]{16,}")
_WORD = r"(([A-Z]?[a-z]{1,20}|[A-Z]{1,20})(\d{1,3}[a-z]?)?|\d{1,4}[a-z]{0,2})"
_WORDS = re.compile(rf"{_WORD}([.-]{_WORD})+")
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


def is_token(value: str) -> bool:
    """Whether a text looks like a token and not like a name."""
    return bool(_LONG.fullmatch(value)) and not _WORDS.fullmatch(value)


def is_credential(name: str, value: str) -> bool:
    """Whether a variable is a credential, as far as its name tells. Yes and no are none."""
    return bool(_TELLING.search(name)) and not _ANSWER.fullmatch(value)


def holds_credential(name: str, value: str) -> bool:
    """Whether an argument of a request, or a part of a connection string, is a credential."""
    if _ASKING.match(name):
        return False
    return is_credential(name, value) or bool(_PERHAPS.fullmatch(name) and is_token(value))


def header_holds_credential(name: str, value: str) -> bool:
    """Whether a header is a credential."""
    if is_credential(name, value) or _HEADER.fullmatch(name):
        return True
    return bool(_PERHAPS_HEADER.search(name)) and is_token(value)


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
    return label.startswith(_ARGUMENT_LABEL) and _is_parameter(label.removeprefix(_ARGUMENT_LABEL), value)


def _is_parameter(name: str, value: str) -> bool:
    if name.lower() == _SECRET and _NAME_OF_SECRET.fullmatch(value):
        return any(is_token(part) for part in value.split("/"))
    return holds_credential(name, value)


def _held(value: Any, where: str, keys: tuple[str, ...]) -> Iterator[Held]:
    items = value if isinstance(value, list) else [value]
    texts = [str(item) for item in items if isinstance(item, (str, int)) and not isinstance(item, bool) and item != ""]
    if not texts:
        return
    named = next((place for place in keys[-3:-1] if place in _NAMED), "")
    if named == "http_headers" and keys[-1] in ("secrets", "values"):
        if keys[-1] == "secrets" or any(header_holds_credential(keys[-2], text) for text in texts):
            yield Held(where, texts[0], *_way_of_header(keys[-2]))
    elif named:
        judge = _is_parameter if named == "params" else header_holds_credential
        if keys[-2] == named and any(judge(keys[-1], text) for text in texts):
            yield Held(where, texts[0], "", named)
    elif keys[-1] in _HOLDING or keys[-2:] in _FILE_OF:
        yield Held(where, texts[0], _FILE_OF.get(keys[-2:]) or _FILE_OF.get(keys[-1:], ""))


def _way_of_header(name: str) -> tuple[str, str]:
    # Prometheus takes neither of these as a header of the user's own.
    own = {"authorization": ("authorization.credentials_file", ""), "proxy-authorization": ("", "")}
    return own.get(name.lower(), ("files", ""))
