# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrape jobs: credentials come from files, files are there, and what is discovered may be read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.files import missing_files
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts, Stack
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import FACTS, one, render

FILE = "/etc/thanos/secrets/own/key"


def stack(job: dict[str, Any], **options: Any) -> Stack:
    """A stack of a Prometheus with one more job."""
    sidecar = {"scrape_configs": [{"job_name": "x", **job}], **options}
    return parse({"cluster": "eu", "namespace": "ops", "instances": {"sidecar": sidecar}})


def refused(job: dict[str, Any], **options: Any) -> list[str]:
    """The sentences in which it is refused before the cluster is asked."""
    with pytest.raises(InvalidInput) as raised:
        stack(job, **options)
    return list(raised.value.problems)


@pytest.mark.parametrize(
    ("job", "place", "advice"),
    [
        ({"basic_auth": {"username": "a", "password": "canary"}}, "basic_auth.password", "password_file: "),
        ({"authorization": {"credentials": "canary"}}, "authorization.credentials", "credentials_file: "),
        ({"bearer_token": "canary"}, "bearer_token", "bearer_token_file: "),
        ({"oauth2": {"client_secret": "canary"}}, "oauth2.client_secret", "client_secret_file: "),
        ({"tls_config": {"key": "canary"}}, "tls_config.key", "key_file: "),
        ({"http_headers": {"X": {"secrets": ["canary"]}}}, "http_headers.X.secrets", "write files: "),
        (
            {"consul_sd_configs": [{"token": "canary"}]},
            "consul_sd_configs[0].token",
            "write authorization.credentials_file: ",
        ),
        ({"ec2_sd_configs": [{"secret_key": "canary"}]}, "ec2_sd_configs[0].secret_key", "from no file"),
        ({"proxy_connect_header": {"Proxy-Authorization": ["canary"]}}, "proxy_connect_header.Proxy-Authorization", ""),
        (
            {"params": {"token": ["canary"]}},
            "params.token",
            "write it as a label __param_<name> of the targets in a file",
        ),
        ({"params": {"apiKey": ["canary"]}}, "params.apiKey", "__param_<name>"),
        ({"http_headers": {"X-Api-Key": {"values": ["canary"]}}}, "http_headers.X-Api-Key.values", "write files: "),
        (
            {"http_headers": {"authorization": {"values": ["canary"]}}},
            "http_headers.authorization.values",
            "write authorization.credentials_file: ",
        ),
        (
            {"oauth2": {"client_certificate_key": "canary"}},
            "oauth2.client_certificate_key",
            "client_certificate_key_file: ",
        ),
        ({"azure_sd_configs": [{"client_secret": "canary"}]}, "azure_sd_configs[0].client_secret", "from no file"),
        ({"openstack_sd_configs": [{"password": "canary"}]}, "openstack_sd_configs[0].password", "from no file"),
        ({"scaleway_sd_configs": [{"secret_key": "canary"}]}, "scaleway_sd_configs[0].secret_key", "secret_key_file: "),
        ({"http_sd_configs": [{"url": "https://canary@x"}]}, "http_sd_configs[0].url", "a URL with a user, which may"),
        (
            {"static_configs": [{"targets": ["x"], "labels": {"u": "https://a:canary@x"}}]},
            "static_configs[0].labels.u",
            "a password",
        ),
        ({"http_sd_configs": [{"url": "http://a:canary@x"}]}, "http_sd_configs[0].url", "basic_auth.password_file: "),
        ({"proxy_url": "http://a:canary@x"}, "proxy_url", "so name a proxy that asks the pods for none"),
        (
            {"http_sd_configs": [{"url": "http://x", "oauth2": {"tls_config": {"key": "canary"}}}]},
            "http_sd_configs[0].oauth2.tls_config.key",
            "key_file: ",
        ),
        (
            {"http_sd_configs": [{"url": "https://x/targets?env=eu&access_token=canary"}]},
            "http_sd_configs[0].url",
            "have it sent as a header, which a file may hold: keep it in a Secret, name that in secrets, and write "
            "authorization.credentials_file: ",
        ),
        ({"http_sd_configs": [{"url": "https://x?key=canary0123456789"}]}, "http_sd_configs[0].url", "'key', which is"),
        ({"params": {"key": ["canary0123456789"]}}, "params.key", "__param_<name>"),
        ({"http_headers": {"X-Key": {"values": ["canary"]}}}, "http_headers.X-Key.values", "write files: "),
        (
            {"http_headers": {"X-Functions-Key": {"values": ["canary0123456789"]}}},
            "http_headers.X-Functions-Key.values",
            "write files: ",
        ),
        ({"params": {"secret": ["canary0123456789"]}}, "params.secret", "__param_<name>"),
        ({"params": {"secret": ["canary1"]}}, "params.secret", "__param_<name>"),
        ({"params": {"secret": ["ns/canary0123456789"]}}, "params.secret", "__param_<name>"),
        (
            {"relabel_configs": [{"target_label": "url", "replacement": "https://x?token=canary"}]},
            "relabel_configs[0].replacement",
            "have it sent as a header",
        ),
        (
            {"relabel_configs": [{"target_label": "__param_token", "replacement": "canary"}]},
            "relabel_configs[0].replacement",
            "__param_<name>",
        ),
        (
            {"static_configs": [{"targets": ["x:1"], "labels": {"__param_api_key": "canary"}}]},
            "static_configs[0].labels.__param_api_key",
            "__param_<name>",
        ),
    ],
)
def test_credential_in_a_job_is_refused_with_the_way_in_and_not_quoted(
    job: dict[str, Any], place: str, advice: str
) -> None:
    (problem,) = refused(job)
    assert problem.startswith(f"instances.sidecar.scrape_configs[0].{place}: ")
    assert advice in problem
    assert "canary" not in problem


@pytest.mark.parametrize(
    "job",
    [
        {"basic_auth": {"username": "a", "password_file": FILE}, "tls_config": {"ca_file": FILE}},
        {"http_headers": {"X": {"files": [FILE], "values": ["plain"]}}},
        {"static_configs": [{"targets": ["x:1"], "labels": {"token": "blue", "password": "b"}}]},
        {"tls_config": {"ca_file": "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", "ca": "public"}},
        {"file_sd_configs": [{"files": ["/etc/thanos/config-maps/targets/*.yml"]}]},
        {"relabel_configs": [{"source_labels": ["key"], "target_label": "token"}]},
        {"relabel_configs": [{"replacement": "http://$1:${2}@x", "target_label": "y"}]},
        {"params": {"files": ["abc"], "x_file": "abc", "module": ["http_2xx"], "auth": ["public_v2"]}},
        {"http_headers": {"X-Scope-OrgID": {"values": ["eu"]}}},
        {"static_configs": [{"targets": ["x:1"], "labels": {"repository": "https://team@dev.example/x"}}]},
        {"relabel_configs": [{"replacement": "https://$1@x", "target_label": "y"}]},
        {"relabel_configs": [{"replacement": "$1", "target_label": "__param_token", "source_labels": ["a"]}]},
        {"relabel_configs": [{"replacement": "https://x?token=${1}", "target_label": "__param_target"}]},
        {"relabel_configs": [{"replacement": "http_2xx", "target_label": "__param_module"}]},
        {"http_sd_configs": [{"url": "https://x/targets?env=eu&key=cpu"}], "params": {"key": ["cpu"]}},
        {"params": {"key": ["production-eu-west-1"], "sort_key": ["abcdefgh12345678"], "with_token": ["true"]}},
        {"params": {"match[]": ['{url=~"http://.*:.*@.*"}']}},
        {"relabel_configs": [{"regex": r"(https?://[^/]+)/.*\?token=.*", "action": "drop"}]},
        {
            "metric_relabel_configs": [
                {"regex": r"(https?://[^?]+)\?.*token=.*", "replacement": "$1?token=REDACTED", "target_label": "url"},
                {"regex": r"https?://([^?]+)\?.*", "replacement": "https://$1?token=REDACTED", "target_label": "url"},
                {"regex": "https?://.*:.*@(.*)", "replacement": "https://user:REDACTED@$1", "target_label": "url"},
            ]
        },
        {"http_headers": {"X-Partition-Key": {"values": ["a"]}, "Surrogate-Key": {"values": ["eu-west-1 shop"]}}},
        {"static_configs": [{"targets": ["x:1"], "labels": {"__param_secret": "ns/name"}}]},
        {"static_configs": [{"targets": ["x:1"], "labels": {"__param_secret": "name", "__param_sort_key": "a"}}]},
        {"params": {"secret": ["ns/web2"]}},
        {"relabel_configs": [{"target_label": "__param_secret", "replacement": "monitoring/web-tls-2"}]},
    ],
)
def test_files_and_labels_are_no_credentials(job: dict[str, Any]) -> None:
    made = stack(job, secrets=["own"], config_maps=["targets"])
    assert missing_files(made, Facts(files={"Secret/own": ("key",), "ConfigMap/targets": ("a.yml",)})) == []


@pytest.mark.parametrize(
    "job",
    [
        {"basic_auth": {"password_file": "/etc/thanos/secrets/other/key"}},
        {"http_headers": {"X": {"files": ["key"]}}},
        {"file_sd_configs": [{"files": ["/targets/*.yml"]}]},
    ],
)
def test_file_that_no_pod_has_is_refused(job: dict[str, Any]) -> None:
    (problem,) = refused(job, secrets=["own"])
    assert "the pods have no file " in problem
    assert stack(job, prometheus_image="own/prometheus:v3.9.1")


def test_key_that_a_secret_does_not_have_is_told() -> None:
    made = stack({"basic_auth": {"password_file": FILE}}, secrets=["own"])
    (problem,) = missing_files(made, Facts(files={"Secret/own": ("password",)}))
    assert str(problem) == (
        "instances.sidecar.scrape_configs[0].basic_auth.password_file: the Secret ops/own has no key key; "
        "it has: password."
    )


OWN = {"namespaces": {"names": ["ops"]}}
ACCOUNT = "to the ServiceAccount ops/thanos-sidecar, and set discovery_rights_granted: true"
ALL = "; or name the namespaces, of which the stack's own needs nothing"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"role": "pod", **OWN}, []),
        ({"role": "endpoints", "namespaces": {"own_namespace": True}}, []),
        ({"role": "node", "api_server": "https://other"}, []),
        (
            {"role": "node"},
            [
                "reads nodes of the whole cluster, for which the pods have no right; bind a ClusterRole with get, list "
                f"and watch on nodes {ACCOUNT}."
            ],
        ),
        (
            {"role": "endpoints"},
            [
                "reads endpoints, pods and services of the whole cluster, for which the pods have no right; bind a "
                f"ClusterRole with get, list and watch on endpoints, pods and services {ACCOUNT}{ALL}."
            ],
        ),
        (
            {"role": "service", "namespaces": {"names": ["ops", "shop", "db"]}},
            [
                "reads services of db and shop, for which the pods have no right; bind in db and shop a Role with get, "
                f"list and watch on services {ACCOUNT}."
            ],
        ),
        (
            {"role": "pod", **OWN, "attach_metadata": {"node": True}},
            [
                "reads nodes of the whole cluster, for which the pods have no right; bind a ClusterRole with get, list "
                f"and watch on nodes {ACCOUNT}."
            ],
        ),
    ],
)
def test_job_that_reads_what_the_pods_may_not_is_refused_with_the_role(entry: dict[str, Any], told: list[str]) -> None:
    place = "instances.sidecar.scrape_configs[0].kubernetes_sd_configs[0]: "
    job = {"kubernetes_sd_configs": [entry]}
    problems, _warnings = check(stack(job), FACTS)
    assert [str(problem) for problem in problems] == [place + text for text in told]
    assert check(stack(job, discovery_rights_granted=True), FACTS)[0] == []


def test_role_of_the_pods_has_what_jobs_of_the_namespace_read() -> None:
    entries = [{"role": "endpoints", **OWN}, {"role": "ingress", **OWN}]
    job = {"job_name": "x", "kubernetes_sd_configs": entries}
    role = one(render({"sidecar": {"scrape_configs": [job]}}), "Role", "thanos-sidecar")
    granted = {rule["apiGroups"][0]: rule["resources"] for rule in role["rules"]}
    assert granted == {
        "": ["endpoints", "pods", "services"],
        "discovery.k8s.io": ["endpointslices"],
        "networking.k8s.io": ["ingresses"],
    }


LOOKS = "looks around itself with {}…), which the expressions of Prometheus (RE2) cannot; write what is not wanted as a"


@pytest.mark.parametrize(
    ("job", "options", "sentence"),
    [
        (
            {"scrape_interval": "10s", "scrape_timeout": "15s"},
            {},
            "scrape_timeout: 15s is longer than its scrape_interval, which is 10s, and Prometheus does not start with "
            "that; lower it, or give the job a longer interval.",
        ),
        (
            {"scrape_timeout": "1m"},
            {"scrape_interval": "45s"},
            "scrape_timeout: 1m is longer than scrape_interval, which is 45s, and",
        ),
        ({"scrape_timeout": "31s"}, {}, "scrape_timeout: 31s is longer than scrape_interval, which is 30s, and"),
        ({"scrape_interval": "0s", "scrape_timeout": "31s"}, {}, "scrape_timeout: 31s is longer than scrape_interval"),
        ({"relabel_configs": [{"regex": "(?!kube).*"}]}, {}, f"relabel_configs[0].regex: '(?!kube).*' {LOOKS}"),
        (
            {"metric_relabel_configs": [{"regex": "a"}, {"regex": r"[\]]\(a(?<=b)"}]},
            {},
            rf"metric_relabel_configs[1].regex: '[\]]\(a(?<=b)' {LOOKS}",
        ),
    ],
)
def test_what_no_prometheus_starts_with_is_refused(job: dict[str, Any], options: dict[str, Any], sentence: str) -> None:
    (problem,) = refused(job, **options)
    looks = next((each for each in ("(?!", "(?<=") if each in sentence), "")
    assert problem.startswith(f"instances.sidecar.scrape_configs[0].{sentence.replace('{}', looks)}")


@pytest.mark.parametrize(
    "job",
    [
        {"scrape_interval": "15s", "scrape_timeout": "15s"},
        {"scrape_interval": "1m", "scrape_timeout": "60s"},
        {"scrape_timeout": "30s"},
        {"scrape_interval": "5s"},
        {"scrape_interval": "5s", "scrape_timeout": "0"},
        # Whatever a later Prometheus may read.
        {"scrape_interval": "5 seconds", "scrape_timeout": "1m"},
        *(
            {"relabel_configs": [{"regex": regex}]}
            for regex in (
                *(r"\(?!", r"[(?!]", r"[](?!]", r"[^](?=]", r"[[:alpha:](?!]", r"\Q(?!", r"\Q(?!\E.", r"[\](?!]"),
                *("(?:a|b)", "(?i)a", "(?P<a>b)", "(?<a>b)", "(.+)(?::\\d+);(\\d+)", 5, None),
            )
        ),
    ],
    ids=str,
)
def test_what_a_prometheus_may_start_with_is_taken(job: dict[str, Any]) -> None:
    assert stack(job)


def test_jobs_beside_a_prometheus_of_others_are_refused_once_whatever_is_in_them() -> None:
    bad = {"scrape_timeout": "60s", "relabel_configs": [{"regex": "(?!a)"}]}
    (told,) = refused(bad, prometheus={"custom_resource": "k8s"})
    assert "scrape_configs is of a Prometheus that this collection deploys" in told
