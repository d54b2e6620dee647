# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Prometheus the pods run: what the tag of an image tells, or the option."""

from __future__ import annotations

import re

from .._findings import Finding, mistake
from .flags import name_of
from .model import Instance
from .prometheus_options import problems_of_version
from .versions import DEFAULT_PROMETHEUS

# A tag that tells a release of Prometheus; other numbers are those of builds, or of what the image comes with.
_TAG = re.compile(r":v?([23]\.\d+\.\d+)")
# Tags that may tell a release: whoever names the version beside one knows better.
_SHORT = re.compile(r":v?([23]\.\d+)(?:-busybox|-distroless)?$")
_MAJOR = re.compile(r":v?([23])(?:-busybox|-distroless)?$")


def prometheus_version(instance: Instance) -> str:
    """The Prometheus version: what the tag of an image of the user's own tells, else the option."""
    tag = _tagged(instance)
    return tag[1] if tag else str(instance["prometheus_version"])


def _tagged(instance: Instance) -> re.Match[str] | None:
    image = _name_of_image(instance)
    return _TAG.search(image) or (_SHORT.search(image) if _is_unsaid(instance) else None)


def _is_unsaid(instance: Instance) -> bool:
    """Whether nothing but the image can tell the version."""
    return bool(instance["prometheus_version"] == DEFAULT_PROMETHEUS)


def _name_of_image(instance: Instance) -> str:
    """An image of the user's own without its digest; empty without one."""
    return str(instance["prometheus_image"] or "").partition("@")[0]


def problems_of_image(instance: Instance) -> list[Finding]:
    """A version that is too old, or that is another one than that of the image."""
    tagged, version = _tagged(instance), prometheus_version(instance)
    major = _MAJOR.search(_name_of_image(instance)) if _is_unsaid(instance) else None
    if major and major[1] != version.removeprefix("v").split(".")[0]:
        what = f"the tag of prometheus_image is that of Prometheus {major[1]}, and not of {version}"
        return [mistake("option-conflict", "prometheus_version", what, "set it to the version that is in the image")]
    return problems_of_version("prometheus_image" if tagged else "prometheus_version", version)


def is_certain(instance: Instance) -> bool:
    """Whether the pods run the version that ``prometheus_version`` returns, and take what that release takes.

    An image of which nobody said what is in it may be of any release, and a feature may change what a job can say.
    """
    features = any(name_of(argument) == "enable-feature" for argument in instance["prometheus_extra_args"])
    told = not _name_of_image(instance) or bool(_tagged(instance)) or not _is_unsaid(instance)
    return told and not features
