# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs in requests, and which rights it needs: counted and refused by the real server."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure, InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import rules_for
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kinds import KINDS
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Manifest
from tests.integration.kubernetes import samples
from tests.integration.kubernetes.conftest import World, kubeconfig_with_role

pytestmark = pytest.mark.api


def sixty_objects() -> list[Manifest]:
    result = []
    for number in range(5):
        for manifest in samples.query() + samples.store()[:2]:
            item = copy.deepcopy(manifest)
            item["metadata"]["name"] += f"-{number}"
            result.append(item)
    return result


def test_requests_stay_within_the_budget(world: World) -> None:
    manifests = sixty_objects()
    kinds = len({m["kind"] for m in manifests})
    mark = world.plane.audit_mark()
    world.run(manifests)
    tried = sum(m["kind"] in ("Deployment", "StatefulSet") for m in manifests)
    assert len(manifests) < len(world.requests(mark)) <= len(manifests) + tried + 2 * kinds + 4
    mark = world.plane.audit_mark()
    assert not world.run(manifests).changed
    assert kinds < len(world.requests(mark)) <= kinds + 2


def limited(world: World, rules: list[dict[str, list[str]]]) -> None:
    world.user, world.kubeconfig = kubeconfig_with_role(world.plane, world.namespace, rules)


def test_generated_role_suffices_to_create_change_prune_and_remove(world: World) -> None:
    manifests = samples.query() + samples.store()
    limited(world, rules_for(manifests, wait=True, claims=True))
    world.run(manifests)
    world.edit("Deployment", "thanos-query", {"spec": {"replicas": 7}})
    world.run([m for m in manifests if m["kind"] not in ("Ingress", "Secret")])
    world.teardown("PersistentVolumeClaim", "Secret")
    assert world.names("Deployment") | world.names("ConfigMap") == set()


def test_namespace_is_removed_only_with_further_rights_and_the_rest_without(world: World) -> None:
    manifests = [samples.config("a")]
    limited(world, rules_for(manifests))
    world.run(manifests)
    with pytest.raises(Failure, match="forbidden: cannot get namespaces"):
        world.teardown("Namespace", wait=True, wait_timeout=60)
    assert world.names("ConfigMap") == set()
    group, rule = "rbac.authorization.k8s.io", {"apiGroups": [""], "resources": ["namespaces"]}
    role = {"metadata": {"name": world.user}, "rules": [{**rule, "verbs": ["get", "delete"]}]}
    world.plane.api.must("POST", f"/apis/{group}/v1/clusterroles", role)
    binding = {
        "metadata": {"name": world.user},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": world.user},
        "subjects": [{"apiGroup": group, "kind": "User", "name": world.user}],
    }
    world.plane.api.must("POST", f"/apis/{group}/v1/clusterrolebindings", binding)
    assert world.teardown("Namespace", wait=True, wait_timeout=60).changed
    assert world.plane.api.request("GET", f"/api/v1/namespaces/{world.namespace}").status == 404


@pytest.mark.parametrize("verb", ["list", "create", "patch", "delete"])
def test_role_without_one_verb_is_told_which_verb_on_which_resource(world: World, verb: str) -> None:
    manifests = [samples.config("a"), samples.manifest("ServiceAccount", "b")]
    rules = rules_for(manifests, wait=False)
    accounts = next(rule for rule in rules if rule["resources"] == ["serviceaccounts"])
    accounts["verbs"].remove(verb)
    limited(world, rules)
    sentence = f"forbidden: cannot {verb} serviceaccounts in namespace {world.namespace} \\(user {world.user}\\)"
    with pytest.raises(Failure, match=sentence):
        [world.run(wanted) for wanted in (manifests, manifests[:1])]


def test_objects_in_a_namespace_of_somebody_else_are_refused_with_one_sentence(world: World) -> None:
    limited(world, [])
    with pytest.raises(Failure) as failure:
        world.run([samples.config("a")])
    assert str(failure.value).startswith("forbidden: cannot get configmaps in namespace")


def read_configmaps(client: Client, world: World) -> int:
    return client.request("GET", KINDS["ConfigMap"].path(world.namespace), ok=(401, 403)).status


def test_kubeconfig_as_mapping_or_text_and_certificates_as_options_reach_the_server(world: World) -> None:
    import yaml

    plane = world.plane
    content = yaml.safe_load(plane.kubeconfig.read_text())
    assert read_configmaps(connect({"kubeconfig": content}), world) == 200
    assert read_configmaps(connect({"kubeconfig": plane.kubeconfig.read_text()}), world) == 200
    files = {"client_cert": str(plane.admin.certificate), "client_key": str(plane.admin.key)}
    assert read_configmaps(connect({"host": plane.url, "ca_cert": str(plane.ca_file), **files}), world) == 200


def test_options_are_taken_from_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = world.plane
    for name, value in {
        "HOST": plane.url,
        "CERT_FILE": str(plane.admin.certificate),
        "KEY_FILE": str(plane.admin.key),
        "VERIFY_SSL": "no",
    }.items():
        monkeypatch.setenv(f"K8S_AUTH_{name}", value)
    client = connect({})
    with pytest.warns(Warning, match="Unverified HTTPS request"):
        assert read_configmaps(client, world) == 200
    assert "K8S_AUTH_VERIFY_SSL turns the verification" in client.warnings[0]


def test_impersonation_of_a_user_in_several_groups(world: World) -> None:
    as_nobody = {"kubeconfig": str(world.plane.kubeconfig), "impersonate_user": "nobody"}
    assert read_configmaps(connect(as_nobody), world) == 403
    groups = ["system:authenticated", "system:masters"]
    assert read_configmaps(connect({**as_nobody, "impersonate_groups": groups}), world) == 200


def test_wrong_token_is_one_sentence(world: World) -> None:
    client = connect({"host": world.plane.url, "ca_cert": str(world.plane.ca_file), "api_key": "wr0ng-t0k3n"})
    with pytest.raises(Failure, match="does not accept the credentials") as failure:
        client.list(KINDS["ConfigMap"], world.namespace)
    assert "wr0ng-t0k3n" not in str(failure.value)


def test_untrusted_certificate_is_told_at_once(world: World) -> None:
    with pytest.raises(Failure, match="certificate verify failed"):
        connect({"host": world.plane.url, "api_key": "x"}).list(KINDS["ConfigMap"], world.namespace)


BROKEN: dict[str, tuple[str, str]] = {
    "not YAML": ("a: [s3cr3t", r"is not valid YAML \(line 1\)"),
    "not a mapping": ("- s3cr3t", "is not a YAML mapping"),
    "not a kubeconfig": ("users: s3cr3t", "cannot be used|is not a kubeconfig"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_kubeconfig_is_a_mistake_and_is_not_quoted(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=message) as mistake:
        connect({"kubeconfig": str(path)})
    assert "s3cr3t" not in str(mistake.value)


def test_missing_kubeconfig_and_unknown_context_are_mistakes(world: World) -> None:
    with pytest.raises(InvalidInput, match="kubeconfig /nowhere does not exist"):
        connect({"kubeconfig": "/nowhere"})
    with pytest.raises(InvalidInput, match=r"context: there is no 'elsewhere' in .*, which has "):
        connect({"kubeconfig": str(world.plane.kubeconfig), "context": "elsewhere"})


def test_environment_variable_that_is_no_boolean_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "maybe")
    with pytest.raises(InvalidInput, match="K8S_AUTH_VERIFY_SSL: 'maybe' is not a boolean"):
        connect({"host": "https://nowhere"})
