# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``objstore.yml``: typed options → the files of a Secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import InvalidInput, nearest
from .._findings import Finding, beneath, mistake
from .._options.convert import convert
from .._options.rows import Placeholder, is_set
from . import names, swift_login
from .key_rules import check
from .keys import PROVIDERS, STORE, TEXT

FILE = "objstore.yml"
CA_KEY = "ca.crt"
MOUNT = "/etc/thanos/objstore"

# Beside ``type`` what is no key of a provider.
_OUTER = {"prefix": TEXT, "ca": TEXT}
# By default Thanos lets every component on Azure make the container, which needs the right to. Here ``bucket`` makes
# it, so that components need less.
_OUR_DEFAULTS: dict[str, dict[str, Any]] = {"AZURE": {"storage_create_container": False}}


@dataclass(frozen=True)
class ObjstoreFiles:
    """Keys of the Secret and their content: ``objstore.yml``, and ``ca.crt`` where a private CA is given."""

    files: Mapping[str, str] = field(repr=False)


def problems(store: Mapping[str, Any], version: str, where: str = "", whole: bool = True) -> list[Finding]:
    """Every mistake in the keys that ``render`` reads: ``type``, ``prefix``, ``ca`` and the provider's own.

    Unless this is the ``whole`` of them, only names and types are looked at.
    """
    found: list[Finding] = []
    _read(store, version, where, found, whole)
    return found


def render(store: Mapping[str, Any], version: str) -> ObjstoreFiles:
    """The Secret's files for ``store``, a mapping of ``type``, ``prefix``, ``ca`` (PEM) and the provider's keys.

    ``version`` is that of Thanos, such as ``0.42.4``. Raises InvalidInput with every mistake.
    """
    found: list[Finding] = []
    provider, config = _read(store, version, "", found)
    if found:
        raise InvalidInput(found)
    document: dict[str, Any] = {"type": provider, "config": config}
    prefix = str(store.get("prefix") or "").strip("/")
    if prefix:
        document["prefix"] = prefix
    ca = str(store.get("ca") or "")
    return ObjstoreFiles({FILE: _yaml(document), **({CA_KEY: ca.strip() + "\n"} if ca else {})})


def _read(
    store: Mapping[str, Any], version: str, where: str, found: list[Finding], whole: bool = True
) -> tuple[str, dict[str, Any]]:
    kind = str(store.get("type") or "")
    if kind not in PROVIDERS:
        close = kind.upper() if kind.upper() in PROVIDERS else ""
        hint = f"Did you mean '{close}'?" if close else nearest(kind, PROVIDERS).strip()
        known = ", ".join(PROVIDERS)
        found.append(
            mistake("option-choice", f"{where}type", f"{kind!r} is not one of {known}", hint)
            if kind
            else mistake("option-required", f"{where}type", f"is required: one of {known}", joint=" ")
        )
        return kind, {}
    provider = PROVIDERS[kind]
    own = {key: value for key, value in store.items() if key not in ("type", *_OUTER)}
    outer = convert(_OUTER, {key: store[key] for key in _OUTER if key in store}, where, found, STORE)
    config = {**_OUR_DEFAULTS.get(kind, {}), **convert(provider.keys, own, where, found, STORE)}
    if not whole:
        return kind, config
    config = swift_login.with_domain(_with_ca(kind, outer, config, where, found))
    found += [
        mistake("option-required", f"{where}{name}", f"is required for {kind}", joint=" ")
        for name, key in provider.keys.items()
        if key.required and name not in config and not is_set(own.get(name))
    ]
    found += [
        mistake("version-too-old", f"{where}{name}", f"needs Thanos {key.since} or newer, this is {version}", joint=" ")
        for name, key in provider.keys.items()
        if name in config and key.since and _minor(version) < _minor(key.since)
    ]
    if provider.bucket in config:
        found += [
            mistake(
                "option-form",
                f"{where}{provider.bucket}",
                f"{config[provider.bucket]!r} is no name for a bucket: {clause}",
            )
            for clause in names.problems(kind, config[provider.bucket])
        ]
    found += beneath(where, check(kind, config))
    return kind, config


def _with_ca(
    kind: str, store: Mapping[str, Any], config: dict[str, Any], where: str, found: list[Finding]
) -> dict[str, Any]:
    ca = store.get("ca", "")
    if not ca:
        return config
    http = PROVIDERS[kind].keys.get("http_config")
    if http is None or "tls_config" not in (http.options or {}):
        what = f"Thanos takes no private certificate authority for {kind}"
        found.append(mistake("option-without-effect", f"{where}ca", what))
    elif config.get("insecure"):
        what = "has no effect with insecure: true, which is plain HTTP"
        found.append(mistake("option-conflict", f"{where}ca", what, "leave one out", joint=" "))
    elif "-----BEGIN CERTIFICATE-----" not in ca:
        found.append(mistake("option-form", f"{where}ca", "must be certificates in PEM form", joint=" "))
    transport = config.get("http_config", {})
    tls = {"ca_file": f"{MOUNT}/{CA_KEY}", **transport.get("tls_config", {})}
    return {**config, "http_config": {**transport, "tls_config": tls}}


def _minor(version: str) -> tuple[int, int]:
    match = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _yaml(document: Mapping[str, Any]) -> str:
    """YAML that Thanos reads as it was meant.

    Every text is quoted: Thanos decodes the file twice, and a key such as ``1e5`` would come out as a number. ``$(`` is
    written as an escape, since Thanos puts the environment in the place of ``$(NAME)`` before it parses. Where that is
    what is wanted, the text is a block with its indentation told, in which a line of any characters is itself.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, _data: Any) -> bool:
            return True

    def scalar(style: str, form: str) -> Callable[[yaml.SafeDumper, str], yaml.ScalarNode]:
        return lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", form.format(text), style=style)

    Dumper.add_representer(str, scalar('"', "{}"))
    Dumper.add_representer(Placeholder, scalar("|", "$({})"))
    text = str(yaml.dump(dict(document), Dumper=Dumper, sort_keys=False, width=2**20, allow_unicode=True))
    text = re.sub(r'^(\s*)"([a-z][a-z0-9_]*)":', r"\1\2:", text, flags=re.MULTILINE)
    # Only texts in quotes have a quote in their line.
    lines = (line.replace("$(", r"\x24(") if '"' in line else line for line in text.splitlines(keepends=True))
    return "".join(lines).replace(": |-\n", ": |2-\n")
