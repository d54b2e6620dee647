# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of buckets: one that each provider takes, one for every rule that it has."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.names import RULES, problems

LONG = "a" * 64
GOOD = {
    "S3": ["metrics-eu", "a.b.c", "123", "a" * 63, "metrics-123456789012-eu-central-1-an", "romans"],
    "GCS": ["metrics_eu", "a.b", f"{'a' * 63}.{'b' * 63}"],
    "AZURE": ["metrics-eu", "$root", "$web", "123"],
    "SWIFT": ["Metrics EU", "x", "ü" * 128],
    "COS": ["m", "metrics-eu", "a" * 50],
    "ALIYUNOSS": ["metrics-eu"],
    "BOS": ["metrics-eu"],
    "OBS": ["metrics.eu-1"],
    "OCI": ["Metrics_EU.1-x", "m"],
    "FILESYSTEM": ["/data", "/data/metrics", "/.data", "/data/.", "/..."],
}
BAD = {
    "S3": [
        "ab",
        LONG,
        "Metrics",
        "a_b",
        "-abc",
        "abc-",
        ".abc",
        "a..b",
        "192.168.5.4",
        "xn--a",
        "sthree-a",
        "amzn-s3-demo-a",
        "a-s3alias",
        "a--ol-s3",
        "a.mrap",
        "a--x-s3",
        "a--table-s3",
        "metrics-an",
        "a\n",
        "abc\n",
    ],
    "GCS": [
        "ab",
        LONG,
        "Abc",
        "-abc",
        "a..b",
        "a.-b",
        "192.168.5.4",
        "google-x",
        "my-g00gle",
        "googly",
        "goo-g1e-goog1e",
        f"{'a' * 64}.b",
        ".".join(["abcdefgh"] * 25),
    ],
    "AZURE": ["ab", LONG, "Abc", "a_b", "a--b", "-abc", "abc-", "a.b", "$other"],
    "SWIFT": ["", "a/b", ".", "..", "ü" * 129],
    "COS": ["", "a" * 51, "-abc", "abc-", "Abc", "a.b"],
    "ALIYUNOSS": ["ab", LONG, "a_b", "-abc", "Abc"],
    "BOS": ["ab", LONG, "a.b", "abc-"],
    "OBS": ["ab", LONG, "a..b", "a.-b", "a-.b", "192.168.5.4", "Abc"],
    "OCI": ["", "a" * 257, "a b", "a/b"],
    "FILESYSTEM": ["data", "/", "//", "/.", "/./", "//.//./", "/data/../etc", "/.."],
}


@pytest.mark.parametrize("provider", RULES)
def test_good_names_pass(provider: str) -> None:
    assert {name: problems(provider, name) for name in GOOD[provider]} == {name: [] for name in GOOD[provider]}


@pytest.mark.parametrize("provider", RULES)
def test_bad_names_do_not(provider: str) -> None:
    assert [name for name in BAD[provider] if not problems(provider, name)] == []


@pytest.mark.parametrize("provider", RULES)
def test_every_rule_refuses_a_name(provider: str) -> None:
    said = {sentence for name in BAD[provider] for sentence in problems(provider, name)}
    assert said >= {rule.sentence for rule in RULES[provider]}
