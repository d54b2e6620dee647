# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which live workloads compact a bucket, and which bucket, however they were written."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.compactors import compactors_among
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

TEXT = "{type: S3, config: {bucket: metrics, endpoint: 'minio:9000'}}"
BUCKET = Identity("S3", "minio:9000", "metrics", "")
INLINE = f"--objstore.config={TEXT}"
FILE = "--objstore.config-file=/conf/objstore.yml"
MOUNT = [{"name": "conf", "mountPath": "/conf"}]
THANOS = "quay.io/thanos/thanos:v0.42.4"
FROM_SECRET = {"volumes": [{"name": "conf", "secret": {"secretName": "s"}}]}
FROM_CONFIG_MAP = {"volumes": [{"name": "conf", "configMap": {"name": "c"}}]}
VARIABLE = [{"name": "CONF", "valueFrom": {"secretKeyRef": {"name": "s", "key": "objstore.yml"}}}]


class Server:
    """Stands for a Client: every Secret and ConfigMap of the namespace ``theirs`` holds the same configuration."""

    def request(self, _method: str, path: str, **_more: Any) -> Response:
        if not path.startswith("/api/v1/namespaces/theirs/"):
            return Response(403, {}, {}, "")
        text = base64.b64encode(TEXT.encode()).decode() if "/secrets/" in path else TEXT
        return Response(200, {}, {"data": {"objstore.yml": text}}, "")


def found(kind: str, pod: dict[str, Any], namespace: str = "theirs", **spec: Any) -> list[Any]:
    inside: dict[str, Any] = {"template": {"metadata": {}, "spec": pod}}
    spec |= {"jobTemplate": {"spec": inside}} if kind == "CronJob" else inside
    item = {"metadata": {"name": "foreign", "namespace": namespace}, "spec": spec}
    live = {"StatefulSet": [], "Deployment": [], "CronJob": [], kind: [item]}
    stack = parse({"cluster": "eu", "instances": {"compact": {}}})
    return compactors_among(cast(Client, Server()), stack, Facts(), live, list)


def pod_with(args: list[str], image: str = THANOS, more: Any = None, **container: Any) -> dict[str, Any]:
    return {"containers": [{"image": image, "args": args, **container}], **(more or {})}


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment", "CronJob"])
@pytest.mark.parametrize(
    "pod",
    [
        pod_with(["compact", INLINE]),
        pod_with([INLINE], command=["/bin/thanos", "compact"], image="registry/metrics:1"),
        pod_with(["thanos", "compact", INLINE], image="registry/metrics:1"),
        pod_with(["compact", FILE], more=FROM_SECRET, volumeMounts=MOUNT),
        pod_with(["compact", FILE], more=FROM_CONFIG_MAP, volumeMounts=MOUNT),
        pod_with(["compact", "--objstore.config=$(CONF)"], env=VARIABLE),
    ],
)
def test_compactor_of_somebody_else_is_found_with_its_bucket(kind: str, pod: dict[str, Any]) -> None:
    (compactor,) = found(kind, pod)
    assert (compactor.where, compactor.identity) == (f"{kind} theirs/foreign", BUCKET)


def test_compactor_whose_configuration_may_not_be_read_is_found_without_its_bucket() -> None:
    (compactor,) = found("Deployment", pod_with(["compact", FILE], more=FROM_SECRET, volumeMounts=MOUNT), "closed")
    assert compactor.identity is None


@pytest.mark.parametrize(
    "pod",
    [pod_with(["store", INLINE]), pod_with(["compact"], image="registry/zip:1"), pod_with(["tools", "a", "compact"])],
)
def test_what_only_looks_like_a_compactor_is_none(pod: dict[str, Any]) -> None:
    assert found("Deployment", pod) == []


def test_compactor_without_pods_compacts_nothing() -> None:
    assert found("Deployment", pod_with(["compact", INLINE]), replicas=0) == []
