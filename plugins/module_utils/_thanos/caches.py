# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches of stores and query frontends: what Thanos takes of each type, its file, and the password from a Secret.

The keys are Thanos' own (docs/components/store.md and query-frontend.md), those alone that it looks at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._findings import Finding, mistake
from .._options.rows import Option, Options
from .files import file_exists
from .model import Facts, Instance, Stack
from .plain_json import plain_json
from .versions import at_least

IN_MEMORY, MEMCACHED, REDIS, NONE = "IN-MEMORY", "MEMCACHED", "REDIS", "NONE"

_DURATION, _SIZE, _SWITCH = Option(form="go_duration"), Option(form="size"), Option("bool")
_COUNT, _POSITIVE = Option("int", minimum=0), Option("int", minimum=1)
_PASSWORD = Option(
    "dict", options={"secret": Option(required=True, form="dns_name"), "key": Option(default="password")}
)
_OF_MEMCACHED: Options = {
    "addresses": Option("list", elements="str", form="cache_address"),
    "timeout": _DURATION,
    "max_idle_connections": _POSITIVE,
    "max_async_concurrency": _POSITIVE,
    "max_async_buffer_size": _POSITIVE,
    "max_get_multi_concurrency": _COUNT,
    "max_get_multi_batch_size": _COUNT,
    "max_item_size": _SIZE,
    "dns_provider_update_interval": _DURATION,
    "auto_discovery": _SWITCH,
}
_OF_REDIS: Options = {
    "addr": Option(form="host_ports"),
    "username": Option(),
    "password": _PASSWORD,
    "db": _COUNT,
    "read_timeout": _DURATION,
    "max_set_multi_concurrency": _POSITIVE,
    "set_multi_batch_size": _POSITIVE,
    "master_name": Option(),
    "tls_enabled": _SWITCH,
}
_FILES = ("ca_file", "cert_file", "key_file")
_SKIP = {"insecure_skip_verify": _SWITCH}
# Of a store's, what Thanos looks at beside it.
_MORE_OF_REDIS: Options = {
    "prefix": Option(since="0.42"),
    "dial_timeout": _DURATION,
    "write_timeout": _DURATION,
    "max_get_multi_concurrency": _COUNT,
    "get_multi_batch_size": _POSITIVE,
    "max_async_concurrency": _POSITIVE,
    "max_async_buffer_size": _POSITIVE,
    "cache_size": _SIZE,
    "tls_config": Option(
        "dict",
        options={
            **{name: Option() for name in _FILES},
            "server_name": Option(form="dns_name"),
            "min_version": Option(choices=("1.0", "1.1", "1.2", "1.3")),
            **_SKIP,
        },
    ),
}
_UNUSED = "Thanos takes it for a cache of a query frontend and does not use it"
_NO_TLS_FILES = {
    **dict.fromkeys(("cert_file", "key_file", "min_version"), (_UNUSED, "leave it out")),
    "ca_file": (
        _UNUSED,
        "name its Secret in secrets, and give env {name: SSL_CERT_FILE, value: /etc/thanos/secrets/<Secret>/<key>}",
    ),
    "server_name": (_UNUSED, "address the server by the name in its certificate"),
}
_NOT_OF_REDIS = {
    "prefix": (_UNUSED, "give each stack a db of its own, or a server"),
    **dict.fromkeys(
        [name for name in _MORE_OF_REDIS if name not in ("prefix", "tls_config")], (_UNUSED, "leave it out")
    ),
}


@dataclass(frozen=True)
class CacheKind:
    """What a cache of one purpose can be: type → its keys. ``beside`` are keys beside ``config`` in the file.

    ``instead``: keys that are refused → why, and what to do.
    """

    keys: Mapping[str, Options]
    beside: tuple[str, ...] = ()
    instead: Mapping[str, tuple[str, str]] | None = None

    def option(self, default: Mapping[str, Any] | None = None) -> Option:
        """The row of an option that is such a cache; without ``default`` there is none."""
        # What is no mapping is not quoted: it may be what was meant for another key.
        kind = {"type": Option(choices=tuple(self.keys), default=IN_MEMORY, secret=True)}
        rows = {name: row for below in self.keys.values() for name, row in below.items()}
        instead = self.instead or {}
        return Option("dict", options={**kind, **rows}, default=default, shorthand="type", instead=instead)


_INDEX_ONLY: Options = {
    "ttl": _DURATION,
    "enabled_items": Option("list", elements="str", choices=("Postings", "Series", "ExpandedPostings")),
}
_STORE: Mapping[str, Options] = {
    IN_MEMORY: {"max_size": _SIZE, "max_item_size": _SIZE},
    MEMCACHED: _OF_MEMCACHED,
    REDIS: {**_OF_REDIS, **_MORE_OF_REDIS},
}
BUCKET = CacheKind(_STORE)
INDEX = CacheKind(
    {
        kind: {**keys, **(_INDEX_ONLY if kind != IN_MEMORY else {"enabled_items": _INDEX_ONLY["enabled_items"]})}
        for kind, keys in _STORE.items()
    },
    beside=tuple(_INDEX_ONLY),
)
RESPONSES = CacheKind(
    {
        NONE: {},
        IN_MEMORY: {"max_size": _SIZE, "max_size_items": _POSITIVE, "validity": _DURATION},
        MEMCACHED: {**_OF_MEMCACHED, "expiration": _DURATION},
        REDIS: {
            **_OF_REDIS,
            "tls_config": Option("dict", options=_SKIP, instead=_NO_TLS_FILES),
            "expiration": _DURATION,
        },
    },
    instead=_NOT_OF_REDIS,
)
_ADDRESS = {MEMCACHED: "addresses", REDIS: "addr"}


def problems_of_cache(instance: Instance, option: str, kind: CacheKind) -> list[Finding]:
    """What is wrong with a cache whose keys do not fit its type, or each other."""
    cache = instance[option]
    if not cache:
        return []
    known, given = kind.keys[cache["type"]], {name: value for name, value in cache.items() if _is_given(value)}
    problems = [
        mistake("option-without-effect", f"{option}.{name}", f"a cache of type {cache['type']} has no such key", _OUT)
        for name in given
        if name != "type" and name not in known
    ]
    version = instance["version"]
    problems += [
        mistake("version-too-old", f"{option}.{name}", f"Thanos {version} does not read it; it came with {row.since}")
        for name, row in known.items()
        if name in given and row.since and not at_least(version, row.since)
    ]
    address = _ADDRESS.get(cache["type"])
    if address and address not in given:
        what = f"is required for a cache of type {cache['type']}"
        problems.append(mistake("option-required", f"{option}.{address}", what, joint=" "))
    if cache["type"] == REDIS:
        problems += _problems_of_redis(instance, option, given)
    if cache["type"] == MEMCACHED and cache["auto_discovery"]:
        problems += [
            mistake("option-conflict", f"{option}.addresses", f"{each} is looked up by DNS, and {_SPEAKS}", _ENDPOINT)
            for each in cache["addresses"]
            if "+" in each
        ]
    return problems


_OUT = "leave it out"
_SPEAKS = "auto_discovery asks the server itself for the others (config get cluster), as memcached of a cloud answers"
_ENDPOINT = "give the configuration endpoint of the cloud's memcached, or leave auto_discovery out"


def _problems_of_redis(instance: Instance, option: str, given: Mapping[str, Any]) -> list[Finding]:
    tls = {name: value for name, value in (given.get("tls_config") or {}).items() if _is_given(value)}
    problems = []
    if tls and not given.get("tls_enabled"):
        what = "is looked at with tls_enabled only"
        problems.append(
            mistake("option-without-effect", f"{option}.tls_config", what, "set it, or leave this out", joint=" ")
        )
    if given.get("username") and not given.get("password"):
        what = "a user without a password does not log in"
        problems.append(mistake("option-incomplete", f"{option}.username", what, "name the Secret in password"))
    if bool(tls.get("cert_file")) != bool(tls.get("key_file")):
        what = "cert_file and key_file go together"
        problems.append(mistake("option-incomplete", f"{option}.tls_config", what, "give both, or none"))
    if not (instance["image"] or instance["pod_annotations"]):
        problems += [
            mistake("file-missing", f"{option}.tls_config.{name}", f"the pods have no file {tls[name]}", _MOUNT)
            for name in _FILES
            if name in tls and not file_exists(instance, tls[name])
        ]
    return problems


_MOUNT = "name its Secret in secrets, and the file as /etc/thanos/secrets/<Secret>/<key>"


def _is_given(value: Any) -> bool:
    return value is not None and value not in ("", [], {}) and value is not False


def cache_file(cache: Mapping[str, Any], kind: CacheKind, variable: str) -> str:
    """The text of Thanos' file for a cache; ``variable`` is where Thanos finds the password.

    What is not given is left to Thanos, so that its own defaults hold.
    """
    keys = [name for name in kind.keys[cache["type"]] if _is_given(cache[name])]
    lines = [f"type: {cache['type']}", "config:" if set(keys) - set(kind.beside) else "config: {}"]
    lines += [f"  {_line(name, cache[name], variable)}" for name in keys if name not in kind.beside]
    lines += [f"{name}: {plain_json(cache[name])}" for name in keys if name in kind.beside]
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any, variable: str) -> str:
    if name == "password":
        # In single quotes a password may hold anything but these.
        return f"password: '$({variable})'"
    if isinstance(value, Mapping):
        value = {key: below for key, below in value.items() if _is_given(below)}
    return f"{name}: {plain_json(value)}"


def variable_of(option: str) -> str:
    """The environment variable with the password of a cache."""
    return f"{option.upper()}_PASSWORD"


@dataclass(frozen=True)
class Password:
    """The place of a cache's password: the ``option`` that names it, a Secret and a key in it."""

    option: str
    secret: str
    key: str

    @property
    def name(self) -> str:
        """What it is known by among the facts."""
        return f"{self.secret}/{self.key}"


def passwords_of(instance: Instance) -> list[Password]:
    """The passwords of the instance's caches."""
    found = []
    for option in CACHES:
        cache = instance.options.get(option)
        place = cache.get("password") if cache else None
        if place:
            found.append(Password(option, place["secret"], place["key"]))
    return found


# The options that are caches, whatever the tier.
CACHES = ("index_cache", "caching_bucket", "query_range_cache", "labels_cache")


def missing_passwords(stack: Stack, facts: Facts) -> list[Finding]:
    """Secrets with the password of a cache that are not there, lack the key, or hold what no file of Thanos can."""
    problems = []
    for instance, each in ((i, p) for i in stack.instances for p in passwords_of(i)):
        keys = facts.files.get(f"Secret/{each.secret}")
        what, where = f"the Secret {stack.namespace}/{each.secret}", f"instances.{instance.name}.{each.option}.password"
        if keys is None:
            advice = "make it (the module secret does), or name another one"
            problems.append(mistake("cache-secret-missing", f"{where}.secret", f"{what} does not exist", advice))
        elif each.key not in keys:
            has = f"it has: {', '.join(keys) or 'none'}"
            problems.append(mistake("cache-secret-missing", f"{where}.key", f"{what} has no key {each.key}", has))
        elif facts.passwords.get(each.name) == UNFIT:
            told = f"{each.key} in {what} has a quote (') or a line break, with which Thanos cannot read its file"
            problems.append(mistake("cache-secret-missing", f"{where}.key", told, "choose a password without"))
    return problems


# In the place of a digest.
UNFIT = "unfit"


def password_digests(stack: Stack, secrets: Mapping[str, Mapping[str, Any] | None]) -> dict[str, str]:
    """Digests of the passwords that are there, by their place; ``secrets`` are objects by name.

    The uid of its Secret keys a digest, so that it says nothing to somebody who does not know that. UNFIT stands for a
    password that cannot stand in a cache's file, where Thanos puts it in the place of its variable.
    """
    found = {}
    for each in (each for instance in stack.instances for each in passwords_of(instance)):
        secret = secrets.get(each.secret) or {}
        value = base64.b64decode((secret.get("data") or {}).get(each.key) or "")
        if value:
            keyed = hmac.new(secret["metadata"]["uid"].encode(), value, hashlib.sha256).hexdigest()[:16]
            found[each.name] = UNFIT if set(b"'\n\r").intersection(value) else keyed
    return found
