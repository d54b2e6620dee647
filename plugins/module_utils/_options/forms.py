# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms that a text option can be required to have: durations, sizes, quantities, names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Form:
    """A pattern the whole text must match, an optional longest length, and how to say it in a sentence.

    ``sentence``: what is said in the place of "… is not" and the wording, and the advice. ``zero``: how 0 is written.
    """

    pattern: re.Pattern[str]
    wording: str
    longest: int = 0
    sentence: tuple[str, str] | None = None
    zero: str = ""

    def accepts(self, text: str) -> bool:
        """Whether ``text`` has this form."""
        return bool(self.pattern.fullmatch(text)) and (not self.longest or len(text) <= self.longest)

    def normal(self, text: Any) -> Any:
        """``text`` as it is written for Thanos."""
        return self.zero if self.zero and text == "0" else text


_SPAN = r"(?:0|(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)"
_DURATION = r"(?:0|(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)"
_GO = r"\d+(?:\.\d+)?"
_QUANTITY = r"\+?(?:\d+(?:\.\d*)?|\.\d+)(?:[num]|k|Ki|[MGTPE]i?|[eE][+-]?\d{1,3})?"
_DNS_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_LABEL_KEY = rf"(?:(?=.{{1,253}}/){_DNS_LABEL}(?:\.{_DNS_LABEL})*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"
_LABEL_KEY_WORDING = "at most 63 letters, digits, '-', '_' and '.', after a DNS name and '/' or not"
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]?#]+)"
# Thanos looks up the addresses, or the SRV records, behind a name with such a prefix.
_LOOKUP = r"(?:dns\+|dnssrv\+|dnssrvnoa\+)?"
_PORT = r":(?:6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]?\d{1,4})"
_HTTP = rf"https?://(?:[^\s/@]+@)?{_HOST}(?:{_PORT})?(?:[/?#]\S*)?"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"

FORMS: dict[str, Form] = {
    "duration": Form(re.compile(f"(?!$){_DURATION}"), "a duration such as 30s, 5m, 2h or 30d"),
    # Of flags that know no years.
    "span": Form(re.compile(f"(?!$){_SPAN}"), "a duration such as 30s, 5m, 2h or 30d (a year is 365d)"),
    # Of what is done again and again: with 0 Thanos ends, or every query does.
    "interval": Form(
        re.compile(f"(?=.*[1-9]){_SPAN}"), "a duration longer than 0 such as 30s, 5m, 2h or 30d (a year is 365d)"
    ),
    # As the Go structs of objstore.yml read them, where a bare 0 is none.
    "wait": Form(re.compile(f"(?!$){_DURATION}"), "a duration such as 30s or 1m30s", zero="0s"),
    "go_duration": Form(
        re.compile(rf"0|(?!$)(?:{_GO}h)?(?:{_GO}m)?(?:{_GO}s)?(?:\d+ms)?"),
        "a duration such as 30s or 1m30s (without days)",
        zero="0s",
    ),
    "seconds": Form(re.compile(r"[1-9]\d*"), "a number of seconds, 1 or more"),
    # Whom a bucket lets in.
    "grantee": Form(
        re.compile(r"(?s).*\S.*"),
        "a name",
        sentence=("an entry is no name", "an empty one may be a variable that is not set"),
    ),
    "time": Form(
        re.compile(f"{_TIME}|-?(?!$){_DURATION}"), "an RFC 3339 time, or a duration relative to now such as -6w or -2h"
    ),
    "size": Form(re.compile(r"\d+(?:\.\d+)?(?:[KMGTP]i?B)"), "a size such as 250MB or 2GB"),
    "quantity": Form(re.compile(_QUANTITY), "a Kubernetes quantity such as 500m, 2, 512Mi or 10Gi"),
    # Of claims, for Kubernetes makes none that asks for nothing.
    "claim_size": Form(
        re.compile(rf"(?=\+?[\d.]*[1-9]){_QUANTITY}"), "a Kubernetes quantity larger than 0 such as 512Mi or 10Gi"
    ),
    "dns_label": Form(
        re.compile(_DNS_LABEL),
        "at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
        63,
    ),
    # Services have such names.
    "service_name": Form(
        re.compile(rf"(?=[a-z]){_DNS_LABEL}"),
        "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit",
        63,
    ),
    "dns_name": Form(
        re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*"), "a DNS name of lower-case letters, digits, '-' and '.'", 253
    ),
    "instance": Form(
        re.compile(r"[a-z](?:[-_a-z0-9]*[a-z0-9])?"),
        "lower-case letters, digits, '-' and '_', beginning with a letter",
        40,
    ),
    "label_name": Form(re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*"), "a Prometheus label name: letters, digits and '_'"),
    "label_key": Form(re.compile(_LABEL_KEY), f"the name of a Kubernetes label: {_LABEL_KEY_WORDING}"),
    # Of an annotation, the DNS name may have capital letters.
    "annotation_key": Form(
        re.compile(_LABEL_KEY, re.I | re.A), f"the name of a Kubernetes annotation: {_LABEL_KEY_WORDING}"
    ),
    "text": Form(re.compile("(?s).*"), "a text"),
    "kubernetes_label_value": Form(
        re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?"),
        "a Kubernetes label value: at most 63 letters, digits, '-', '_' and '.'",
        63,
    ),
    "url": Form(
        re.compile(_LOOKUP + _HTTP),
        "a URL with its scheme, such as http://alertmanager:9093",
    ),
    # What a querier asks: without a scheme it is HTTP, too.
    "query_address": Form(
        re.compile(rf"{_LOOKUP}(?:{_HTTP}|{_HOST}(?:{_PORT})?)"),
        "an address such as http://query:9090 or dns+query:9090",
    ),
    "grpc_address": Form(
        re.compile(rf"(?:dns\+)?{_HOST}{_PORT}|(?:dnssrv|dnssrvnoa)\+{_HOST}(?:{_PORT})?"),
        "an address of a StoreAPI: host:10901, or dnssrv+_grpc._tcp.<service>, without a scheme (TLS is a matter of "
        "the endpoint's tls)",
    ),
    "cache_address": Form(
        re.compile(rf"(?:dns\+)?{_HOST}{_PORT}|(?:dnssrv|dnssrvnoa)\+{_HOST}(?:{_PORT})?"),
        "an address of memcached: host:11211, dns+host:11211 or dnssrvnoa+_memcached._tcp.<service>",
    ),
    "host_ports": Form(
        re.compile(rf"{_HOST}{_PORT}(?:,{_HOST}{_PORT})*"),
        "a host and a port such as redis:6379, or several with commas between them",
    ),
    "host_port": Form(re.compile(rf"{_HOST}{_PORT}"), "a host and a port such as thanos.example:10901"),
    "secret_key": Form(re.compile(r"[-._a-zA-Z0-9]+"), "a key of a Secret: letters, digits, '-', '_' and '.'", 253),
    # Whatever else Thanos takes is not always handled well later: each becomes a folder and a label.
    "tenant": Form(
        re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]*"),
        "a tenant: at most 63 letters, digits, '-', '_' and '.', beginning with a letter or digit",
        63,
    ),
    "tenant_glob": Form(
        # Go's filepath.Match takes a hyphen in a class for a range alone, and every write fails with another one.
        re.compile(r"(?:[-A-Za-z0-9_.*?]|\[\^?(?:[A-Za-z0-9_.](?:-[A-Za-z0-9_.])?)+\])+"),
        "a pattern of tenants: letters, digits, '-', '_', '.', '*', '?' and classes such as [a-c]",
        63,
    ),
    # Thanos splits no list that is one text, and finds no attribute of its name.
    "attribute": Form(
        re.compile(r"[^\s,]+"), "the name of one attribute, without commas and spaces (each is an entry of the list)"
    ),
    "header_name": Form(re.compile(r"[A-Za-z0-9][-A-Za-z0-9]*"), "the name of an HTTP header", 63),
    "path_prefix": Form(re.compile(r"/[\w.~-]+(?:/[\w.~-]+)*"), "a path such as /thanos, without a slash at its end"),
    "route_prefix": Form(re.compile(r"/|/[\w.~-]+(?:/[\w.~-]+)*"), "a path such as /thanos, or / alone"),
    "header": Form(re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), "the name of an HTTP header such as X-Scope-OrgID"),
    "http_url": Form(re.compile(_HTTP), "a URL that begins with http:// or https://"),
    "image": Form(re.compile(r"[a-z0-9][\w.\-/:@]*"), "an image reference such as quay.io/thanos/thanos:v0.42.4"),
    "version": Form(re.compile(r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?"), "a version such as 0.42.4"),
    "file_name": Form(
        re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]*\.ya?ml", re.ASCII), "a file name ending in .yaml or .yml", 200
    ),
}

# To Thanos KB is 1024 bytes, as KiB is.
_BYTES: dict[str, float] = {unit: 1024**power for power, unit in enumerate("KMGTP", 1)}
_SECONDS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}


def seconds(duration: str) -> float:
    """The length of a duration such as ``1d12h`` in seconds; ``0`` is 0. The text has the form ``duration``."""
    return sum(float(n) * _SECONDS[unit] for n, unit in re.findall(r"(\d+)(ms|[ywdhms])", duration))


def is_age(text: str) -> bool:
    """Whether a text of the form ``time`` is relative to now."""
    return "T" not in text


def moment(text: str, now: float) -> float:
    """The seconds since 1970 of a text of the form ``time``. Raises ValueError for a time that no calendar has."""
    if is_age(text):
        return now - seconds(text) if text.startswith("-") else now + seconds(text)
    if text.startswith("0000-"):
        return -math.inf
    whole, zone = re.sub(r"(?:\.\d+)?(Z|[+-]\d\d:\d\d)$", r"|\1", text).split("|")
    try:
        return datetime.fromisoformat(whole + ("+00:00" if zone == "Z" else zone)).timestamp()
    except ValueError:
        raise ValueError(f"'{text}' is in no calendar") from None


def size_in_bytes(size: str) -> float:
    """The bytes of a size such as ``250MB``. The text has the form ``size``."""
    number, unit = re.findall(r"([\d.]+)(\w)", size)[0]
    return float(number) * _BYTES[unit]


def half(size: str) -> str:
    """Half of a size, in its own unit."""
    number = re.match(r"[\d.]+", size)
    return f"{Decimal(number[0]) / 2:f}{size[number.end() :]}" if number else size
