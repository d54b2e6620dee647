# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names each provider accepts for a bucket, as rows of pattern and sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class NameRule:
    """``pattern`` is searched in the name; whether it must be found (or must not) is ``wanted``."""

    pattern: str
    wanted: bool
    sentence: str


def _length(least: int, most: int) -> NameRule:
    return NameRule(rf"\A[\s\S]{{{least},{most}}}\Z", True, f"it must be {least} to {most} characters long")


_ENDS = NameRule(r"\A[a-z0-9]([\s\S]*[a-z0-9])?\Z", True, "it must begin and end with a lower-case letter or a digit")
_NO_IP = NameRule(r"\A\d+\.\d+\.\d+\.\d+\Z", False, "it must not look like an IP address")
_NO_DOTS = NameRule(r"\.\.", False, "it must not hold two dots in a row")
_DOT_DASH = NameRule(r"\.-|-\.", False, "it must not hold a dot beside a hyphen")
_DASHES = NameRule(r"\A[a-z0-9-]*\Z", True, "only lower-case letters, digits and hyphens are allowed")
_DOTTED = NameRule(r"\A[a-z0-9.-]*\Z", True, "only lower-case letters, digits, dots and hyphens are allowed")
_PLAIN = (_length(3, 63), _DASHES, _ENDS)

_S3 = (
    _length(3, 63),
    _DOTTED,
    _ENDS,
    _NO_IP,
    _NO_DOTS,
    NameRule(r"\A(xn--|sthree-|amzn-s3-demo-)", False, "the prefixes xn--, sthree- and amzn-s3-demo- are reserved"),
    NameRule(
        r"(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)\Z",
        False,
        "the suffixes -s3alias, --ol-s3, .mrap, --x-s3 and --table-s3 are reserved",
    ),
    # The suffix of names in an account's own regional namespace: NAME-ACCOUNT-REGION-an.
    NameRule(r"\A(?!.*-\d{12}-[a-z0-9-]+-an\Z).*-an\Z", False, "the suffix -an is reserved"),
)
_GCS = (
    NameRule(r"\A(?=[^.]{3,63}\Z|(?=.*\.)[\s\S]{3,222}\Z)", True, "it must be 3 to 63 characters long (222 with dots)"),
    NameRule(r"\A[^.]{0,63}(\.[^.]{0,63})*\Z", True, "no part between dots may be longer than 63 characters"),
    NameRule(r"\A[a-z0-9._-]*\Z", True, "only lower-case letters, digits, dots, hyphens and underscores are allowed"),
    _ENDS,
    _NO_IP,
    _NO_DOTS,
    _DOT_DASH,
    NameRule(r"\Agoog", False, "it must not begin with 'goog'"),
    NameRule(r"g[o0]{2}g[l1]e", False, "it must not hold 'google' or something that looks like it"),
)
_AZURE = (
    _length(3, 63),
    _DASHES,
    _ENDS,
    NameRule(r"--", False, "it must not hold two hyphens in a row"),
)
_SWIFT = (
    NameRule(r"\A[\s\S]+\Z", True, "it must not be empty"),
    NameRule(r"/", False, "it must not hold a slash"),
    NameRule(r"\A\.{1,2}\Z", False, "it must not be '.' or '..'"),
)
_OCI = (
    _length(1, 256),
    NameRule(r"\A[A-Za-z0-9._-]*\Z", True, "only letters, digits, dots, hyphens and underscores are allowed"),
)
_FILESYSTEM = (
    NameRule(r"\A/", True, "it must be an absolute path"),
    NameRule(r"\A(/\.?)+\Z", False, "it must not be the root of the file system"),
    NameRule(r"(\A|/)\.\.(/|\Z)", False, "it must not hold '..'"),
)

RULES: dict[str, tuple[NameRule, ...]] = {
    "S3": _S3,
    "GCS": _GCS,
    "AZURE": _AZURE,
    "SWIFT": _SWIFT,
    "COS": (_length(1, 50), _DASHES, _ENDS),
    "ALIYUNOSS": _PLAIN,
    "BOS": _PLAIN,
    "OBS": (_length(3, 63), _DOTTED, _ENDS, _NO_IP, _NO_DOTS, _DOT_DASH),
    "OCI": _OCI,
    "FILESYSTEM": _FILESYSTEM,
}
_AZURE_SPECIAL = ("$root", "$web", "$logs")
_SWIFT_BYTES = 256


def problems(provider: str, name: str) -> list[str]:
    """Every rule of ``provider`` (a key of RULES) that ``name`` breaks, as clauses such as "it must …"."""
    if provider == "AZURE" and name in _AZURE_SPECIAL:
        return []
    found = [r.sentence for r in RULES[provider] if bool(re.search(r.pattern, name)) != r.wanted]
    if provider == "SWIFT" and len(name.encode()) > _SWIFT_BYTES:
        found.append(f"it must be at most {_SWIFT_BYTES} bytes long")
    return found
