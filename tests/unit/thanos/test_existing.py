# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sidecar beside a Prometheus of somebody else's: what is added, what is refused, and what its owner is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.existing import knowing
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import (
    Context,
    Existing,
    Facts,
    ObjstoreFact,
    Replica,
    Stack,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.owners import chart_of, controller_of, tool_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.parts.beside import borrowed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.read_existing import configured, described
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import owners_part, phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import BUCKET, FACTS

FLAGS = {
    "storage.tsdb.path": "/data/tsdb",
    "storage.tsdb.min-block-duration": "2h",
    "storage.tsdb.max-block-duration": "2h",
    "storage.tsdb.retention.time": "15d",
    "web.listen-address": "[0.0.0.0:9091]",
    "web.external-url": "https://example.com/prom",
}


def replica(number: int, **more: Any) -> Replica:
    """A pod that answers."""
    labels = {"cluster": "eu", "prometheus_replica": f"main-{number}"}
    return Replica(**{"pod": f"main-{number}", "version": "3.9.1", "labels": labels, "flags": FLAGS, **more})


MAIN = Existing(
    "StatefulSet",
    "main",
    replicas=2,
    selector={"app": "main"},
    pods=(replica(0), replica(1)),
    container="prometheus",
    containers=("prometheus",),
    mounts=({"name": "db", "mountPath": "/data", "subPath": "prom"}, {"name": "config", "mountPath": "/etc/prom"}),
    user={},
    ports=(9091,),
)
OPERATED = Existing(
    "Prometheus",
    "main",
    replicas=2,
    selector={"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "main"},
    pods=(replica(0), replica(1)),
    operator="0.85.0",
)
NAMED: dict[str, Any] = {"stateful_set": "main", "restart_prometheus": True}
RESOURCE: dict[str, Any] = {"custom_resource": "main", "restart_prometheus": True}


def stack(options: dict[str, Any], *found: Existing, **instances: Any) -> Stack:
    """A stack with a sidecar of these options that found these."""
    parsed = parse({"cluster": "eu", "instances": {"sidecar": options, **instances}})
    return knowing(parsed, {"sidecar": found})


def fields(named: dict[str, Any], found: Existing, **options: Any) -> dict[str, Any]:
    """The spec that is added."""
    made = stack({"prometheus": named, **options}, found)
    (lent,) = borrowed(made.instances[0], Context(made, FACTS))
    return dict(lent.fields["spec"])


def with_flags(**flags: str) -> Existing:
    """The Prometheus with other flags; _ stands for a dot."""
    more = {name.replace("__", "-").replace("_", "."): value for name, value in flags.items()}
    return replace(MAIN, pods=tuple(replace(each, flags={**FLAGS, **more}) for each in MAIN.pods))


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


@pytest.mark.parametrize(
    ("options", "lacks"),
    [
        ({}, ("thanos", "thanos.image", "thanos.objectStorageConfig", "thanos.version")),
        ({"extra_args": ["--min-time=-2h"]}, ("thanos.additionalArgs",)),
        ({"grpc_tls": {"secret": "s", "min_version": "1.2"}}, ("thanos.additionalArgs",)),
        ({"grpc_tls": {"secret": "s"}}, ("thanos.grpcServerTlsConfig", "thanos.volumeMounts", "volumes")),
    ],
)
def test_each_field_that_an_operator_does_not_know_is_named(options: dict[str, Any], lacks: tuple[str, ...]) -> None:
    """None of the others, and nothing where the definition cannot be read."""
    needed = {f"thanos.{name}" for name in ("image", "objectStorageConfig", "version", "additionalArgs")}
    needed |= {"thanos", "thanos.grpcServerTlsConfig", "thanos.volumeMounts", "volumes"}
    made = {"prometheus": RESOURCE, **options}
    problems, _warnings = check(stack(made, replace(OPERATED, schema=tuple(needed - set(lacks)))), FACTS)
    (told,) = map(str, problems)
    assert {f"spec.{name}" for name in lacks} == set(re.findall(r"spec[.\w]*", told))
    assert check(stack(made, replace(OPERATED, schema=tuple(needed))), FACTS) == ([], [])
    assert check(stack(made, OPERATED), FACTS) == ([], [])


@pytest.mark.parametrize("theirs", [{"sidecar": "theirs"}, {"tool": "Helm"}])
def test_what_is_wrong_where_nothing_is_added_is_a_warning(theirs: dict[str, Any]) -> None:
    pods = (replica(0), replica(1, labels=replica(0).labels))
    found = replace(MAIN, pods=pods, temporary=("db",), on_delete=True, **theirs)
    problems, warnings = check(stack({"prometheus": NAMED}, found), FACTS)
    assert problems == []
    assert "has a pod main-1 with the external labels of main-0" in warnings[0]
    assert "volume that goes with the pod" not in "\n".join(warnings)
    assert "OnDelete" not in "\n".join(warnings)


def test_several_custom_resources_have_a_service_and_fields_each() -> None:
    named = {"selector": {"team": "a"}, "restart_prometheus": True}
    made = stack({"prometheus": named}, replace(OPERATED, name="a"), replace(OPERATED, name="b"))
    sidecar = made.instances[0]
    services = [m["metadata"]["name"] for m in sidecar.tier.render(sidecar, Context(made, FACTS))]
    assert services == ["thanos-sidecar-a-headless", "thanos-sidecar-b-headless"]
    lent = borrowed(sidecar, Context(made, FACTS))
    assert [each.fields["metadata"]["name"] for each in lent] == ["a", "b"]


DELAY = {"storage_tsdb_max__block__duration": "1d12h"}
EQUAL = "--storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h"
OLD = replace(with_flags(**DELAY), pods=tuple(replace(r, version="3.8.0") for r in with_flags(**DELAY).pods))
ROWS: list[tuple[dict[str, Any], Existing, str]] = [
    (
        NAMED,
        replace(MAIN, missing="does not exist in the namespace monitoring", advice="name one"),
        "main does not exist",
    ),
    (
        NAMED,
        replace(MAIN, controller="Prometheus k8s"),
        "the StatefulSet main belongs to Prometheus k8s, which would undo what is added to it; name that in the place "
        "of it: custom_resource: k8s.",
    ),
    (
        NAMED,
        replace(MAIN, controller="Widget w"),
        "which would undo what is added to it; let Widget w add the sidecar.",
    ),
    ({"stateful_set": "main"}, MAIN, "prometheus.restart_prometheus: the StatefulSet main gets a further container"),
    (NAMED, replace(MAIN, container="", containers=("a", "b")), "prometheus.container: the StatefulSet main has no "),
    (NAMED, replace(MAIN, ports=(9091, 10902)), "has a container at the port 10902, which the sidecar listens to"),
    (
        NAMED,
        replace(MAIN, pods=(Replica("main-0", error="HTTP 503"),)),
        "no pod of it answers (main-0: HTTP 503); have",
    ),
    (NAMED, with_flags(agent="true"), "is an agent, which has no database for a sidecar to read"),
    (NAMED, with_flags(enable__feature="agent,x"), "is an agent, which has no database for a sidecar to read"),
    (NAMED, with_flags(storage_tsdb_path="data/"), "--storage.tsdb.path=data/, which is no absolute path"),
    (NAMED, with_flags(storage_tsdb_path="/prometheus"), "has its database in /prometheus, which is on no volume"),
    (NAMED, replace(MAIN, user=None), "prometheus.run_as_user: the StatefulSet main does not say whom it runs as"),
    (
        NAMED,
        with_flags(**DELAY),
        "has blocks of 2h and compacts them up to 1d12h, and does not wait for uploads "
        "(--storage.tsdb.delay-compact-file.path is not set); let its owner add "
        "--storage.tsdb.delay-compact-file.path=/data/tsdb/thanos.shipper.json.",
    ),
    (
        NAMED,
        with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/x.json"),
        "(--storage.tsdb.delay-compact-file.path is /data/x.json); let its owner add",
    ),
    (NAMED, OLD, f"before they are uploaded; Prometheus 3.8.0 cannot wait for uploads; let its owner add {EQUAL}."),
    (
        NAMED,
        with_flags(storage_tsdb_retention_time="3h"),
        "keeps samples for 3h, so that blocks could be deleted before",
    ),
    (NAMED, replace(MAIN, pods=(replica(0, labels={}),)), "has no external labels, by which its blocks could be told"),
    (
        NAMED,
        replace(MAIN, pods=(replica(0), replica(1, labels=replica(0).labels))),
        'a pod main-1 with the external labels of main-0 (cluster="eu", prometheus_replica="main-0"); let its owner',
    ),
    (
        NAMED,
        replace(MAIN, pods=tuple(replica(i, labels={"cluster": "eu", "pod": f"{i}"}) for i in range(2))),
        "instances.sidecar.replica_label: the StatefulSet main tells its replicas apart by pod, and not by ",
    ),
    (
        {**RESOURCE},
        replace(OPERATED, schema=("thanos", "thanos.image", "thanos.version")),
        "the Prometheus main cannot have spec.thanos.objectStorageConfig, which the Prometheus Operator 0.85.0 does",
    ),
]


@pytest.mark.parametrize(("named", "found", "sentence"), ROWS)
def test_what_would_not_work_is_refused_in_a_sentence(named: dict[str, Any], found: Existing, sentence: str) -> None:
    problems, _warnings = check(stack({"prometheus": named}, found), FACTS)
    assert sentence in "\n".join(map(str, problems))


@pytest.mark.parametrize(
    "found",
    [MAIN, with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/tsdb/thanos.shipper.json")],
)
def test_what_works_is_not(found: Existing) -> None:
    assert check(stack({"prometheus": NAMED}, found), FACTS) == ([], [])


def test_delayed_compaction_needs_a_thanos_that_asks_for_it() -> None:
    found = with_flags(**DELAY, storage_tsdb_delay__compact__file_path="/data/tsdb/thanos.shipper.json")
    problems, _warnings = check(stack({"prometheus": NAMED, "version": "0.40.1"}, found), FACTS)
    assert f"let its owner add {EQUAL}" in str(problems[0])


def test_labels_of_another_instance_are_equal_too() -> None:
    labels = {"cluster": "eu", "prometheus_replica": "thanos-own-0"}
    made = stack({"prometheus": NAMED}, replace(MAIN, pods=(replica(0, labels=labels),)), own={"tier": "sidecar"})
    problems, _warnings = check(made, FACTS)
    assert "has a pod main-0 with the external labels of thanos-own-0" in str(problems[0])


def test_warnings_about_what_works_and_loses_something() -> None:
    labels = {"prometheus_replica": "main-0"}
    found = replace(MAIN, pods=(replica(0, labels=labels), Replica("main-1", error="HTTP 502")), temporary=("db",))
    _problems, warnings = check(stack({"prometheus": NAMED}, replace(found, on_delete=True)), FACTS)
    assert "no external label with the cluster's name (eu)" in warnings[0]
    assert "main-1 (HTTP 502) could not be asked" in warnings[1]
    assert "on a volume that goes with the pod" in warnings[2]
    assert "(OnDelete)" in warnings[3]


def test_what_the_object_store_asks_of_pods_of_others_is_said() -> None:
    needs = Needs("s", env={"KEY": ("a", "b")}, service_account_annotations={"role": "arn"}, pod_labels={"use": "true"})
    facts = Facts(objstores={("default", "writer"): ObjstoreFact(needs, "1", BUCKET)})
    problems, warnings = check(stack({"prometheus": RESOURCE}, OPERATED), facts)
    assert "main has no fields for credentials_mode: env of its object store; leave that out" in str(problems[0])
    assert "to reach the object store they need role: arn, use: true" in warnings[0]
    problems, _warnings = check(stack({"prometheus": NAMED}, MAIN), facts)
    assert problems == []


ASKING = Needs("s", env={"KEY": ("a", "b")}, service_account_annotations={"role": "arn"})
ASKED = Facts(objstores={("default", "writer"): ObjstoreFact(ASKING, "1", BUCKET)})


@pytest.mark.parametrize("more", [{"sidecar": "theirs"}, {"missing": "does not exist"}])
def test_object_store_asks_nothing_of_pods_that_get_no_sidecar(more: dict[str, Any]) -> None:
    told = check(stack({"prometheus": RESOURCE}, replace(OPERATED, **more)), ASKED)
    assert not [each for found in told for each in map(str, found) if "object store" in each]


def test_owner_who_is_to_add_the_sidecar_is_told_what_the_object_store_asks() -> None:
    problems, warnings = check(stack({"prometheus": RESOURCE}, CHARTED), ASKED)
    assert problems == []
    assert "to reach the object store they need role: arn" in warnings[0]
    assert "has no fields for credentials_mode: env of its object store" in warnings[1]


def test_label_in_which_replicas_differ_may_be_another_one() -> None:
    found = replace(MAIN, pods=tuple(replica(i, labels={"cluster": "eu", "pod": f"{i}"}) for i in range(2)))
    options = {"prometheus": {**NAMED, "container": "prometheus", "run_as_user": 0}, "replica_label": "pod"}
    assert check(stack({**options, "replica_labels": ["pod"]}, found), FACTS) == ([], [])


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


CHARTED = replace(OPERATED, tool="Helm", chart="kube-prometheus-stack")
OWNED: list[tuple[dict[str, Any], Existing, str, str]] = [
    (
        RESOURCE,
        CHARTED,
        "the values of the chart kube-prometheus-stack",
        '{"prometheus": {"prometheusSpec": {"thanos": {"image": "quay.io/thanos/thanos:v0.42.4"',
    ),
    (
        NAMED,
        replace(MAIN, tool="Helm", chart="prometheus"),
        "the chart prometheus",
        '{"server": {"sidecarContainers": {"tha',
    ),
    (
        NAMED,
        replace(MAIN, tool="Flux"),
        "the StatefulSet main, where Flux has it from",
        '{"spec": {"template": {"spec": ',
    ),
    (
        RESOURCE,
        replace(OPERATED, tool="Argo CD"),
        "the Prometheus main, where Argo CD has it from",
        '{"spec": {"thanos"',
    ),
]


@pytest.mark.parametrize(("named", "found", "where", "values"), OWNED)
def test_owner_with_a_tool_gets_values_and_nothing_is_written(
    named: dict[str, Any], found: Existing, where: str, values: str
) -> None:
    made = stack({"prometheus": named}, found)
    (told,) = owners_part(made, FACTS)
    assert f"Add this to {where}" in told or f"Add this to the values of {where}" in told
    assert values in told
    assert not any(phase.borrows for phase in phases(made, FACTS))
    asked = stack({"prometheus": {**named, "apply_beside_owner": True}}, found)
    assert owners_part(asked, FACTS) == []
    assert any(phase.borrows for phase in phases(asked, FACTS))


def test_chart_takes_the_secret_below_another_name() -> None:
    (told,) = owners_part(stack({"prometheus": RESOURCE}, CHARTED), FACTS)
    values = json.loads(told[told.index("{") : told.index(" - or set")])
    thanos = values["prometheus"]["prometheusSpec"]["thanos"]
    assert thanos["objectStorageConfig"] == {
        "existingSecret": {"name": "thanos-objstore-default", "key": "objstore.yml"}
    }


def test_chart_of_prometheus_takes_containers_by_name_and_volumes_beside_them() -> None:
    (told,) = owners_part(stack({"prometheus": NAMED}, replace(MAIN, tool="Helm", chart="prometheus")), FACTS)
    server = json.loads(told[told.index("{") : told.index(" - or set")])["server"]
    assert "name" not in server["sidecarContainers"]["thanos-sidecar"]
    assert [volume["name"] for volume in server["extraVolumes"]] == ["o11y-thanos-objstore"]


def test_sidecar_that_the_owner_has_is_only_found() -> None:
    made = stack({"prometheus": {"custom_resource": "main"}}, replace(OPERATED, sidecar="theirs"))
    assert check(made, FACTS) == ([], [])
    assert owners_part(made, FACTS) == []
    assert not any(phase.borrows for phase in phases(made, Facts()))


def live(**metadata: Any) -> dict[str, Any]:
    """A StatefulSet on the server."""
    prometheus = {
        "name": "server",
        "image": "quay.io/prometheus/prometheus:v3.9.1",
        "ports": [{"containerPort": 9090}],
        "volumeMounts": [{"name": "db", "mountPath": "/data", "readOnly": False}],
    }
    pod = {
        "containers": [{"name": "reload", "image": "x/reloader"}, prometheus],
        "volumes": [{"name": "db", "emptyDir": {}}],
    }
    spec = {"selector": {"matchLabels": {"app": "main"}}, "template": {"spec": pod}}
    return {"metadata": {"name": "main", **metadata}, "spec": spec}


def test_what_a_live_object_tells_by_itself() -> None:
    made = stack({"prometheus": NAMED})
    found = described(live(), made, made.instances[0])
    assert (found.container, found.user, found.temporary) == (
        "server",
        {"runAsUser": 65534, "runAsGroup": 65534},
        ("db",),
    )
    assert found.mounts == ({"name": "db", "mountPath": "/data"},)
    assert (found.replicas, found.ports, found.sidecar) == (1, (9090,), "")
    other = live()
    sidecar = {"name": "thanos", "image": "quay.io/thanos/thanos:v0.40.0", "args": ["sidecar"]}
    other["spec"]["template"]["spec"]["containers"].append(sidecar)
    assert described(other, made, made.instances[0]).sidecar == "theirs"


@pytest.mark.parametrize(
    ("metadata", "tool"),
    [
        ({}, ""),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
        ({"annotations": {"meta.helm.sh/release-name": "x"}}, "Helm"),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}, "labels": {"helm.sh/chart": "p-1"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, "Flux"),
        ({"managedFields": [{"manager": "kustomize-controller"}]}, "Flux"),
    ],
)
def test_marks_tell_the_tool(metadata: dict[str, Any], tool: str) -> None:
    assert tool_of(live(**metadata)) == tool


def test_chart_and_controller_are_read_from_metadata() -> None:
    assert chart_of(live(labels={"chart": "kube-prometheus-stack-88.2.0"})) == "kube-prometheus-stack"
    assert chart_of(live(labels={"helm.sh/chart": "prometheus-27.1.0"})) == "prometheus"
    owners = [{"kind": "Node", "name": "n"}, {"kind": "Prometheus", "name": "k8s", "controller": True}]
    assert controller_of(live(ownerReferences=owners)) == "Prometheus k8s"


def test_labels_and_the_longest_interval_are_read_from_a_configuration() -> None:
    text = (
        'global:\n  scrape_interval: 1m\n  external_labels:\n    cluster: eu\n    n: "1"\nscrape_configs:\n'
        "- job_name: a\n  scrape_interval: 30s\n- job_name: b\n  scrape_interval: 2m\n"
    )
    assert configured(text) == ({"cluster": "eu", "n": "1"}, "2m")
    assert configured("global:\n  scrape_interval: 1m\n") == ({}, "")
    assert configured("") == ({}, "")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"node_selector": {"disk": "ssd"}},
            "node_selector: the pods are those of a Prometheus that somebody else made, and are configured where that "
            "is; leave it out.",
        ),
        (
            {"pod_annotations": {"a": "b"}},
            "pod_annotations: the pods are those of a Prometheus that somebody else made",
        ),
        (
            {"service": {"type": "NodePort"}},
            "service: the pods are those of a Prometheus that somebody else made, and the",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["stateful_set", "custom_resource"])
def test_option_of_pods_that_are_somebody_elses_is_refused_where_it_was_typed_for_them(
    options: dict[str, Any], told: str, kind: str
) -> None:
    sidecar = {"prometheus": {kind: "main"}}
    with pytest.raises(InvalidInput) as raised:
        parse({"cluster": "eu", "instances": {"sidecar": {**sidecar, **options}}})
    (problem,) = raised.value.problems
    assert problem.startswith(f"instances.sidecar.{told}")
    assert parse({"cluster": "eu", "common": options, "instances": {"sidecar": {**sidecar, **options}}})


def test_options_that_a_sidecar_has_in_any_pod_are_taken() -> None:
    own = {"resources": {"requests": {"cpu": "1"}}, "env": [{"name": "A", "value": "b"}], "image_pull_policy": "Always"}
    assert parse({"cluster": "eu", "instances": {"sidecar": {"prometheus": {"stateful_set": "main"}, **own}}})
    with pytest.raises(InvalidInput, match=r"image_pull_policy: .*, and its operator decides it; leave it out"):
        parse({"cluster": "eu", "instances": {"sidecar": {"prometheus": {"custom_resource": "main"}, **own}}})
