# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sidecar beside a Prometheus of somebody else's: what is added, and which options fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Context,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.beside import borrowed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS
from .existing_cases import MAIN, NAMED, OPERATED, RESOURCE, fields, stack


def test_sidecar_reads_where_that_prometheus_is_and_writes_where_that_writes() -> None:
    pod = fields(NAMED, MAIN)["template"]["spec"]
    (container,) = pod["containers"]
    assert "--prometheus.url=http://localhost:9091/prom" in container["args"]
    assert "--tsdb.path=/data/tsdb" in container["args"]
    assert not [each for each in container["args"] if each.startswith("--reloader")]
    assert container["volumeMounts"][-1] == {"name": "db", "mountPath": "/data", "subPath": "prom"}
    assert [volume["name"] for volume in pod["volumes"]] == ["o11y-thanos-objstore"]
    assert "runAsUser" not in container["securityContext"]
    assert fields(NAMED, replace(MAIN, user={"runAsUser": 7}))["template"]["spec"]["containers"][0]["securityContext"][
        "runAsUser"
    ] == 7  # fmt: skip


def test_nothing_is_made_but_a_service_that_selects_its_pods() -> None:
    made = stack({"prometheus": NAMED}, MAIN)
    (service,) = made.instances[0].tier.render(made.instances[0], Context(made, FACTS))
    assert service["metadata"]["name"] == "thanos-sidecar-headless"
    assert service["metadata"]["labels"]["o11y.thanos/store-api"] == "true"
    assert service["spec"]["selector"] == {"app": "main"}
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [10902, 10901]
    phase = next(phase for phase in phases(made, FACTS) if phase.borrows)
    assert (phase.objects, phase.name) == ([], "sidecars beside others")


def test_custom_resource_gets_the_operators_own_fields() -> None:
    spec = fields(
        RESOURCE, OPERATED, grpc_tls={"secret": "server"}, extra_args=["--min-time=-2h", "--shipper.upload-compacted"]
    )
    assert spec["thanos"]["objectStorageConfig"] == {"name": "thanos-objstore-default", "key": "objstore.yml"}
    assert spec["thanos"]["version"] == "v0.42.4"
    assert spec["thanos"]["image"] == "quay.io/thanos/thanos:v0.42.4"
    assert spec["thanos"]["additionalArgs"] == [
        {"name": "min-time", "value": "-2h"},
        {"name": "shipper.upload-compacted"},
    ]
    assert spec["thanos"]["grpcServerTlsConfig"]["certFile"] == "/etc/thanos/tls/server/tls.crt"
    assert spec["volumes"] == [{"name": "o11y-thanos-grpc-tls", "secret": {"secretName": "server"}}]
    assert spec["podMetadata"]["annotations"]["o11y.thanos/objstore-digest"] == "0123456789abcdef"


def test_sidecar_in_a_stateful_set_has_whatever_its_options_say() -> None:
    options = {"extra_args": ["--min-time=-2h"], "grpc_tls": {"secret": "server"}, "secrets": ["more"]}
    template = fields(NAMED, MAIN, **options)["template"]
    (container,) = template["spec"]["containers"]
    assert (container["args"][0], container["args"][-1]) == ("sidecar", "--min-time=-2h")
    assert {port["name"]: port["containerPort"] for port in container["ports"]} == {"http": 10902, "grpc": 10901}
    assert {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]} == {
        "o11y-thanos-objstore": "/etc/thanos/objstore",
        "o11y-thanos-grpc-tls": "/etc/thanos/tls/server",
        "o11y-thanos-secret-0": "/etc/thanos/secrets/more",
        "db": "/data",
    }
    volumes = [volume["name"] for volume in template["spec"]["volumes"]]
    assert volumes == ["o11y-thanos-objstore", "o11y-thanos-grpc-tls", "o11y-thanos-secret-0"]
    assert template["metadata"]["annotations"]["o11y.thanos/objstore-digest"] == "0123456789abcdef"


def test_custom_resource_names_the_key_of_the_secret_and_the_files_of_its_tls() -> None:
    secret = {"name": "theirs", "key": "a.yml"}
    thanos = fields(RESOURCE, OPERATED, grpc_tls={"secret": "server"}, objstore_secret=secret)["thanos"]
    folder = "/etc/thanos/tls/server"
    files = {"certFile": f"{folder}/tls.crt", "keyFile": f"{folder}/tls.key"}
    assert thanos["grpcServerTlsConfig"] == {**files, "caFile": f"{folder}/ca.crt"}
    assert thanos["volumeMounts"] == [{"name": "o11y-thanos-grpc-tls", "mountPath": folder}]
    assert thanos["objectStorageConfig"]["key"] == "a.yml"
    open_to_all = fields(RESOURCE, OPERATED, grpc_tls={"secret": "server", "client_ca": False})["thanos"]
    assert open_to_all["grpcServerTlsConfig"] == files


def test_fields_are_those_of_the_object_that_is_named() -> None:
    for named, found, version in ((NAMED, MAIN, "apps/v1"), (RESOURCE, OPERATED, "monitoring.coreos.com/v1")):
        made = stack({"prometheus": named}, found)
        (lent,) = borrowed(made.instances[0], Context(made, FACTS))
        told = (lent.fields["apiVersion"], lent.fields["kind"], lent.fields["metadata"])
        assert told == (version, found.kind, {"name": "main"})


def test_oldest_tls_of_a_custom_resource_is_an_argument_where_it_is_not_what_thanos_takes_by_itself() -> None:
    own = {"grpc_tls": {"secret": "server", "min_version": "1.2"}}
    asked = {"name": "grpc-server-tls-min-version", "value": "1.2"}
    assert fields(RESOURCE, OPERATED, **own)["thanos"]["additionalArgs"] == [asked]
    assert "additionalArgs" not in fields(RESOURCE, OPERATED, grpc_tls={"secret": "server"})["thanos"]


def test_several_custom_resources_have_a_service_and_fields_each() -> None:
    named = {"selector": {"team": "a"}, "restart_prometheus": True}
    made = stack({"prometheus": named}, replace(OPERATED, name="a"), replace(OPERATED, name="b"))
    sidecar = made.instances[0]
    services = [m["metadata"]["name"] for m in sidecar.tier.render(sidecar, Context(made, FACTS))]
    assert services == ["thanos-sidecar-a-headless", "thanos-sidecar-b-headless"]
    lent = borrowed(sidecar, Context(made, FACTS))
    assert [each.fields["metadata"]["name"] for each in lent] == ["a", "b"]


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"prometheus": {"stateful_set": "Main"}}, "prometheus.stateful_set: 'Main' is not a DNS name"),
    ({"prometheus": {"custom_resource": "Main"}}, "prometheus.custom_resource: 'Main' is not a DNS name"),
    ({"prometheus": {**NAMED, "container": "a.b"}}, "prometheus.container: 'a.b' is not at most 63 lower-case letters"),
    ({"prometheus": {**NAMED, "run_as_user": -1}}, "prometheus.run_as_user: -1 is too small; the least is 0"),
    ({"prometheus": {"restart_prometheus": True}}, "prometheus names no Prometheus; give one of stateful_set, custom"),
    ({"prometheus": {**NAMED, "selector": {"a": "b"}}}, "prometheus names stateful_set and selector; give one of"),
    ({"prometheus": {**RESOURCE, "container": "x"}}, "prometheus.container is looked at for a StatefulSet only"),
    ({"prometheus": NAMED, "retention": "3d"}, "retention is of a Prometheus that this collection deploys, and that"),
    ({"prometheus": NAMED, "storage": {"size": "1Gi"}}, "storage is of a Prometheus that this collection deploys"),
    ({"prometheus": {**NAMED, "args": []}}, "prometheus.args: there is no such option."),
    ({"prometheus": NAMED, "extra_args": ["--tsdb.path=/x"]}, "--tsdb.path: the collection sets it already"),
]


@pytest.mark.parametrize(("options", "sentence"), OPTIONS)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as error:
        stack(options, MAIN)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"node_selector": {"disk": "ssd"}},
            "node_selector has no effect: the pods are those of a Prometheus that somebody else made, and are "
            "configured where that is.",
        ),
        (
            {"pod_annotations": {"a": "b"}},
            "pod_annotations has no effect: the pods are those of a Prometheus that somebody else made",
        ),
        (
            {"service": {"type": "NodePort"}},
            "service has no effect: the pods are those of a Prometheus that somebody else made, and the",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["stateful_set", "custom_resource"])
def test_option_of_pods_that_are_somebody_elses_is_a_warning_where_it_was_given_to_them(
    options: dict[str, Any], told: str, kind: str
) -> None:
    given = {"sidecar": {"prometheus": {kind: "main"}, **options}}
    (warning,) = parse({"cluster": "eu", "instances": given}).warnings
    assert warning.startswith(f"instances.sidecar.{told}")
    assert parse({"cluster": "eu", "common": options, "instances": given}).warnings == ()


def test_options_that_a_sidecar_has_in_any_pod_are_taken() -> None:
    own = {"resources": {"requests": {"cpu": "1"}}, "env": [{"name": "A", "value": "b"}], "image_pull_policy": "Always"}
    beside = {"sidecar": {"prometheus": {"stateful_set": "main"}, **own}}
    assert parse({"cluster": "eu", "instances": beside}).warnings == ()
    del own["env"]
    operated = {"sidecar": {"prometheus": {"custom_resource": "main"}, **own}}
    (warning,) = parse({"cluster": "eu", "instances": operated}).warnings
    assert "image_pull_policy has no effect: " in warning
    assert warning.endswith(", and its operator decides it.")
