# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after of an object as people read it: YAML without the server's book-keeping."""

from __future__ import annotations

from typing import Any

from .manifest import Manifest, ref_of
from .redact import Redactor

_NOISE = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"})


def diff_of(before: Manifest | None, after: Manifest | None, redactor: Redactor, holder: str = "") -> dict[str, str]:
    """One element of Ansible's ``diff``; None where the object does not exist.

    :param holder: the instance of whose fields before and after consist, where the object is somebody else's.
    """
    header = f"{ref_of(after or before or {})}{f' (fields of {holder})' if holder else ''}"
    return {
        "before_header": header,
        "after_header": header,
        "before": _shown(before, redactor),
        "after": _shown(after, redactor),
    }


def _shown(item: Manifest | None, redactor: Redactor) -> str:
    if item is None:
        return ""
    import yaml

    readable = redactor.object(_readable(item))
    # A value of a Secret may stand elsewhere too, in an annotation that somebody else wrote for example.
    # Lines are not folded, since a value that spans two lines would not be found.
    return redactor.text(yaml.safe_dump(readable, default_flow_style=False, width=1_000_000))


def _readable(item: Manifest) -> dict[str, Any]:
    metadata = {key: value for key, value in item["metadata"].items() if key not in _NOISE}
    annotations = dict(metadata.pop("annotations", None) or {})
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if annotations:
        metadata["annotations"] = annotations
    return {**{key: value for key, value in item.items() if key != "status"}, "metadata": metadata}
