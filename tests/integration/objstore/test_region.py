# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a region of its own name, which answers as Garage 2.5.0 does: only bodies of errors name the region."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.http_server import Answer, HttpServer, Request
from tests.support.modules import Result, run_module

XML = {"Content-Type": "application/xml"}
LOCATION = b"<?xml version='1.0'?><LocationConstraint>garage</LocationConstraint>"
WRONG = (
    b"<?xml version='1.0'?><Error><Code>AuthorizationHeaderMalformed</Code><Message>unexpected scope</Message>"
    b"<Resource>/metrics</Resource><Region>garage</Region></Error>"
)
NO_BUCKET = b"<?xml version='1.0'?><Error><Code>NoSuchBucket</Code></Error>"


class Garage:
    """One bucket, made or not. It knows no setting of a bucket.

    ``forward``: it says where a bucket is that is not there, and so does versitygw.
    """

    def __init__(self) -> None:
        self.made = self.forward = False

    def __call__(self, request: Request) -> Answer:
        if "/garage/s3/" not in request.headers.get("Authorization", ""):
            return Answer(400, XML, b"" if request.method == "HEAD" else WRONG)
        if request.method == "PUT" and "?" not in request.path:
            self.made = True
            return Answer(200, XML)
        if self.forward and "location" in request.path:
            return Answer(200, XML, LOCATION)
        if not self.made:
            return Answer(404, XML, b"" if request.method == "HEAD" else NO_BUCKET)
        if request.method == "HEAD":
            return Answer(200, {"x-amz-request-id": "1"})
        return Answer(200, XML, LOCATION) if "location" in request.path else Answer(501, XML)


@pytest.fixture
def garage() -> Iterator[tuple[Garage, str]]:
    rule = Garage()
    with HttpServer(rule) as server:
        yield rule, server.url.removeprefix("http://")


def bucket(endpoint: str, **store: str) -> Result:
    keys = {"access_key": "owner", "secret_key": "not-a-key"}
    whole = {"type": "S3", "bucket": "metrics", "endpoint": endpoint, "insecure": True, **keys, **store}
    return run_module("bucket", {"store": whole, "timeout": 5})


def test_a_region_that_is_not_given_is_the_servers(garage: tuple[Garage, str]) -> None:
    _rule, endpoint = garage
    made, again = bucket(endpoint), bucket(endpoint)
    assert not made.failed, made["msg"]
    assert (made["changed"], made["region"]) == (True, "garage")
    assert (again["changed"], again["region"]) == (False, "garage")


@pytest.mark.parametrize("forward", [False, True])
def test_a_region_that_is_given_and_wrong_fails_before_there_is_a_bucket(
    garage: tuple[Garage, str], forward: bool
) -> None:
    rule, endpoint = garage
    rule.forward = forward
    refused = bucket(endpoint, region="us-east-1")
    assert refused.failed
    assert "the server is in region 'garage', not in 'us-east-1'; set region" in refused["msg"]
    assert not rule.made


def test_the_servers_region_may_be_given(garage: tuple[Garage, str]) -> None:
    _rule, endpoint = garage
    assert [bucket(endpoint, region="garage")["changed"] for _run in range(2)] == [True, False]
