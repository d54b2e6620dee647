# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ``pki`` on a real API server: what it writes, what it leaves, and that no key is ever shown."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import role
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.connection import connect
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import ApiError
from ansible_collections.o11y.thanos.plugins.module_utils._pki.x509 import read_certificates
from tests.integration.kubernetes.conftest import kubeconfig_with_role
from tests.support.certificates import authority, leaf
from tests.support.modules import Result, run_module

from .conftest import Cluster

pytestmark = pytest.mark.api
NAME = "query.thanos.eu.thanos.internal"
TODAY = datetime.now(timezone.utc)
HUB = authority("hub", TODAY).certificate.pem
EDGE: dict[str, Any] = {"server": {"names": [NAME], "trust": [HUB]}}
CLIENT = {"client": {"trust": {"eu": authority("eu", TODAY).certificate.pem}}}


def pki(cluster: Cluster, **options: Any) -> Result:
    """Run the module; nothing that it prints is a key."""
    mode = {k: options.pop(k) for k in ("check", "diff") if k in options}
    result = run_module("pki", {**cluster.arguments, "cluster": "eu", **options}, **mode)
    assert "PRIVATE" not in result.text
    for secret in secrets(cluster).values():
        for key, text in secret.items():
            assert not key.endswith(".key") or text.splitlines()[1] not in result.text
    return result


def secrets(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Name → key → text of every Secret."""
    try:
        items = cluster.get("secrets")["items"]
    except ApiError:
        return {}
    return {
        item["metadata"]["name"]: {k: base64.b64decode(v).decode() for k, v in (item.get("data") or {}).items()}
        for item in items
    }


def test_edge_is_made_kept_and_removed(cluster: Cluster) -> None:
    checked = pki(cluster, **EDGE, check=True, diff=True)
    assert checked["changed"]
    assert secrets(cluster) == {}
    made = pki(cluster, **EDGE, diff=True)
    assert {
        "Secret/thanos-grpc-server": "created",
        "Secret/thanos-server-ca": "created",
    }.items() <= made.actions().items()
    assert {d["before"] for d in made["diff"] if d["after_header"].startswith("Secret")} == {""}
    assert made["server_ca"] == secrets(cluster)["thanos-server-ca"]["ca.crt"]
    assert {row["name"]: row["days"] for row in made["certificates"]} == {"server_ca": 3649, "server": 89}
    before = cluster.get("secrets")
    for check in (True, False):
        again = pki(cluster, **EDGE, check=check)
        assert not again["changed"]
        assert again["certificates"] == made["certificates"]
    assert cluster.get("secrets")["items"] == before["items"]
    assert pki(cluster, state="absent", check=True)["changed"]
    assert pki(cluster, state="absent").actions() == {"Secret/thanos-grpc-server": "deleted"}
    assert not pki(cluster, state="absent")["changed"]
    assert set(secrets(cluster)) == {"thanos-server-ca"}
    assert pki(cluster, state="absent", delete_authorities=True).actions() == {"Secret/thanos-server-ca": "deleted"}
    assert pki(cluster, server_ca=True)["server_ca"] != made["server_ca"]


def test_generation_of_a_hub_is_in_its_secret(cluster: Cluster) -> None:
    def generation() -> str:
        return str(cluster.get("secrets/thanos-grpc-client")["metadata"]["annotations"]["o11y.thanos/generation"])

    pki(cluster, **CLIENT)
    assert generation() == "1"
    more = {"trust": {**CLIENT["client"]["trust"], "us": HUB}}
    assert pki(cluster, client=more).actions() == {"Secret/thanos-grpc-client": "updated"}
    assert generation() == "1"
    pki(cluster, client={"trust": {"eu": HUB}})
    assert generation() == "2"
    assert "us.crt" not in secrets(cluster)["thanos-grpc-client"]


def test_runs_at_one_time_agree_on_one_ca(cluster: Cluster) -> None:
    cluster.secret()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _number: pki(cluster, **EDGE), range(4)))
    assert [result["msg"] for result in results if result.failed] == []
    ca = secrets(cluster)["thanos-server-ca"]["ca.crt"]
    assert {result["server_ca"] for result in results} == {ca}
    (served,) = read_certificates(secrets(cluster)["thanos-grpc-server"]["tls.crt"])
    assert served.signed_by(read_certificates(ca)[0])
    assert served.fingerprint in {row["fingerprint"] for row in results[0]["certificates"]}


def test_rotation_leaves_no_key_of_the_previous_ca(cluster: Cluster) -> None:
    pki(cluster, **EDGE)
    old = secrets(cluster)["thanos-server-ca"]
    pki(cluster, **EDGE, rotate={"server_ca": "begin"})
    assert set(secrets(cluster)["thanos-server-ca"]) == {"ca.crt", "ca.key", "next.crt", "next.key"}
    pki(cluster, **EDGE, rotate={"server_ca": "switch"}, readers={"server_ca": {}})
    assert old["ca.key"] not in secrets(cluster)["thanos-server-ca"].values()
    assert set(secrets(cluster)["thanos-server-ca"]) == {"ca.crt", "ca.key", "previous.crt"}
    assert pki(cluster, **EDGE, rotate={"server_ca": "finish"}).failed
    pki(cluster, **EDGE, rotate={"server_ca": "finish"}, settle="0")
    assert set(secrets(cluster)["thanos-server-ca"]) == {"ca.crt", "ca.key"}


def test_lost_ca_is_refused_whatever_is_left_of_it(cluster: Cluster) -> None:
    pki(cluster, **EDGE)
    cluster.send("DELETE", "secrets/thanos-server-ca")
    assert "set new_ca to true" in pki(cluster, **EDGE)["msg"]
    cluster.send("DELETE", "secrets/thanos-grpc-server")
    assert "set new_ca to true" in pki(cluster, **EDGE)["msg"]
    assert not pki(cluster, **EDGE, new_ca=True).failed


def test_ca_outlives_a_teardown_that_does_not_name_it(cluster: Cluster) -> None:
    cluster.secret()
    made = pki(cluster, **EDGE)
    absent = {"state": "absent", "delete_secrets": True}
    assert not cluster.stack({}, **absent).failed
    assert set(secrets(cluster)) == {"thanos-server-ca"}
    assert pki(cluster, **EDGE)["server_ca"] == made["server_ca"]
    cluster.secret()
    assert not cluster.stack({}, state="absent", delete_authorities=True).failed
    assert set(secrets(cluster)) == {"thanos-grpc-server", "thanos-objstore-default"}


def test_stack_that_purges_leaves_the_certificates(cluster: Cluster) -> None:
    pki(cluster, **EDGE)
    before = secrets(cluster)
    assert not cluster.stack({"query": {}}, purge=True).failed
    assert secrets(cluster) == before


def test_secret_of_somebody_else_is_not_taken_over(cluster: Cluster) -> None:
    cluster.secret()
    cluster.send("POST", "secrets", {"metadata": {"name": "thanos-server-ca"}, "data": {"x": "eA=="}})
    result = pki(cluster, **EDGE)
    assert "Secret " in result["msg"]
    assert "exists and was made by by-hand" in result["msg"]
    assert secrets(cluster)["thanos-server-ca"] == {"x": "x"}


def test_given_certificate_is_copied_at_each_run(cluster: Cluster) -> None:
    cluster.secret()
    ca = authority("given", TODAY)
    data = {key: base64.b64encode(text.encode()).decode() for key, text in leaf(ca, now=TODAY).items()}
    cluster.send("POST", "secrets", {"metadata": {"name": "from-cert-manager"}, "data": data})
    given = {"server": {**EDGE["server"], "secret": "from-cert-manager"}}
    assert pki(cluster, **given)["server_ca"] == ca.certificate.pem
    renewed = leaf(ca, now=TODAY)
    data = {key: base64.b64encode(text.encode()).decode() for key, text in renewed.items()}
    cluster.edit("secrets/from-cert-manager", {"data": data})
    assert pki(cluster, **given).actions() == {"Secret/thanos-grpc-server": "updated"}
    assert secrets(cluster)["thanos-grpc-server"]["tls.crt"] == renewed["tls.crt"]
    assert "thanos-server-ca" not in secrets(cluster)


def test_role_of_a_deployer_suffices(cluster: Cluster) -> None:
    cluster.secret()
    rules = role({"thanos_namespace": cluster.namespace, "thanos_enabled": ["query"]})["rules"]
    _user, kubeconfig = kubeconfig_with_role(cluster.plane, cluster.namespace, rules)
    limited = Cluster(cluster.plane, connect({"kubeconfig": str(kubeconfig)}), cluster.namespace)
    for options in (EDGE, CLIENT, {"state": "absent", "delete_authorities": True}):
        result = run_module("pki", {"kubeconfig": str(kubeconfig), "namespace": limited.namespace, **options})
        assert not result.failed, result["msg"]
    assert set(secrets(cluster)) == {"thanos-objstore-default"}


def test_namespace_is_made(cluster: Cluster) -> None:
    assert pki(cluster, **EDGE).actions()[f"Namespace/{cluster.namespace}"] == "created"


def test_pods_start_anew_for_a_changed_ca_and_for_nothing_else(cluster: Cluster) -> None:
    """What the tier makes of the Secrets of ``pki``."""
    endpoint = {"address": "eu.example:10901", "tls": {"ca": "eu.crt"}, "server_name": NAME}
    tls = {"grpc_tls": {"secret": "thanos-grpc-server"}, "client_tls": {"secret": "thanos-grpc-client"}}

    def template() -> Any:
        result = cluster.stack({"query": {**tls, "endpoints": [endpoint]}})
        assert not result.failed, result["msg"]
        return cluster.get("deployments/thanos-query")["spec"]["template"]

    pki(cluster, **EDGE, **CLIENT)
    first = template()
    pki(cluster, server={**EDGE["server"], "names": [NAME, "further.internal"]})
    pki(cluster, client={"trust": {"us": HUB}, "keep": True})
    assert template() == first
    pki(cluster, client={"trust": {"eu": HUB}, "keep": True})
    second = template()
    assert second != first
    pki(cluster, server={**EDGE["server"], "trust": [authority("other", TODAY).certificate.pem]})
    assert template() != second
