# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that have buckets and no policy, or refuse to remove one: no stack trace, and nothing is written blindly.

Real servers that do not know ``?policy`` answer with what the path alone would get; here it is a small one on loopback.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.table import open_store
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.bucket_model import (
    ABSENT,
    FeatureChange,
    Unsupported,
)
from tests.integration.objstore.bad_servers import CANARY, HTML, PROVIDERS
from tests.support.http_server import Answer, HttpServer, Request, Rule
from tests.support.modules import Result, run_module

LISTING = (
    b"<?xml version='1.0'?><ListBucketResult><Name>metrics</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
)
NOT_ABOUT_IT = "its answer is about something else"
ANSWERS = {
    "listing": LISTING,
    "HTML": HTML,
    "nothing": b"",
    "a list": b"[]",
    "a mapping of nothing": b"{}",
    "a number": b"1",
    "a text for statements": b'{"Statement": "x"}',
    "texts for statements": b'{"Statement": ["x"]}',
}
READER = "arn:aws:iam::1:user/reader"


def with_policy(body: bytes) -> Rule:
    """Has a bucket; of its policy this is what can be had. Nobody may remove it."""

    def answer(request: Request) -> Answer:
        headers = {"x-amz-request-id": "1", "Content-Type": "application/xml"}
        if request.method == "DELETE":
            return Answer(403, headers, b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>")
        return Answer(200, headers, body if "policy" in request.path else LISTING)

    return answer


def asked(module: str, server: HttpServer, store: dict[str, Any] | None = None, **options: Any) -> Result:
    arguments = {"store": {**PROVIDERS["S3"].store(server.url), **(store or {})}, "timeout": 2, **options}
    found = run_module(module, arguments)
    assert CANARY not in found.text
    assert "Traceback" not in found.text
    return found


@pytest.fixture(params=ANSWERS)
def server(request: pytest.FixtureRequest) -> Any:
    with HttpServer(with_policy(ANSWERS[request.param])) as server:
        yield server
    assert {request.method for request in server.requests} <= {"GET", "HEAD"}


def test_a_policy_that_is_none_is_unsupported(server: HttpServer) -> None:
    read = asked("bucket_info", server)["features"]["tls_only"]
    assert (read["state"], read["detail"]) == ("unsupported", NOT_ABOUT_IT)


def test_nobody_is_let_in_where_there_is_no_policy(server: HttpServer) -> None:
    assert f"this server does not have it ({NOT_ABOUT_IT})" in asked("bucket_access", server, reader=[READER])["msg"]
    assert asked("bucket_access", server, state="absent")["action"] == "unchanged"


@pytest.mark.parametrize("feature", ["access", "tls_only"])
def test_nothing_is_written_over_what_is_no_policy(server: HttpServer, feature: str, tmp_path: Path) -> None:
    adapter = open_store(PROVIDERS["S3"].store(server.url), 2, str(tmp_path))
    for value in ({}, {"O11yThanosReaderList": ["{}"]}):
        with pytest.raises(Unsupported, match=NOT_ABOUT_IT):
            adapter.apply(FeatureChange(feature, ABSENT, value))


def test_the_right_to_remove_a_policy_is_named() -> None:
    statement = {"Sid": "O11yThanosReaderList", "Effect": "Allow", "Principal": {"AWS": READER}}
    with HttpServer(with_policy(json.dumps({"Statement": statement}).encode())) as server:
        assert "the credential lacks s3:DeleteBucketPolicy" in asked("bucket_access", server, state="absent")["msg"]
