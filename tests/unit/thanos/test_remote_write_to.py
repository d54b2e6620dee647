# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our Prometheus pushes to a receive of another cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleTemplatePluginError

from ansible_collections.o11y.thanos.plugins.filter.remote_write import remote_write
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.files import missing_files
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.unit.thanos.cases import refusal

from .cases import container, one, render

HUB = "https://hub.example:19291/api/v1/receive"
PUSH = {"url": HUB, "tenant": "shop", "tls": {"secret": "push", "server_name": "receive.hub"}}


def test_samples_go_out_by_remote_write_1_as_one_tenant_over_mutual_tls() -> None:
    made = render({"sidecar": {"remote_write": [PUSH]}})
    (entry,) = json.loads(one(made, "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"])["remote_write"]
    folder = "/etc/thanos/secrets/push"
    assert entry == {
        "url": HUB,
        "protobuf_message": "prometheus.WriteRequest",
        "headers": {"THANOS-TENANT": "shop"},
        "tls_config": {
            "ca_file": f"{folder}/ca.crt",
            "cert_file": f"{folder}/tls.crt",
            "key_file": f"{folder}/tls.key",
            "server_name": "receive.hub",
        },
    }
    mounts = container(one(made, "StatefulSet", "thanos-sidecar"), "prometheus")["volumeMounts"]
    assert {"name": "secret-0", "mountPath": folder, "readOnly": True} in mounts


def test_secret_that_is_not_there_or_lacks_a_file_is_named() -> None:
    stack = parse({"cluster": "eu", "instances": {"sidecar": {"remote_write": [PUSH]}}})
    (absent,) = missing_files(stack, Facts(files={"Secret/push": None}))
    assert "the Secret monitoring/push does not exist" in str(absent)
    (lacking,) = missing_files(stack, Facts(files={"Secret/push": ("ca.crt", "tls.crt")}))
    assert "the Secret monitoring/push has no key tls.key" in str(lacking)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "protocol of which nothing is kept": (
        {"remote_write": [{**PUSH, "protocol": "2.0"}]},
        "remote_write[0].protocol: Thanos up to 0.42",
    ),
    "TLS without it": (
        {"remote_write": [{**PUSH, "url": "http://hub.example:19291/api/v1/receive"}]},
        "remote_write[0].tls: http://hub.example:19291/api/v1/receive speaks no TLS",
    ),
    "no URL": ({"remote_write": [{"tenant": "shop"}]}, "remote_write[0].url is required"),
    "no tenant": ({"remote_write": [{**PUSH, "tenant": "a/b"}]}, "remote_write[0].tenant: 'a/b' is not a tenant"),
    "old Prometheus": (
        {"remote_write": [PUSH], "prometheus_version": "2.53.0"},
        "remote_write: Prometheus 2.53.0 cannot be told the protocol",
    ),
    "image of a Prometheus that cannot be told of it": (
        {"remote_write": [PUSH], "prometheus_image": "mirror.example/prometheus:v2.53.0"},
        "remote_write: Prometheus 2.53.0 cannot be told the protocol",
    ),
    "label of ingestors": (
        {"remote_write": [PUSH], "external_labels": {"receive_cluster": "x"}},
        "external_labels.receive_cluster: ingestors may have a label of this name",
    ),
    "label of tenants": (
        {"remote_write": [PUSH], "external_labels": {"tenant_id": "x"}},
        "external_labels.tenant_id: receive tells tenants apart by a label of this name",
    ),
    "password in the URL": (
        {"remote_write": [{"url": "https://me:secret@hub.example/api/v1/receive"}]},
        "remote_write[0].url",
    ),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD)
def test_mistake_is_named(options: dict[str, Any], sentence: str) -> None:
    assert f"instances.sidecar.{sentence}" in refusal({"sidecar": options})


def test_a_prometheus_of_somebody_elses_is_told_the_same_with_its_own_folders() -> None:
    made = render({"sidecar": {"remote_write": [PUSH]}})
    (ours,) = json.loads(one(made, "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"])["remote_write"]
    (theirs,) = remote_write([PUSH], folder="/etc/thanos/secrets")
    assert theirs == ours


def test_the_operator_is_told_the_version_and_where_its_secrets_are() -> None:
    assert remote_write(PUSH, "operator") == [
        {
            "url": HUB,
            "messageVersion": "V1.0",
            "headers": {"THANOS-TENANT": "shop"},
            "tlsConfig": {
                "ca": {"secret": {"name": "push", "key": "ca.crt"}},
                "cert": {"secret": {"name": "push", "key": "tls.crt"}},
                "keySecret": {"name": "push", "key": "tls.key"},
                "serverName": "receive.hub",
            },
        }
    ]


@pytest.mark.parametrize(
    ("given", "form", "sentence"),
    [
        ({"tenant": "a/b"}, "operator", r"remote_write\[0\].url is required.*'a/b' is not a tenant"),
        ({**PUSH, "protocol": "2.0"}, "prometheus", r"remote_write\[0\].protocol: Thanos up to 0.42"),
        (PUSH, "agent", "remote_write has no form 'agent': use prometheus or operator"),
    ],
)
def test_mistake_of_a_filter_is_named(given: dict[str, Any], form: str, sentence: str) -> None:
    with pytest.raises(AnsibleTemplatePluginError, match=f"(?s){sentence}"):
        remote_write(given, form)
