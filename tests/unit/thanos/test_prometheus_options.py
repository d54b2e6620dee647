# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Prometheus of ours receives and keeps, per its version; and an agent, which keeps nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.versions import DEFAULT_PROMETHEUS
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations

from .cases import one, render

WRITES: dict[str, Any] = {"remote_write": [{"url": "https://hub.example/api/v1/receive", "tenant": "eu"}]}


def args(options: dict[str, Any]) -> list[str]:
    """The arguments of Prometheus."""
    template = one(render({"sidecar": options}), "StatefulSet", "thanos-sidecar")["spec"]["template"]
    return list(template["spec"]["containers"][0]["args"])


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"retention_size": "50GB"}, "--storage.tsdb.retention.size=50GB"),
        ({"remote_write_receiver": True}, "--web.enable-remote-write-receiver"),
        ({"otlp_receiver": True}, "--web.enable-otlp-receiver"),
        ({"native_histograms": True, "prometheus_version": "3.7.0"}, "--enable-feature=native-histograms"),
        (
            {"agent": True, **WRITES, "native_histograms": True, "prometheus_version": "3.7.0"},
            "--enable-feature=native-histograms",
        ),
        ({"prometheus_version": "2.55.0"}, "--enable-feature=expand-external-labels"),
        ({"prometheus_version": "2.27.0"}, "--enable-feature=expand-external-labels"),
        *(
            ({"prometheus_image": f"mirror:5000/prometheus{tag}"}, "--enable-feature=expand-external-labels")
            for tag in (":v2.55", ":2.55-busybox", ":v2.55.1", ":2.55@sha256:0123456789abcdef")
        ),
        (
            {"prometheus_image": "mirror/prometheus:v2", "prometheus_version": "2.55.0"},
            "--enable-feature=expand-external-labels",
        ),
    ],
)
def test_option_is_a_flag_where_the_version_has_it_as_one(options: dict[str, Any], flag: str) -> None:
    assert flag in args(options)
    assert flag not in args({})


@pytest.mark.parametrize("tag", [":v4.15", ":24.04", ":20240501.1", ":v2.1", ":v2", ":1.4.2", ":0.0.1-prom3.9.1"])
def test_number_of_a_build_is_no_version_where_the_version_is_named(tag: str) -> None:
    named = {"prometheus_image": f"mirror:50/prometheus{tag}"}
    flag = "--enable-feature=expand-external-labels"
    assert flag in args({**named, "prometheus_version": "2.48.0"})
    assert flag not in args({**named, "prometheus_version": "3.9.1"})


@pytest.mark.parametrize("tag", [":v3.9", ":v3", ":latest", "", ":v3-distroless", "@sha256:2f0123456789abcdef", ":a3b"])
def test_image_of_which_the_tag_tells_no_older_version_is_started_as_prometheus_version_says(tag: str) -> None:
    assert "--enable-feature=expand-external-labels" not in args({"prometheus_image": f"mirror:50/prometheus{tag}"})


def test_native_histograms_are_a_setting_of_newer_versions_and_are_written_too() -> None:
    manifests = render({"sidecar": {"native_histograms": True, **WRITES}})
    text = json.loads(one(manifests, "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"])
    assert text["global"]["scrape_native_histograms"] is True
    assert text["remote_write"][0]["send_native_histograms"] is True


def test_agent_has_no_sidecar_no_object_store_and_no_endpoint() -> None:
    manifests = render({"sidecar": {"agent": True, **WRITES}, "query": {}})
    pod = one(manifests, "StatefulSet", "thanos-sidecar")["spec"]["template"]["spec"]
    assert [container["name"] for container in pod["containers"]] == ["prometheus"]
    assert [volume["name"] for volume in pod["volumes"]] == ["config"]
    given = pod["containers"][0]["args"]
    assert {"--agent", "--storage.agent.path=/prometheus", "--config.auto-reload-interval=30s"} <= set(given)
    assert not [argument for argument in given if argument.startswith("--storage.tsdb")]
    headless = one(manifests, "Service", "thanos-sidecar-headless")
    assert "o11y.thanos/store-api" not in headless["metadata"]["labels"]
    assert [port["name"] for port in headless["spec"]["ports"]] == ["web"]
    assert one(manifests, "ConfigMap", "thanos-query")["data"]["endpoints.yaml"] == "endpoints: []\n"
    stack = parse({"cluster": "eu", "instances": {"sidecar": {"agent": True, **WRITES}}})
    (promise,) = expectations(stack).promises
    assert [program.name for program in promise.programs] == ["Prometheus"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"agent": True},
            "agent: an agent keeps nothing, and there is nobody to whom it would write; give remote_write.",
        ),
        ({"agent": True, **WRITES, "otlp_receiver": True}, "otlp_receiver: an agent receives nothing that it would"),
        (
            {"agent": True, **WRITES, "prometheus_extra_args": ["--config.auto-reload-interval=1m"]},
            "the option config_reload_interval sets it; use config_reload_interval.",
        ),
        ({"agent": True, **WRITES, "retention_size": "1GB"}, "retention_size: an agent keeps no blocks; leave it out."),
        (
            {"agent": True, **WRITES, "prometheus_version": "2.55.0"},
            "agent: Prometheus 2.55.0 does not have it; 3.0 is the first that has.",
        ),
        ({"prometheus_extra_args": ["--agent"]}, "set agent: true for a Prometheus that only pushes"),
        (
            {"otlp_receiver": True, "prometheus_extra_args": ["--web.enable-otlp-receiver"]},
            "prometheus_extra_args: --web.enable-otlp-receiver: the option otlp_receiver sets it; use otlp_receiver.",
        ),
        (
            {"otlp_receiver": True, "prometheus_extra_args": ["--no-web.enable-otlp-receiver"]},
            "prometheus_extra_args: --web.enable-otlp-receiver: the option otlp_receiver sets it; use otlp_receiver.",
        ),
        (
            {"agent": True, **WRITES, "prometheus_extra_args": ["--query.timeout=1m"]},
            "prometheus_extra_args: --query.timeout: Prometheus does not start with it as an agent, which has no",
        ),
        ({"retention_size": "50"}, "retention_size: '50' is not a size"),
        (
            {"prometheus_version": "2.26.1"},
            "prometheus_version: Prometheus 2.26.1 cannot put the pod's name into external labels, so that replicas "
            "would be alike; 2.27 is the first that can.",
        ),
        ({"prometheus_image": "mirror/prometheus:v2.26"}, "prometheus_image: Prometheus 2.26 cannot put the pod"),
        (
            {"prometheus_image": "mirror/prometheus:v2"},
            "prometheus_version: the tag of prometheus_image is that of Prometheus 2, and not of "
            f"{DEFAULT_PROMETHEUS}; set it to the version that is in the image.",
        ),
    ],
)
def test_what_a_version_or_an_agent_does_not_have_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as error:
        render({"sidecar": options})
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"retention": "7d"}, "an agent keeps no blocks"),
        ({"objstore": "other"}, "an agent has no object store"),
        ({"objstore_secret": {"name": "s"}}, "an agent has no object store"),
        ({"grpc_tls": {"secret": "s"}}, "an agent has no sidecar beside it, which would be asked over gRPC"),
        ({"env": [{"name": "A", "value": "b"}]}, "an agent has no sidecar beside it, whose container this is for"),
        (
            {"resources": {"requests": {"cpu": "1"}}},
            "an agent has no sidecar beside it, whose container this is for; prometheus_resources are those of the "
            "agent",
        ),
    ],
)
def test_what_an_agent_has_nothing_to_do_with_is_a_warning(options: dict[str, Any], why: str) -> None:
    (name,) = options
    stack = parse({"cluster": "eu", "instances": {"sidecar": {"agent": True, **WRITES, **options}}})
    assert f"instances.sidecar.{name} has no effect: {why}." in check(stack, Facts())[1]


def test_agent_takes_what_all_instances_have() -> None:
    common = {"env": [{"name": "A", "value": "b"}], "resources": {"requests": {"cpu": "1"}}, "image": "own/thanos:x"}
    given = {"agent": True, **WRITES, "env": common["env"], "retention": "2d"}
    assert parse({"cluster": "eu", "common": common, "instances": {"sidecar": given}}).warnings == ()
