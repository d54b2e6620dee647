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
    r"|(api|auth|account|consumer|private|secret|secret[-_]?access|subscription)[-_]?key)$",
    re.IGNORECASE,
)


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


def credentials_in(value: Any, where: str, keys: tuple[str, ...] = ()) -> Iterator[Held]:
    """Every credential in a configuration; ``keys`` lead to ``value``."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            if str(key) not in _LABELS:
                path = (*keys, str(key))
                # A name that a user chose may be that of a key, such as ``token``, and is judged once.
                yield from _held(below, f"{where}.{key}" if where else str(key), path)
                yield from credentials_in(below, f"{where}.{key}" if where else str(key), path)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from credentials_in(item, f"{where}[{i}]", keys)


def _held(value: Any, where: str, keys: tuple[str, ...]) -> Iterator[Held]:
    items = value if isinstance(value, list) else [value]
    texts = [str(item) for item in items if isinstance(item, (str, int)) and not isinstance(item, bool) and item != ""]
    if not texts:
        return
    named = next((place for place in keys[-3:-1] if place in _NAMED), "")
    if named == "http_headers" and keys[-1] in ("secrets", "values"):
        if keys[-1] == "secrets" or tells_of_credential(keys[-2]):
            yield Held(where, texts[0], *_way_of_header(keys[-2]))
    elif named:
        if tells_of_credential(keys[-1]) and keys[-2] == named:
            yield Held(where, texts[0], "", named)
    elif keys[-1] in _HOLDING or keys[-2:] in _FILE_OF:
        yield Held(where, texts[0], _FILE_OF.get(keys[-2:]) or _FILE_OF.get(keys[-1:], ""))


def _way_of_header(name: str) -> tuple[str, str]:
    # Prometheus takes neither of these as a header of the user's own.
    own = {"authorization": ("authorization.credentials_file", ""), "proxy-authorization": ("", "")}
    return own.get(name.lower(), ("files", ""))
