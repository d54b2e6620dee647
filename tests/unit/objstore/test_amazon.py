# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints of Amazon: its region is in the name of the host, and the SDK finds most of them by that alone."""

from __future__ import annotations

import botocore.session
import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.amazon import (
    is_amazon,
    is_found_by_region,
    partition_of,
    region_in,
)


@pytest.mark.parametrize(
    ("endpoint", "region", "by_region"),
    [
        ("s3.amazonaws.com", "", True),
        ("s3-external-1.amazonaws.com", "", True),
        ("s3-accelerate.amazonaws.com", "", True),
        ("s3.eu-central-1.amazonaws.com", "eu-central-1", True),
        ("S3.EU-CENTRAL-1.amazonaws.com", "eu-central-1", True),
        ("s3.eu-central-1.amazonaws.com.", "eu-central-1", True),
        ("s3-us-gov-west-1.amazonaws.com", "us-gov-west-1", True),
        ("s3.dualstack.cn-north-1.amazonaws.com.cn", "cn-north-1", True),
        ("s3-fips.dualstack.us-east-1.amazonaws.com", "us-east-1", True),
        ("b.s3.eu-west-1.amazonaws.com", "eu-west-1", True),
        ("s3.eu-central-1.amazonaws.com:443", "eu-central-1", False),
        ("s3.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", False),
        ("bucket.vpce-1a2b3c-4d.s3.us-east-1.vpce.amazonaws.com", "us-east-1", False),
    ],
)
def test_hosts_of_amazon(endpoint: str, region: str, by_region: bool) -> None:
    assert is_amazon(endpoint)
    assert region_in(endpoint) == region
    assert is_found_by_region(endpoint) is by_region


@pytest.mark.parametrize(
    "endpoint",
    [
        "minio:9000",
        "s3.example.org",
        "s3.eu-central-1.amazonaws.com.example.org",
        "notamazonaws.com",
        "s3.amazonaws.eu.x",
    ],
)
def test_hosts_of_others(endpoint: str) -> None:
    assert not is_amazon(endpoint)
    assert not is_found_by_region(endpoint)
    assert region_in(endpoint) == ""


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_partitions_are_those_of_the_sdk(region: str) -> None:
    assert partition_of("s3.amazonaws.com", region) == botocore.session.Session().get_partition_for_region(region)
