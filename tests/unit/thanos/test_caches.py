# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches of stores and query frontends: what does not fit its type is refused, a password comes from a Secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.caches import missing_passwords, password_digests
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS, container, one, render

REDIS = {"type": "REDIS", "addr": "redis:6379"}
MEMCACHED = {"type": "MEMCACHED", "addresses": ["memcached:11211"]}
LOGIN = {"secret": "redis", "key": "pw"}
MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no address": ("index_cache", {"type": "MEMCACHED"}, "index_cache.addresses is required for a cache of type"),
    "no addr": ("query_range_cache", {"type": "REDIS"}, "query_range_cache.addr is required for a cache of type REDIS"),
    "key of another type": (
        "index_cache",
        {**REDIS, "max_size": "1GB"},
        "index_cache.max_size: a cache of type REDIS has no such key; leave it out",
    ),
    "prefix of a frontend": (
        "query_range_cache",
        {**REDIS, "prefix": "eu"},
        "query_range_cache.prefix: there is no such option; Thanos takes it for a cache of a query frontend and does "
        "not use it; give each stack a db of its own, or a server",
    ),
    "prefix before 0.42": (
        "index_cache",
        {**REDIS, "prefix": "eu"},
        "index_cache.prefix: Thanos 0.41.0 does not read it; it came with 0.42",
    ),
    "TLS without TLS": (
        "index_cache",
        {**REDIS, "tls_config": {"server_name": "redis"}},
        "index_cache.tls_config is looked at with tls_enabled only",
    ),
    "CA that is no file": (
        "index_cache",
        {**REDIS, "tls_enabled": True, "tls_config": {"ca_file": "/ca.crt"}},
        "index_cache.tls_config.ca_file: the pods have no file /ca.crt; name its Secret in secrets",
    ),
    "half a certificate": (
        "index_cache",
        {**REDIS, "tls_enabled": True, "tls_config": {"cert_file": "/etc/ssl/a"}},
        "index_cache.tls_config: cert_file and key_file go together; give both, or none",
    ),
    "user alone": ("labels_cache", {**REDIS, "username": "u"}, "a user without a password does not log in"),
    "port above the highest": (
        "query_range_cache",
        {"type": "REDIS", "addr": "redis:6379,redis:99999"},
        "'redis:6379,redis:99999' is not a host and a port such as redis:6379",
    ),
    "address of another form": (
        "query_range_cache",
        {"type": "MEMCACHED", "addresses": ["http://memcached"]},
        "'http://memcached' is not an address of memcached: host:11211, dns+host:11211 or",
    ),
    "discovery by two ways": (
        "index_cache",
        {"type": "MEMCACHED", "addresses": ["dns+memcached:11211"], "auto_discovery": True},
        "index_cache.addresses: dns+memcached:11211 is looked up by DNS, and auto_discovery asks the server itself",
    ),
    "no cache of a store": ("index_cache", {"type": "NONE"}, "this is not one of IN-MEMORY, MEMCACHED, REDIS"),
}


@pytest.mark.parametrize(("option", "cache", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_in_a_cache_is_named(option: str, cache: dict[str, Any], sentence: str) -> None:
    tier = "store" if option in ("index_cache", "caching_bucket") else "query_frontend"
    version = {"version": "0.41.0"} if "0.41" in sentence else {}
    with pytest.raises(InvalidInput) as refused:
        render({tier: {option: cache, **version}})
    assert sentence in str(refused.value)


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file", "server_name"])
def test_keys_of_tls_that_a_frontend_ignores_are_refused(key: str) -> None:
    cache = {**REDIS, "tls_enabled": True, "tls_config": {key: "/etc/ssl/x"}}
    with pytest.raises(InvalidInput, match=rf"tls_config\.{key}: there is no such option; Thanos takes it for a cache"):
        render({"query_frontend": {"query_range_cache": cache}})


def test_private_ca_of_a_redis_is_told_where_it_goes() -> None:
    cache = {**REDIS, "tls_enabled": True, "tls_config": {"ca_file": "/ca"}}
    with pytest.raises(InvalidInput, match=r"name its Secret in secrets, and give env \{name: SSL_CERT_FILE"):
        render({"query_frontend": {"query_range_cache": cache}})


@pytest.mark.parametrize("option", ["forward_headers", "extra_args"])
def test_forwarded_header_beside_a_cache_is_refused(option: str) -> None:
    value = {"forward_headers": ["X-User"], "extra_args": ["--query-frontend.forward-header=X-User"]}[option]
    with pytest.raises(InvalidInput, match=rf"{option}: the cache does not look at forwarded headers"):
        render({"query_frontend": {option: value}})
    render({"query_frontend": {option: value, "query_range_cache": "NONE"}})


SPLITTING = {
    "cache without splitting": ({"split_interval": "0"}, "split_interval: 0 splits nothing, and Thanos does not start"),
    "cache of labels": ({"labels_cache": "IN-MEMORY", "labels_split_interval": "0"}, "labels_split_interval: 0 splits"),
    "a third of it": ({"horizontal_shards": 4}, "needs min_split_interval and max_split_interval, too"),
    "parts of a range that has others": (
        {"min_split_interval": "2d", "max_split_interval": "1d", "horizontal_shards": 4},
        "min_split_interval: 2d is twice max_split_interval (1d) or more, so that no query has horizontal_shards parts",
    ),
    "both": ({"querier": "query", "downstream_url": "http://x"}, "querier is looked at without downstream_url only"),
}


@pytest.mark.parametrize(("options", "sentence"), SPLITTING.values(), ids=SPLITTING)
def test_options_of_a_frontend_that_do_not_fit_together_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        render({"query_frontend": options})
    assert sentence in str(refused.value)


def test_cache_by_its_type_alone_is_that_in_memory_and_none_is_none() -> None:
    (config,) = [m for m in render({"query_frontend": {"labels_cache": "IN-MEMORY"}}) if m["kind"] == "ConfigMap"]
    caches = [config["data"][name] for name in ("query-range-cache.yaml", "labels-cache.yaml")]
    assert caches == ['type: IN-MEMORY\nconfig:\n  max_size: "250MB"\n'] * 2
    (config,) = [m for m in render({"query_frontend": {"query_range_cache": "NONE"}}) if m["kind"] == "ConfigMap"]
    assert list(config["data"]) == ["downstream-tripper.yaml"]


def test_password_is_filled_in_from_a_secret_and_stands_nowhere() -> None:
    made = render({"store": {"caching_bucket": {**REDIS, "password": LOGIN}}})
    env = container(one(made, "StatefulSet", "thanos-store"), "thanos-store")["env"]
    source = {"secretKeyRef": {"name": "redis", "key": "pw"}}
    assert env == [{"name": "CACHING_BUCKET_PASSWORD", "valueFrom": source}]
    text = one(made, "ConfigMap", "thanos-store")["data"]["caching-bucket.yaml"]
    assert yaml.safe_load(text)["config"]["password"] == "$(CACHING_BUCKET_PASSWORD)"


def digest(**cache: str) -> str:
    made = one(render({"store": {"index_cache": {**MEMCACHED, **cache}}}), "StatefulSet", "thanos-store")
    return str(made["spec"]["template"]["metadata"]["annotations"]["o11y.thanos/config-digest"])


def test_changed_configuration_restarts_the_pods() -> None:
    assert digest() == digest()
    assert digest() != digest(timeout="1s")


def annotation(digests: dict[str, str]) -> str:
    facts = Facts(objstores=FACTS.objstores, passwords=digests)
    made = one(
        render({"store": {"index_cache": {**REDIS, "password": LOGIN}}}, facts=facts), "StatefulSet", "thanos-store"
    )
    return str(made["spec"]["template"]["metadata"]["annotations"]["o11y.thanos/cache-passwords-digest"])


def test_changed_password_restarts_the_pods() -> None:
    assert annotation({}) == "known after the Secret is made"
    assert annotation({"redis/pw": "a"}) != annotation({"redis/pw": "b"})


def secret(value: str) -> dict[str, Any]:
    return {"metadata": {"uid": "u"}, "data": {"pw": base64.b64encode(value.encode()).decode()}}


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (None, "password.secret: the Secret monitoring/redis does not exist; make it (the module secret does)"),
        ({"metadata": {"uid": "u"}, "data": {"other": ""}}, "password.key: the Secret monitoring/redis has no key pw"),
        (secret("it's"), "password.key: pw in the Secret monitoring/redis has a quote (') or a line break"),
        (secret('a"b\\c #:{'), ""),
    ],
)
def test_secret_with_the_password_is_looked_at(found: dict[str, Any] | None, sentence: str) -> None:
    stack = parse(
        {"cluster": "eu", "instances": {"query_frontend": {"query_range_cache": {**REDIS, "password": LOGIN}}}}
    )
    keys = None if found is None else tuple(found["data"])
    facts = Facts(files={"Secret/redis": keys}, passwords=password_digests(stack, {"redis": found}))
    told = "\n".join(map(str, missing_passwords(stack, facts)))
    assert sentence in told if sentence else not told
