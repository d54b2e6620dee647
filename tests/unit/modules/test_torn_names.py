# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible blanks a secret wherever it stands in a result: a name that would be handed on with a hole is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.in_process import run_main

# Nobody is there: what is not refused before fails with another sentence.
STORE = {"type": "S3", "bucket": "thanos-metrics", "endpoint": "127.0.0.1:1", "access_key": "thanos"}
NOWHERE: dict[str, dict[str, Any]] = {
    "bucket": {"timeout": 1},
    "bucket_access": {"timeout": 1},
    "bucket_info": {"timeout": 1},
    "objstore_secret": {"kubeconfig": "/nowhere"},
}


def told(module: str, secret: str, **options: Any) -> str:
    found = run_main(module, {"store": {**STORE, "secret_key": secret}, **NOWHERE[module], **options})
    return str(found.values.get("msg", ""))


@pytest.mark.parametrize("module", NOWHERE)
def test_secret_that_is_part_of_a_returned_name_is_refused_before_anything_is_done(module: str) -> None:
    name = "secrets" if module == "objstore_secret" else "bucket"
    refused = told(module, "thanos-")
    assert f"the result '{name}' would hold the value of a secret" in refused or "'documents' would" in refused
    assert "This task changed nothing" in refused


@pytest.mark.parametrize("module", NOWHERE)
def test_secret_that_is_part_of_no_name_is_not_refused(module: str) -> None:
    assert "would hold" not in told(module, "s3cr3t-key")


@pytest.mark.parametrize("module", [name for name in NOWHERE if name != "bucket_info" and name != "bucket_access"])
def test_what_was_made_with_such_a_secret_can_still_be_removed(module: str) -> None:
    assert "would hold" not in told(module, "thanos-", state="absent")
