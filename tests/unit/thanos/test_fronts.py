# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Query frontends beside the queriers of their stack: whom each asks, and what is refused or told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.queriers import beside
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import container, one, render

TENANCY = {"extra_args": ["--query.enforce-tenancy", "--query.tenant-header=X-Scope-OrgID"]}
SHARED = {"type": "REDIS", "addr": "redis:6379"}


def stack_of(instances: dict[str, Any], live: dict[str, str] | None = None) -> Stack:
    return beside(parse({"cluster": "eu", "instances": instances}), live or {})


def argument(instances: dict[str, Any], flag: str) -> str:
    """The value of a flag of the frontend, empty without it."""
    made = one(render(instances), "Deployment", "thanos-query-frontend")
    found = [
        a.partition("=")[2] for a in container(made, "thanos-query-frontend")["args"] if a.startswith(f"--{flag}=")
    ]
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("front", "url"),
    [
        ({}, "http://thanos-query.monitoring.svc:10902"),
        ({"querier": "query-eu"}, "http://thanos-query-eu.monitoring.svc:10902"),
        ({"downstream_url": "http://other:9090/"}, "http://other:9090"),
    ],
)
def test_frontend_asks_the_querier_that_is_meant(front: dict[str, Any], url: str) -> None:
    made = {"query": {}, "query-eu": {"tier": "query"}, "query_frontend": front}
    assert argument(made, "query-frontend.downstream-url") == url


def test_frontend_that_is_deployed_alone_asks_the_querier_beside_it() -> None:
    stack = stack_of({"query_frontend": {}}, {"query": "http://thanos-query.monitoring.svc:10902"})
    assert check(stack, Facts()) == ([], [])


PATH = "has its API below /thanos and says only at the root that it is ready"
PROBLEMS = {
    "itself": (
        {"query": {}, "query_frontend": {"downstream_url": "http://thanos-query-frontend.monitoring.svc:10902/"}},
        "instances.query_frontend.downstream_url is the Service of the frontend itself, so that a query would go round",
    ),
    "no querier": ({"query_frontend": {}}, "instances.query_frontend.querier: the stack has no querier; deploy one"),
    "several": (
        {"query": {}, "query-eu": {"tier": "query"}, "query_frontend": {}},
        "the stack has several queriers (query, query-eu), and a frontend asks one; name it",
    ),
    "another": (
        {"query": {}, "query_frontend": {"querier": "query-eu"}},
        "the stack has no querier 'query-eu'; it has: query",
    ),
    "a prefix": ({"query": {"external_prefix": "/thanos"}, "query_frontend": {}}, PATH),
    "one server for two": (
        {
            "query_frontend": {"downstream_url": "http://a:1", "query_range_cache": SHARED},
            "front-b": {"tier": "query_frontend", "downstream_url": "http://b:1", "labels_cache": {**SHARED, "db": 0}},
        },
        "instances.front-b.labels_cache: redis:6379 is the cache of query_frontend, too, which asks another querier",
    ),
}


@pytest.mark.parametrize(("instances", "sentence"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_a_frontend_cannot_ask_is_refused(instances: dict[str, Any], sentence: str) -> None:
    problems, _warnings = check(stack_of(instances), Facts())
    assert sentence in "\n".join(map(str, problems))


def test_querier_that_check_mode_would_make_first_is_no_mistake_there() -> None:
    problems, warnings = check(stack_of({"query_frontend": {}}), Facts(), planned=True)
    assert (problems, len(warnings)) == ([], 1)


ALLOWED = {
    "links with a prefix": {
        "query": {"external_prefix": "/thanos", "extra_args": ["--web.route-prefix=/"]},
        "query_frontend": {},
    },
    "a db each": {
        "query_frontend": {"downstream_url": "http://a:1", "query_range_cache": SHARED},
        "front-b": {"tier": "query_frontend", "downstream_url": "http://b:1", "query_range_cache": {**SHARED, "db": 1}},
    },
    "one querier, one cache": {
        "query": {},
        "query_frontend": {"query_range_cache": SHARED, "labels_cache": SHARED, "replicas": 3},
    },
}


@pytest.mark.parametrize("instances", ALLOWED.values(), ids=ALLOWED)
def test_what_a_frontend_can_ask_is_no_mistake(instances: dict[str, Any]) -> None:
    assert check(stack_of(instances), Facts()) == ([], [])


@pytest.mark.parametrize("more", [{"replicas": 2}, {"manage_replicas": False}])
def test_several_pods_with_a_cache_in_memory_each_are_told(more: dict[str, Any]) -> None:
    _problems, (warning,) = check(stack_of({"query": {}, "query_frontend": more}), Facts())
    assert "several pods with a cache in memory each (query_range_cache)" in warning


def test_path_of_a_downstream_of_the_users_own_is_told() -> None:
    front = {"downstream_url": "https://user:secret@prometheus.example/base"}
    with pytest.raises(InvalidInput):
        stack_of({"query_frontend": front})
    _problems, (warning,) = check(stack_of({"query_frontend": {"downstream_url": "https://p.example/base"}}), Facts())
    assert warning.startswith("query_frontend is ready only while https://p.example/base/-/ready answers below 400")


@pytest.mark.parametrize(
    ("querier", "front", "header"),
    [
        ({}, {}, ""),
        (TENANCY, {}, "X-Scope-OrgID"),
        ({"extra_args": ["--query.enforce-tenancy"]}, {}, "THANOS-TENANT"),
        (TENANCY, {"tenant_header": "X-Mine"}, "X-Mine"),
        (TENANCY, {"downstream_url": "http://other:9090"}, ""),
    ],
)
def test_header_of_tenants_is_that_of_the_querier(querier: dict[str, Any], front: dict[str, Any], header: str) -> None:
    assert argument({"query": querier, "query_frontend": front}, "query-frontend.tenant-header") == header


@pytest.mark.parametrize(
    ("querier", "front", "header"),
    [
        ({}, {}, ""),
        ({"extra_args": ["--query.enforce-tenancy"]}, {}, ""),
        (TENANCY, {}, "X-Scope-OrgID"),
        ({}, {"tenant_header": "X-Mine"}, "X-Mine"),
    ],
)
def test_former_header_of_tenants_beside_another_one_is_refused(
    querier: dict[str, Any], front: dict[str, Any], header: str
) -> None:
    former = {"extra_args": ["--query-frontend.org-id-header=X-Org"]}
    problems, _warnings = check(stack_of({"query": querier, "query_frontend": {**front, **former}}), Facts())
    wanted = [f"Thanos does not start with it beside the tenant's header, which is {header}"] if header else []
    assert [each in str(problem) for each, problem in zip(wanted, problems, strict=True)] == [True] * len(wanted)


def test_rulers_ask_the_querier_and_not_the_frontend() -> None:
    made = one(render({"query": {}, "query_frontend": {}, "ruler": {}}), "StatefulSet", "thanos-ruler")
    asked = [arg for arg in container(made, "thanos-ruler")["args"] if arg.startswith("--query=")]
    assert asked == ["--query=http://thanos-query.monitoring.svc:10902"]
