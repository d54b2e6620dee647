# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input gets a sentence that names the option, the value, what is allowed and what to do; all of them at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._body import Body
from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.secret_task import SECRET
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.objstore_secret_task import OBJSTORE_SECRET
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.tiers import TIERS

from .cases import one, render


def scraped(sidecar: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of the Prometheus of a sidecar with these options."""
    data = one(render({"sidecar": sidecar}), "ConfigMap", "thanos-sidecar")["data"]
    return list(json.loads(data["prometheus.yml"])["scrape_configs"])


ROWS: list[tuple[dict[str, Any], str]] = [
    ({"store": {"replcas": 2}}, "instances.store.replcas: there is no such option. Did you mean 'replicas'?"),
    ({"stroe": {}}, f"there is no tier 'stroe'; tiers are {', '.join(TIERS)}. Did you mean 'store'?"),
    ({"query": {"replicas": -1}}, "instances.query.replicas: -1 is too small; the least is 0."),
    ({"query": {"timeout": "two minutes"}}, "'two minutes' is not a duration longer than 0 such as 30s, 5m, 2h or 30d"),
    ({"query": {"timeout": "0s"}}, "timeout: '0s' is not a duration longer than 0 such as"),
    (
        {"query": {"lookback_delta": "1y"}},
        "lookback_delta: '1y' is not a duration such as 30s, 5m, 2h or 30d (a year is",
    ),
    ({"store": {"sync_block_duration": "0"}}, "sync_block_duration: '0' is not a duration longer than 0"),
    (
        {"compact": {"wait_interval": "1y"}},
        "wait_interval: '1y' is not a duration longer than 0 such as 30s, 5m, 2h or",
    ),
    ({"ruler": {"evaluation_interval": "0m0s"}}, "evaluation_interval: '0m0s' is not a duration longer than 0"),
    ({"sidecar": {"config_reload_interval": "0"}}, "config_reload_interval: '0' is not a duration longer than 0"),
    ({"store": {"storage": {"size": "10 GB"}}}, "'10 GB' is not a Kubernetes quantity"),
    ({"store": {"storage": {"size": "1048576K"}}}, "'1048576K' is not a Kubernetes quantity"),
    *(
        ({"store": {"storage": {"size": size}}}, f"'{size}' is not a Kubernetes quantity larger than 0 such as 512Mi")
        for size in ("0", "0Gi", "0.0", "0e3", "-1Gi")
    ),
    (
        {"receive": {"hashrings": [{"name": "a", "storage": {"size": "0"}}]}},
        "hashrings[0].storage.size: '0' is not a Kubernetes quantity larger than 0",
    ),
    (
        {"store": {"resources": {"requests": {"cpu": "1001m"}, "limits": {"cpu": 1}}}},
        "instances.store.resources.requests.cpu: 1001m is more than the limit, which is 1; lower the one, or raise the",
    ),
    (
        {"sidecar": {"prometheus_resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "2G"}}}},
        "sidecar.prometheus_resources.requests.memory: 2Gi is more than the limit, which is 2G",
    ),
    (
        {
            "receive": {
                "hashrings": [{"name": "a", "resources": {"requests": {"cpu": 2}, "limits": {"cpu": 1, "memory": 1}}}]
            }
        },
        "instances.receive.hashrings[0].resources.requests.cpu: 2 is more than the limit, which is 1",
    ),
    (
        {"receive": {"router": {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": 1}}}}},
        "instances.receive.router.resources.requests.cpu: 2 is more than the limit, which is 1",
    ),
    ({"store": {"resources": {"limits": {"cpu": "1e1000"}}}}, "'1e1000' is not a Kubernetes quantity"),
    ({"store": {"chunk_pool_size": "2"}}, "'2' is not a size such as 250MB or 2GB"),
    (
        {"store": {"resources": {"limits": {"cpu": "fast"}}}},
        "resources.limits.cpu: 'fast' is not a Kubernetes quantity",
    ),
    ({"query": {"labels": {"a": "b c"}}}, "labels.a: 'b c' is not a Kubernetes label value"),
    ({"query": {"labels": {"bad key!": "a"}}}, "labels: 'bad key!' is not the name of a Kubernetes label: at most 63 "),
    ({"query": {"pod_labels": {"Example.com/a": "a"}}}, "pod_labels: 'Example.com/a' is not the name of a Kubernetes"),
    ({"query": {"pod_labels": {"a": ["b"]}}}, "pod_labels.a: this is not a text."),
    (
        {"query": {"node_selector": {"disk": "very fast"}}},
        "node_selector.disk: 'very fast' is not a Kubernetes label v",
    ),
    ({"query": {"pod_annotations": {"a/b/c": "x"}}}, "pod_annotations: 'a/b/c' is not the name of a Kubernetes annot"),
    ({"query": {"annotations": {"a": {"b": 1}}}}, "annotations.a: this is not a text."),
    ({"query": {"service": {"annotations": {"a": [1]}}}}, "service.annotations.a: this is not a text."),
    ({"query": {"service": {"http_node_port": 30001}}}, "service.http_node_port: a Service of type ClusterIP has no"),
    ({"query": {"service": {"grpc_node_port": 30001}}}, "service.grpc_node_port: a Service of type ClusterIP has no"),
    (
        {"query": {"env": [{"name": "A", "value": "a", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}},
        "env[0]: A has both value and valueFrom; leave one of them out.",
    ),
    (
        {"query": {"env": [{"name": "A", "valueFrom": {"secretRef": {"name": "x"}}}]}},
        "env[0].valueFrom: names secretRef, and takes one of configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef",
    ),
    ({"query": {"env": [{"value": "a"}]}}, "instances.query.env[0].name is required."),
    (
        {"query": {"env": [{"name": "A", "valueFrm": {}}]}},
        "env[0].valueFrm: there is no such option. Did you mean 'valu",
    ),
    ({"query": {"replica_labels": [None]}}, "replica_labels[0]: null is not a text; give it a value or leave it out."),
    ({"query": {"tolerations": [None]}}, "tolerations[0]: null is not a mapping; give it a value or leave it out."),
    ({"query": {"replicas": "10m"}}, "instances.query.replicas: '10m' is not a whole number, 0 or more."),
    (
        {"query": {"service": {"type": "NodePort", "http_node_port": "x"}}},
        "service.http_node_port: 'x' is not a whole number from 1 to 65535.",
    ),
    (
        {"store": {"storage": "10Gi"}},
        "store.storage: this is not a mapping; write what it takes beneath it: size, storage_class.",
    ),
    (
        {"query": {"labels": 5}},
        "query.labels: this is not a mapping; write it as names and values, such as {name: value}.",
    ),
    (
        {"query": {"tolerations": {"key": "a"}}},
        "query.tolerations: this is not a list; write it as a list, such as [{name: value}].",
    ),
    (
        {"query": {"replica_labels": {"a": "b"}}},
        "query.replica_labels: this is not a list; write it as a list, such as [one, two].",
    ),
    ({"query": {"replica_labels": ["a-b"]}}, "replica_labels[0]: 'a-b' is not a Prometheus label name"),
    ({"s" * 40: {"tier": "query"}}, "has 47 characters"),
    ({"Store": {"tier": "store"}}, "an instance's name is lower-case letters"),
    ({"sidecar": {"external_labels": {"prometheus_replica": "a"}}}, "'a' would be equal on every replica"),
    ({"sidecar": {"external_labels": {"region": ""}}}, "external_labels.region is empty"),
    ({"sidecar": {"external_labels": {"my-region": "a"}}}, "external_labels: 'my-region' is not a Prometheus label n"),
    ({"ruler": {"external_labels": {"a": {"b": 1}}}}, "external_labels.a: this is not a text."),
    ({"sidecar": {"scrape_configs": [{}]}}, "scrape_configs: every entry needs a job_name."),
    (
        {"sidecar": {"scrape_configs": [{"job_name": "x"}, {"job_name": "x"}]}},
        "scrape_configs[1]: another entry has a job_name 'x' too; rename one of them.",
    ),
    ({"sidecar": {"replica_label": "replica"}}, "replica_label: replica is not among replica_labels"),
    ({"ruler": {"external_labels": {"rule_replica": "a"}}}, "'a' would be equal on every replica"),
    ({"sidecar": {"retention": "1h"}}, "retention: 1h is shorter than 6h"),
    ({"compact": {"retention_resolution_raw": "10h"}}, "Keep at least 40h, or set downsampling: false."),
    ({"compact": {"retention_resolution_5m": "9d"}}, "Keep at least 10d, or set downsampling: false."),
    ({"compact": {"paused": True}}, "paused_reason is required when paused is true"),
    ({"compact": {"deduplication_func": "penalty"}}, "needs deduplication_replica_labels"),
    ({"compact": {"deduplication_replica_labels": ["x"]}}, "x is not among replica_labels"),
    ({"query": {"store_response_timeout": "3m"}}, "store_response_timeout: 3m is not shorter than timeout (2m)"),
    ({"query": {"endpoints": ["edge"]}}, "endpoints[0]: 'edge' is not an address of a StoreAPI: host:10901, or dnssrv"),
    (
        {"query": {"endpoints": ["https://x:443"]}},
        "'https://x:443' is not an address of a StoreAPI: host:10901, or dns",
    ),
    ({"query": {"endpoints": ["a:65535", "a:65536"]}}, "endpoints[1]: 'a:65536' is not an address of a StoreAPI"),
    ({"query": {"endpoints": ["fd00::1:10901"]}}, "'fd00::1:10901' is not an address of a StoreAPI"),
    ({"query": {"endpoints": ["a:1", "dns+b"]}}, "endpoints[1]: 'dns+b' is not an address of a StoreAPI"),
    (
        {"ruler": {"query": ["query:http"]}},
        "query[0]: 'query:http' is not an address such as http://query:9090 or dns+",
    ),
    ({"store": {"min_time": "-1h", "max_time": "-2h"}}, "min_time: -1h is not before max_time (-2h)"),
    ({"store": {"min_time": "30d"}}, "min_time: 30d is 30d from now; for 30d ago, write -30d."),
    ({"store": {"max_time": "2h"}}, "max_time: 2h is 2h from now; for 2h ago, write -2h."),
    ({"store": {"min_time": "9000-01-01T00:00:00Z"}}, "min_time: 9000-01-01T00:00:00Z is not in the past; the store "),
    ({"store": {"min_time": "0"}}, "min_time: 0 is not in the past; the store would serve nothing."),
    (
        {"store": {"min_time": "-1d", "max_time": "2020-01-01T00:00:00.5+02:00"}},
        "min_time: -1d is not before max_time (2020-01-01T00:00:00.5+02:00); the store would serve nothing.",
    ),
    ({"store": {"max_time": "2020-02-30T00:00:00Z"}}, "max_time: '2020-02-30T00:00:00Z' is in no calendar."),
    *(
        (
            {tier: {"extra_args": ["--min-time=30d"]}},
            f"instances.{tier}.extra_args: --min-time: 30d is 30d from now; for 30d ago, write -30d.",
        )
        for tier, known in TIERS.items()
        if "min-time" in known.flags
    ),
    (
        {"compact": {"extra_args": ["--max-time=2h"]}},
        "extra_args: --max-time: 2h is 2h from now; for 2h ago, write -2h",
    ),
    (
        {"compact": {"extra_args": ["--min-time=-1h", "--max-time=-2h"]}},
        "extra_args: --min-time: -1h is not before --max-time (-2h); the compact would compact nothing.",
    ),
    (
        {"store": {"min_time": "-1h", "extra_args": ["--max-time=-2h"]}},
        "store.min_time: -1h is not before --max-time (-2h); the store would serve nothing.",
    ),
    (
        {"sidecar": {"extra_args": ["--min-time=0"]}},
        "extra_args: --min-time: 0 is not in the past; the sidecar would serve nothing.",
    ),
    ({"sidecar": {"extra_args": ["--max-time=2h"]}}, "has no flag --max-time"),
    (
        {"bucket_web": {"extra_args": ["--min-time=yore"]}},
        "extra_args: --min-time: 'yore' is not an RFC 3339 time, or ",
    ),
    (
        {"compact": {"retention_resolution_raw": "60d", "retention_resolution_5m": "30d"}},
        "retention_resolution_5m: 30d is shorter than retention_resolution_raw (60d); in every round the compactor",
    ),
    (
        {"compact": {"retention_resolution_1h": "1y"}},
        "retention_resolution_1h: 1y is shorter than retention_resolution_5m (for ever); in every round the compactor "
        "would make these samples of the finer ones, and delete them again; set retention_resolution_5m to 1y or less.",
    ),
    (
        {"compact": {"service": {"type": "NodePort", "grpc_node_port": 30001}}},
        "service.grpc_node_port: a compact has no gRPC port; leave it out.",
    ),
    (
        {name: {"service": {"type": "NodePort", "http_node_port": 30001}} for name in ("query", "compact")},
        "compact.service.http_node_port: 30001 is that of instances.query.service.http_node_port, too; choose another",
    ),
    (
        {"query": {"service": {"type": "NodePort", "http_node_port": 30001, "grpc_node_port": 30001}}},
        "query.service.grpc_node_port: 30001 is that of instances.query.service.http_node_port, too; choose another",
    ),
    (
        {"store": {"replica_labels": ["a"]}},
        "store.replica_labels: a store does not look at it; declare it once for the",
    ),
    (
        {"query": {"fullname": "2nd"}},
        "fullname: '2nd' is not at most 63 lower-case letters, digits and '-', beginning wi",
    ),
    (
        {"query": {"extra_args": ["--http.config=/x"]}},
        "--http.config: TLS or a password on this port would shut out pro",
    ),
    (
        {"store": {"extra_args": ["--index-cache-size=1GB"]}},
        "--index-cache-size: it has no effect, since the cache is c",
    ),
    (
        {"query": {"extra_args": ["--grpc-server-tls-cert=/x/tls.crt"]}},
        "extra_args: --grpc-server-tls-cert: the pods have no file /x/tls.crt; name its Secret in secrets (or its",
    ),
    (
        {"query": {"secrets": ["tls"], "extra_args": ["--grpc-client-tls-ca=/etc/thanos/secrets/tls2/ca.crt"]}},
        "the pods have no file /etc/thanos/secrets/tls2/ca.crt",
    ),
    ({"query": {"extra_args": ["--store=x:1"]}}, "--store was removed from Thanos; use the endpoint file"),
    ({"query": {"extra_args": ["--query.timeouts=1m"]}}, "no flag --query.timeouts. Did you mean 'query.timeout'?"),
    (
        {"query": {"extra_args": ["--query.timeout=1m"]}},
        "query.extra_args: --query.timeout: the option timeout sets it already; use timeout.",
    ),
    ({"store": {"extra_args": ["--cache-index-header=true"]}}, "takes no value; write --cache-index-header or --no-"),
    ({"query": {"extra_args": ["--tracing.config-file"]}}, "'--tracing.config-file': the flag needs a value; write "),
    (
        {"query": {"extra_args": ["--no-query.timeout"]}},
        "no flag --no-query.timeout. Did you mean 'query.timeout'?",
    ),
    (
        {"query": {"extra_args": ["--endpoint.sd-config=x"]}},
        "not start with --endpoint.sd-config beside --endpoint.sd-config-file, which the option endpoints sets",
    ),
    (
        {"compact": {"extra_args": ["--objstore.config=x"]}},
        "Thanos does not start with --objstore.config beside --objstore.config-file, which the option objstore sets",
    ),
    (
        {"ruler": {"extra_args": ["--query.config-file=/x"]}},
        "--query.config-file beside --query, which the option query sets",
    ),
    (
        {"ruler": {"alertmanagers": ["http://am:9093"], "extra_args": ["--alertmanagers.config=x"]}},
        "start with --alertmanagers.config beside --alertmanagers.url, which the option alertmanagers sets; leave",
    ),
    (
        {"store": {"extra_args": ["--tracing.config-file=/dev/x", "--tracing.config=x"]}},
        "start with --tracing.config beside --tracing.config-file; leave one of them out.",
    ),
    ({"query": {"extra_args": ["verbose"]}}, "'verbose' is not a flag; write it as --name=value."),
    (
        {"query": {"version": "0.41.0", "extra_args": ["--grpc-server-tls-ciphers=x"]}},
        "--grpc-server-tls-ciphers is not in Thanos 0.41.0; it came with 0.42.",
    ),
    ({"query": {"version": "0.12.0"}}, "Thanos 0.12.0 is not supported; supported are 0.39, 0.40, 0.41, 0.42"),
    ({"query": {"version": "0.42.1"}}, "Thanos 0.42.1 is known to be bad: receive loses the upload"),
    ({"ruler": {"test_alert": True}}, "there is nowhere to send the alert to; set alertmanagers."),
    ({"ruler": {"alertmanagers": ["alertmanager:9093"]}}, "is not a URL with its scheme"),
    ({"ruler": {"alertmanagers": ["http://am:90930"]}}, "'http://am:90930' is not a URL with its scheme"),
    ({"ruler": {"rules": {"a.txt": "groups: []"}}}, "'a.txt' is not a file name ending in .yaml or .yml"),
    ({"ruler": {"rules": {"a.yaml": "groups: ["}}}, "a.yaml: is not YAML"),
    (
        {"ruler": {"rules": {"a.yaml": "groups: [{name: g, rules: [2001-99-99]}]"}}},
        "a.yaml: is not YAML: month must be",
    ),
    (
        {"ruler": {"rules": {"a.yaml": "groups: [{name: [x]}]"}}},
        "group 0: the name ['x'] is not a text; put it in quot",
    ),
    ({"ruler": {"rules": {"a.yaml": {"groups": [{"name": "g"}]}}}}, "group 'g': has no list 'rules'"),
    (
        {"ruler": {"rules": {"a.yaml": {"groups": [{"name": "g", "rules": [{"record": "x"}]}]}}}},
        "rule 0: has no 'expr'",
    ),
    ({"store": {}, "store-2": {"tier": "store", "fullname": "thanos-store"}}, "would both be named thanos-store"),
    ({"store": "yes"}, "instances.store: 'yes' is not a mapping of options."),
    ({}, "instances is empty"),
]


@pytest.mark.parametrize(("instances", "sentence"), ROWS, ids=lambda x: str(x)[:60])
def test_mistake_is_named(instances: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        render(instances)
    assert sentence in str(raised.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"store": {"replcas": 2, "min_time": "x"}, "query": {"timeout": "x"}}, common={"log_level": "loud"})
    assert len(raised.value.problems) == 4


def test_cluster_is_required() -> None:
    with pytest.raises(InvalidInput, match="cluster is required"):
        parse({"instances": {"query": {}}})


def test_text_from_a_survey_is_converted() -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {"replicas": "3", "partial_response": "false"}}})
    assert (stack.instances[0]["replicas"], stack.instances[0]["partial_response"]) == (3, False)


@pytest.mark.parametrize("name", [job["job_name"] for job in scraped({})])
def test_default_job_is_there_once(name: str) -> None:
    own = {"scrape_configs": [{"job_name": name}]}
    with pytest.raises(
        InvalidInput, match=rf"scrape_configs\[0\]: default_scrape has a job_name '{name}' too; rename it"
    ):
        scraped(own)
    assert scraped({**own, "default_scrape": False}) == own["scrape_configs"]


def test_flags_that_exclude_each_other_are_told_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        render({"store": {"extra_args": ["--tracing.config-file=/dev/x", "--tracing.config=x"]}})
    assert len(raised.value.problems) == 1


def test_flag_of_which_no_other_is_set_may_be_given() -> None:
    arguments = ["--tracing.config-file=/dev/x", "--alertmanagers.config-file=/dev/x"]
    assert render({"ruler": {"extra_args": arguments}})


@pytest.mark.parametrize("stack", ["2nd", "-a", "A"])
def test_name_of_a_stack_begins_as_names_of_services_do(stack: str) -> None:
    with pytest.raises(
        InvalidInput, match=f"name: '{stack}' is not at most 63 lower-case letters, .* beginning with a l"
    ):
        parse({"cluster": "eu", "name": stack, "instances": {"query": {}}})
    store = {"store": {"type": "S3", "bucket": "b", "endpoint": "x", "access_key": "a", "secret_key": "b"}}
    for body, given in ((OBJSTORE_SECRET, store), (SECRET, {"name": "n", "items": [{"key": "a", "value": "b"}]})):
        with pytest.raises(
            InvalidInput, match=f"stack: '{stack}' is not at most 63 lower-case letters, .* beginning with a l"
        ):
            body.check({**given, "stack": stack})


@pytest.mark.parametrize(
    ("body", "given"),
    [
        (OBJSTORE_SECRET, {"namespace": "a.b", "name": "a"}),
        (OBJSTORE_SECRET, {"namespace": "a", "name": "A"}),
        (SECRET, {"namespace": "a.b", "name": "a"}),
        (SECRET, {"namespace": "a", "name": "a_b"}),
    ],
)
def test_name_that_the_server_would_refuse_is_refused_before(body: Body, given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as raised:
        body.check({"store": {"type": "FILESYSTEM", "directory": "/x"}, "items": [], **given})
    assert any("' is not a" in problem for problem in raised.value.problems)


@pytest.mark.parametrize(
    ("requests", "limits"),
    [({"cpu": "1000m"}, {"cpu": 1}), ({"cpu": 2}, {"memory": 1}), ({"cpu": 0}, {"cpu": 0})],
)
def test_requests_up_to_a_limit_are_taken(requests: dict[str, Any], limits: dict[str, Any]) -> None:
    assert render({"store": {"resources": {"requests": requests, "limits": limits}}})


@pytest.mark.parametrize("size", ["0.5Gi", ".5Gi", "1", "1.", "1e9", "1e+9", "+1Gi", "10n", "100Mi"])
def test_claim_of_any_size_is_taken(size: str) -> None:
    assert render({"store": {"storage": {"size": size}}})


def test_replica_labels_of_the_whole_stack_are_no_mistake_at_a_store() -> None:
    stores = {"store": {}, "store-2": {"tier": "store", "replica_labels": ["replica"]}, "query": {}}
    assert render(stores, common={"replica_labels": ["replica"]})


@pytest.mark.parametrize(
    "time", ["-6w", "2020-01-01T00:00:00+02:00", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59.123Z"]
)
def test_time_in_the_past_is_taken_as_begin(time: str) -> None:
    assert render({"store": {"min_time": time, "max_time": "9999-12-31T23:59:59Z"}})
    assert render({"sidecar": {"extra_args": [f"--min-time={time}"]}})


def test_time_in_a_flag_may_be_a_variable() -> None:
    assert render({"sidecar": {"extra_args": ["--min-time=$(BEGIN)"], "env": [{"name": "BEGIN", "value": "-2h"}]}})


ADDRESSES = ["a:1", "dns+a.b:10901", "dnssrv+_grpc._tcp.a", "dnssrvnoa+_grpc._tcp.a:1", "[fd00::1]:10901"]


def test_addresses_of_all_forms_are_taken() -> None:
    queriers = ["http://a:1/x", "dns+http://a", "dns+a:1", "a", "http://u:$(P)@[::1]:9"]
    env = [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    assert render({"query": {"endpoints": ADDRESSES}, "ruler": {"query": queriers, "env": env}})


def test_file_of_a_secret_or_config_map_is_where_a_flag_may_name_it() -> None:
    places = [
        "--grpc-client-tls-ca=/etc/thanos/secrets/tls/ca.crt",
        "--tracing.config-file=/etc/thanos/config-maps/t/a",
    ]
    objects = render({"query": {"secrets": ["tls"], "config_maps": ["t"], "extra_args": places}})
    pod = one(objects, "Deployment", "thanos-query")["spec"]["template"]["spec"]
    paths = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    assert (paths["secret-0"], paths["config-map-0"]) == ("/etc/thanos/secrets/tls", "/etc/thanos/config-maps/t")
    assert {"name": "secret-0", "secret": {"secretName": "tls"}} in pod["volumes"]
    assert {"name": "config-map-0", "configMap": {"name": "t"}} in pod["volumes"]


@pytest.mark.parametrize(
    "more", [{"image": "mine:1"}, {"pod_annotations": {"vault.hashicorp.com/agent-inject": "true"}}]
)
def test_file_may_be_in_an_image_or_come_by_an_injector(more: dict[str, Any]) -> None:
    assert render({"query": {"extra_args": ["--tracing.config-file=/vault/secrets/x"], **more}})
