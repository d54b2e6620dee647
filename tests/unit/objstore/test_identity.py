# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bucket a configuration names, however it is written."""

from __future__ import annotations

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import identity


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{type: S3, config: {bucket: b, endpoint: H:443}}", "{type: s3, prefix: /, config: {bucket: b, endpoint: h}}"),
        (
            "{type: S3, config: {bucket: b, endpoint: h, insecure: true}}",
            "{type: S3, config: {bucket: b, endpoint: 'h:80', insecure: true, unknown: 1}}",
        ),
        (
            "{type: GCS, config: {bucket: b}, prefix: /p/}",
            "{type: GCS, config: {bucket: b, use_grpc: true}, prefix: p}",
        ),
    ],
)
def test_one_store_written_in_two_ways_is_one(left: str, right: str) -> None:
    assert identity(left) == identity(right)


def test_another_prefix_is_another_store() -> None:
    texts = (
        "{type: S3, config: {bucket: b}}",
        "{type: S3, config: {bucket: b}, prefix: a}",
        "{type: S3, config: {bucket: c}}",
    )
    assert len({identity(text) for text in texts}) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type: s3\nconfig: {bucket: b, endpoint: 'H:9'}\nprefix: /p/", ("S3", "h:9", "b", "p")),
        ("type: AZURE\nconfig: {container: c, storage_account: a}", ("AZURE", "a", "c", "")),
        ("type: GCS\nconfig: {bucket: b}", ("GCS", "", "b", "")),
        ("type: S3\nconfig: {}", None),
        ("[]", None),
        ("config: {bucket: b}", None),
        ("[", None),
        ("text", None),
    ],
)
def test_identity_of_a_bucket(text: str, expected: tuple[str, ...] | None) -> None:
    assert identity(text) == expected
