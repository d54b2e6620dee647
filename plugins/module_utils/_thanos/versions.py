# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Thanos versions are supported, and which patch releases are known to be bad."""

from __future__ import annotations

DEFAULT_THANOS = "0.42.4"
DEFAULT_PROMETHEUS = "3.16.0"
SUPPORTED = ("0.39", "0.40", "0.41", "0.42")

# Release → why it must not be deployed (the Thanos changelog and issues).
KNOWN_BAD: dict[str, str] = {
    "0.39.0": "its query frontend leaks memory; use 0.39.2",
    "0.42.0": "its shipper times out and receive loses the upload on shutdown; use 0.42.4",
    "0.42.1": "receive loses the upload on shutdown; use 0.42.4",
    "0.42.2": "receive loses the upload on shutdown; use 0.42.4",
}


def minor(version: str) -> str:
    """``0.42`` of ``v0.42.4``."""
    return ".".join(version.removeprefix("v").split(".")[:2])


def at_least(version: str, floor: str) -> bool:
    """Whether ``version`` (``0.42.4``) is of minor release ``floor`` (``0.41``) or later."""
    return _numbers(minor(version)) >= _numbers(floor)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def problem(version: str) -> str:
    """Why Thanos ``version`` (of the form ``version``) cannot be deployed, or an empty text."""
    plain = version.removeprefix("v")
    if plain in KNOWN_BAD:
        return f"Thanos {plain} is known to be bad: {KNOWN_BAD[plain]}."
    if minor(plain) not in SUPPORTED:
        return f"Thanos {plain} is not supported; supported are {', '.join(SUPPORTED)}, for example {DEFAULT_THANOS}."
    return ""
