# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses are reached without a proxy, as kubectl has it: its rules are those of Go. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this host itself, to which the proxy of the environment does not apply."""
    host, _port = _place(url)
    address = _address(host)
    return host == "localhost" or bool(address and address.is_loopback)


def is_exempt(url: str, no_proxy: str) -> bool:
    """Whether ``no_proxy`` names the host of a URL.

    An entry is a host, an address or a domain, each with or without a port, a network (``10.0.0.0/8``), or ``*``. A
    domain may begin with a dot or with ``*.``, and stands for all below it.
    """
    host, port = _place(url)
    entries = (entry.strip().lower() for entry in no_proxy.split(","))
    return any(entry == "*" or _names(entry, host, port) for entry in entries if entry)


def _place(url: str) -> tuple[str, int | None]:
    """Host and port. What is no URL is told by whoever asks it."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", None


def _names(entry: str, host: str, port: int | None) -> bool:
    address = _address(host)
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, number = _split(entry)
    if number and number != str(port):
        return False
    if address is not None:
        return _address(name) == address
    domain = name.removeprefix("*").removeprefix(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _split(entry: str) -> tuple[str, str]:
    """Host and port; a bare address of IPv6 has colons and no port."""
    if entry.startswith("["):
        name, _bracket, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _colon, number = entry.partition(":")
    return (entry, "") if ":" in number else (name, number)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
