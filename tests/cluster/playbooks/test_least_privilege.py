# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run with the generated Role and nothing else deploys, verifies and removes; and no credential appears anywhere."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import role
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from tests.cluster.playbooks.conftest import Site, objstore
from tests.testbed.process import PROC, command_line

CANARY = "Canary/Secret+Key0123456789abcdefXYZ"


@pytest.fixture(scope="module")
def limited(site: Site) -> Site:
    """The site as a ServiceAccount sees it that holds the generated Role."""
    client, space = site.client, f"/namespaces/{site.namespace}"
    rbac = f"/apis/rbac.authorization.k8s.io/v1{space}"
    subject = {"kind": "ServiceAccount", "name": "runner", "namespace": site.namespace}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "runner"}
    client.request("POST", f"/api/v1{space}/serviceaccounts", body={"metadata": {"name": "runner"}})
    client.request("POST", f"{rbac}/roles", body={"metadata": {"name": "runner"}, "rules": role({})["rules"]})
    binding = {"metadata": {"name": "runner"}, "roleRef": reference, "subjects": [subject]}
    client.request("POST", f"{rbac}/rolebindings", body=binding)
    token = client.request(
        "POST", f"/api/v1{space}/serviceaccounts/runner/token", body={"spec": {"expirationSeconds": 3600}}
    ).body["status"]["token"]
    with open(site.kubeconfig, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    config["users"] = [{"name": config["users"][0]["name"], "user": {"token": token}}]
    path = site.folder / "runner.kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return Site(str(path), site.namespace, site.store, site.folder)


def test_generated_role_suffices_for_deploy_and_verify(limited: Site) -> None:
    done = limited.play("deploy")
    assert done.code == 0, done.text
    assert limited.play("deploy").recap() == {"eu": (0, 0)}


def test_role_lacks_what_it_does_not_need(limited: Site) -> None:
    client = connect({"kubeconfig": limited.kubeconfig})
    for path in ("/api/v1/namespaces", "/api/v1/secrets", f"/apis/batch/v1/namespaces/{limited.namespace}/jobs"):
        assert client.request("GET", path, ok=(403,)).status == 403


def leaks(text: str) -> list[str]:
    """Forms of the canary that are in a text: as it is, in base64 at any alignment, and as JSON writes it."""
    forms = {CANARY, CANARY.replace("/", "\\/")}
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + CANARY.encode()).decode()
        forms.add(encoded[4:-4])
    return [form for form in forms if form in text]


MODES = {"check": ("--check", "--diff"), "run": ("--diff",), "again": ("--diff",)}


@pytest.mark.parametrize("mode", MODES)
def test_credential_appears_in_no_output(limited: Site, mode: str) -> None:
    # With an address where nobody answers, the probe cannot tell that this is no credential.
    store = objstore(limited.store, limited.namespace, secret_key=CANARY, endpoint="10.99.0.1:1", manage=False)
    done = limited.play("deploy", "-vvv", "--tags", "objstore", *MODES[mode], thanos_objstore=store)
    assert done.code == 0, done.text
    assert leaks(done.text) == []


def test_credential_appears_in_no_failure(limited: Site) -> None:
    store = objstore(limited.store, limited.namespace, secret_key=CANARY)
    wrong: list[dict[str, Any]] = [
        store,
        {**store, "endpoint": "10.99.0.1:1"},
        {**store, "manage": False},
        {**store, "secret_kye": CANARY},
        {**store, "bucket": "Not A Bucket"},
    ]
    for variables in wrong:
        done = limited.play("deploy", "-vvv", "--diff", "--tags", "objstore", thanos_objstore=variables)
        assert done.code != 0, done.text
        assert leaks(done.text) == []


def test_credential_is_nowhere_on_the_cluster_but_in_its_secret(limited: Site) -> None:
    admin = connect({"kubeconfig": limited.kubeconfig})
    texts = [str(limited.objects(plural)) for plural in ("configmaps", "services", "pods", "serviceaccounts")]
    texts += [str(limited.objects(plural, "apis/apps/v1")) for plural in ("deployments", "statefulsets")]
    texts += [" ".join(command_line(int(f.name))) for f in PROC.glob("[0-9]*")]
    for pod in limited.objects("pods"):
        for container in pod["spec"]["containers"]:
            path = f"/api/v1/namespaces/{limited.namespace}/pods/{pod['metadata']['name']}/log"
            query = {"container": container["name"]}
            texts.append(admin.request("GET", path, query=query, accept="*/*", ok=range(400, 600)).text)
    assert [leak for text in texts for leak in leaks(text)] == []
    secret = f"/api/v1/namespaces/{limited.namespace}/secrets/thanos-objstore-default"
    held = base64.b64decode(admin.request("GET", secret).body["data"]["objstore.yml"]).decode()
    assert CANARY in held
