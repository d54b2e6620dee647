# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each provider surely does not take as tags of a bucket: which names, which values, how many. Pure.

The limits of Swift are settings of its cluster, and those of servers that only speak S3 are their own: they are not
guessed here. Where such a server refuses tags, ``over_limits_of_s3`` tells which of them Amazon would refuse as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .amazon import is_amazon
from .features import tag_text

# A label may have letters of every language; ASCII alone is looked at.
_LABEL = r"(?:[a-z0-9_-]|[^\x00-\x7f])"
# Where tags are kept as header names or labels, their case does not survive.
_NAMES = {
    "SWIFT": (re.compile(r"[a-z0-9-]+"), "Swift keeps lower-case letters, digits and hyphens only"),
    "GCS": (
        re.compile(rf"(?![0-9_-]){_LABEL}{{1,63}}"),
        "a label has lower-case letters, digits, '-' and '_' only, at most 63, and begins with a letter",
    ),
    "AZURE": (re.compile(r"[a-z_][a-z0-9_]*"), "metadata has lower-case letters, digits and '_' only"),
    # Not even the SDK sends an empty one.
    "S3": (re.compile(r"(?s).+"), "an empty name is none"),
}
_LABEL_VALUE = re.compile(f"{_LABEL}{{0,63}}")
_HEADER = re.compile(r"(?:\S[^\r\n]*)?")
_BEYOND_LATIN = re.compile(r"[^\x00-\xff]")
_LABELS, _TAGS = 64, 50
_LONGEST_NAME, _LONGEST_VALUE = 128, 256
_METADATA_BYTES = 8192


def mistakes_in_tags(store: Mapping[str, Any]) -> list[Finding]:
    """What is wrong with the tags of a raw ``store``, each finding at ``tags``."""
    tags, kind = store.get("tags"), store.get("type")
    if not isinstance(tags, Mapping):
        return []
    found = [
        mistake("option-type", f"tags.{name}", "a tag's value must be a text")
        for name, value in tags.items()
        if value is None or isinstance(value, (list, Mapping))
    ]
    told = {finding.where for finding in found}
    texts = {str(name): tag_text(value) for name, value in tags.items() if f"tags.{name}" not in told}
    if isinstance(kind, str) and kind in _NAMES:
        form, wording = _NAMES[kind]
        found += [mistake("option-form", f"tags.{k}", wording) for k in map(str, tags) if not form.fullmatch(k)]
    if kind == "S3" and is_amazon(str(store.get("endpoint"))):
        found += over_limits_of_s3(texts, len(tags))
    elif kind == "GCS":
        found += _labels(texts, len(tags))
    elif kind == "AZURE":
        found += _headers(texts, beyond=_BEYOND_LATIN) + _metadata(texts)
    elif kind == "SWIFT":
        found += _headers(texts)
    return found


def over_limits_of_s3(texts: Mapping[str, str], number: int) -> list[Finding]:
    """What Amazon takes in no bucket, of the tags ``texts``, which are ``number`` with those that are no texts."""
    found = [_many(number, _TAGS, "Amazon")] if number > _TAGS else []
    for name, value in texts.items():
        if name.lower().startswith("aws:"):
            what = "names that begin with aws: are Amazon's own"
            found.append(mistake("option-form", f"tags.{name}", what, "choose another one"))
        for of, text, most in (("the name", name, _LONGEST_NAME), ("the value", value, _LONGEST_VALUE)):
            if len(text) > most:
                what = f"{of} has {len(text)} characters, and Amazon takes {most}"
                found.append(mistake("option-form", f"tags.{name}", what, "shorten it"))
    return found


def _labels(texts: Mapping[str, str], number: int) -> list[Finding]:
    what = "{!r} is no value of a label, which has lower-case letters, digits, '-' and '_' only, at most 63"
    return [
        *([_many(number, _LABELS, "Google")] if number > _LABELS else []),
        *(
            mistake("option-form", f"tags.{name}", what.format(value))
            for name, value in texts.items()
            if not _LABEL_VALUE.fullmatch(value)
        ),
    ]


def _headers(texts: Mapping[str, str], beyond: re.Pattern[str] | None = None) -> list[Finding]:
    """Values that cannot be sent as those of headers; ``beyond``: a character that the SDK has no way to write."""
    what = "a value is sent as a header, so it has no line break and begins with no space"
    letters = "a value is sent as a header, which has no such letters"
    found = [mistake("option-form", f"tags.{k}", what) for k, text in texts.items() if not _HEADER.fullmatch(text)]
    if beyond:
        found += [mistake("option-form", f"tags.{k}", letters) for k, text in texts.items() if beyond.search(text)]
    return found


def _metadata(texts: Mapping[str, str]) -> list[Finding]:
    size = sum(len(f"{name}{value}".encode()) for name, value in texts.items())
    if size <= _METADATA_BYTES:
        return []
    what = f"names and values have {size} bytes together, and Azure takes {_METADATA_BYTES} as metadata"
    return [mistake("option-range", "tags", what, "leave some of them out")]


def _many(number: int, most: int, provider: str) -> Finding:
    what = f"these are {number}, and {provider} takes {most} for a bucket"
    return mistake("option-range", "tags", what, "leave some of them out")
