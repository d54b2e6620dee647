# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which endpoints are Amazon's own, and what their names tell. Pure."""

from __future__ import annotations

import re

# Words between "s3" and the region that tell no region.
_KINDS = r"(?:dualstack\.|fips[.-]|accelerate\.|external-1\.)*"
_HOST = re.compile(
    rf"(?:\A|\.)s3[.-]{_KINDS}(?:(?P<region>[a-z0-9-]+)\.)?(?P<private>vpce\.)?"
    r"amazonaws\.(?:com(?P<china>\.cn)?|(?P<europe>eu))\.?(?P<port>:443)?\Z",
    re.IGNORECASE,
)


def is_amazon(endpoint: str) -> bool:
    """Whether Amazon runs what is at this endpoint, in whichever of its clouds."""
    return bool(_HOST.search(endpoint))


def region_in(endpoint: str) -> str:
    """The region that the endpoint's name tells; empty where it tells none."""
    host = _HOST.search(endpoint)
    return (host["region"] or "").lower() if host else ""


def is_found_by_region(endpoint: str) -> bool:
    """Whether every release of the SDK comes to this host by itself, once it knows the region."""
    host = _HOST.search(endpoint)
    return host is not None and not any((host["private"], host["europe"], host["port"]))


def partition_of(endpoint: str, region: str) -> str:
    """The part of Amazon, as ARNs name it, in which the buckets of an endpoint are; ``region`` may be empty."""
    host = _HOST.search(endpoint)
    if not host:
        return "aws"
    place = region or region_in(endpoint)
    if host["europe"] or place.startswith("eusc-"):
        return "aws-eusc"
    if host["china"] or place.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if place.startswith("us-gov-") else "aws"
