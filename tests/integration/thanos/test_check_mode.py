# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode before a first deploy shows what the deploy then sends, however the pods come by their credentials."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import objstore_needs
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.engine import Settings
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.credentials import MODES, ROLES
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.run import deploy
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.canary import leaks

from .conftest import FIVE_TIERS, STORE, Cluster

pytestmark = pytest.mark.api
DIGEST = "o11y.thanos/objstore-digest"
LATER = "known after the Secret is made"
CANARY = "canary-of-somebody-else"
CREDENTIAL = {name: STORE[name] for name in ("access_key", "secret_key")}
BARE = {name: value for name, value in STORE.items() if name not in CREDENTIAL}
KEYS = {"name": "keys", "keys": {"secret_key": "key", "access_key": "id"}}
LEVELS: dict[str, dict[str, Any]] = {
    "secret": CREDENTIAL,
    "existing": {"credentials_mode": "existing", "credentials_from": KEYS},
    "env": {"credentials_mode": "env", "credentials_from": KEYS},
    "external": {"credentials_mode": "external", "credentials_from": {"name": "theirs", "key": "thanos.yaml"}},
    "identity": {
        "credentials_mode": "identity",
        "identity": {"aws_role_arn": "arn:aws:iam::123456789012:role/thanos"},
    },
}
STORES: dict[str, dict[str, Any]] = {
    **{f"{mode}, one for all": {**BARE, **level} for mode, level in LEVELS.items()},
    **{
        f"{mode}, {role} apart": {**STORE, "access": {role: level}}
        for mode, level in LEVELS.items()
        for role in ROLES
    },
    "all roles apart": {**BARE, "access": {role: LEVELS[mode] for role, mode in zip(ROLES, MODES[2:], strict=True)}},
}  # fmt: skip


class Sent:
    """The bodies of all apply requests of a client, the stack's record aside; those of a dry run count too."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bodies: dict[str, Any] = {}
        send = client.request

        def note(method: str, path: str, **more: Any) -> Any:
            body = more.get("body")
            if method == "PATCH" and isinstance(body, dict) and "kind" in body:
                self.bodies[f"{body['kind']} {body['metadata']['name']}"] = copy.deepcopy(body)
            return send(method, path, **more)

        monkeypatch.setattr(client, "request", note)


def shown(diff: Any) -> dict[str, Any]:
    """Kind and name → object, of everything in a diff that is new."""
    found = [yaml.safe_load(each["after"]) for each in diff]
    return {f"{each['kind']} {each['metadata']['name']}": each for each in found}


def without_digests(objects: dict[str, Any], digests: list[str]) -> dict[str, Any]:
    """The objects, with one text in the place of each digest of a Secret; what was there is appended to ``digests``."""
    result = copy.deepcopy(objects)
    for each in result.values():
        annotations = each.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
        if DIGEST in annotations:
            digests.append(annotations[DIGEST])
            annotations[DIGEST] = "digest"
    return result


def somebody_elses(cluster: Cluster) -> None:
    """The Secrets that others make."""
    cluster.send("POST", "secrets", {"metadata": {"name": "keys"}, "stringData": {"id": "i", "key": CANARY}})
    config = yaml.safe_dump({"type": "S3", "config": {"bucket": cluster.namespace, "secret_key": CANARY}})
    cluster.send("POST", "secrets", {"metadata": {"name": "theirs"}, "stringData": {"thanos.yaml": config}})


def test_there_is_a_case_for_every_mode() -> None:
    assert set(LEVELS) == set(MODES)


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_check_mode_shows_what_the_first_deploy_sends_and_after_it_nothing(
    cluster: Cluster, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = {**store, "bucket": cluster.namespace}
    needs = objstore_needs({"thanos_objstore": store}, "thanos")
    assert leaks(json.dumps(needs), {**CREDENTIAL, "theirs": CANARY}) == []
    where = {"namespace": cluster.namespace, "cluster": "eu"}
    stack = parse({**where, "instances": FIVE_TIERS, "objstores": needs})
    client = connect({"kubeconfig": str(cluster.plane.kubeconfig)})
    sent = Sent(client, monkeypatch)
    check = Settings(check_mode=True, with_diff=True, wait=False)

    before_namespace = shown(deploy(client, stack, check).result()["diff"])
    cluster.client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": cluster.namespace}})
    assert not sent.bodies
    deploy(client, stack, check)
    validated = dict(sent.bodies)
    sent.bodies.clear()
    somebody_elses(cluster)
    made = cluster.secret(store=store)
    assert not made.failed, made["msg"]
    deploy(client, stack, Settings(wait=False))

    unknown: list[str] = []
    known: list[str] = []
    wanted = without_digests(sent.bodies, known)
    assert {name for name in before_namespace if name.split()[0] not in ("Namespace",)} >= set(wanted)
    assert without_digests({name: before_namespace[name] for name in wanted}, unknown) == wanted
    assert without_digests(validated, unknown) == wanted
    assert set(unknown) == {LATER}
    assert len(unknown) == 2 * len(known)
    assert LATER not in known
    after = deploy(client, stack, check).result()
    assert (after["changed"], after.get("diff", [])) == (False, [])
