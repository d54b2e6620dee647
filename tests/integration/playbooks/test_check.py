# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks say and do before anything runs: on real API servers and a real S3 server, without nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbooks.conftest import World
from tests.support.canary import leaks
from tests.support.playbooks import play
from tests.tasks.tree import ROOT

pytestmark = pytest.mark.api

TWO = ROOT / "examples/two-clusters/inventory.yml"
NAMESPACE = "/api/v1/namespaces/monitoring"
SECRET = f"{NAMESPACE}/secrets/thanos-objstore-default"


def untouched(world: World) -> bool:
    return world.buckets() == set() and not any(world.exists(name, NAMESPACE) for name in world.planes)


def test_check_of_two_clusters_finds_nothing_wrong_and_touches_nothing(world: World, tmp_path: Path) -> None:
    done = play("check", TWO, tmp_path)
    assert {host: failed for host, (_changed, failed) in done.recap().items()} == {"eu": 0, "us": 0}, done.text
    assert untouched(world)


def test_deploy_in_check_mode_lists_objects_and_touches_nothing(world: World, tmp_path: Path) -> None:
    done = play("deploy", TWO, tmp_path, "--check", "--diff", "--limit", "us")
    assert done.code == 0, done.text
    for line in ("StatefulSet monitoring/thanos-store-rules", "Deployment monitoring/thanos-query", "rules-us"):
        assert line in done.text
    assert untouched(world)


@pytest.mark.parametrize("arguments", [(), ("--tags", "objstore"), ("--tags", "stack")])
def test_same_context_of_two_hosts_is_refused_for_all_whatever_is_played(
    world: World, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = play("deploy", TWO, tmp_path, "-e", "thanos_context=eu", *arguments)
    assert done.code != 0
    assert "eu and us reach the same cluster (default kubeconfig, eu context)" in done.plain()
    assert untouched(world)


def test_same_cluster_under_two_names_is_refused_for_all(world: World, tmp_path: Path) -> None:
    hosts = {name: {"thanos_context": "eu", "thanos_objstore": world.objstore(f"same-{name}")} for name in ("eu", "us")}
    hosts["us"]["thanos_kubeconfig"] = str(world.kubeconfig)
    done = play("deploy", hosts, tmp_path)
    assert done.code != 0
    assert "eu and us reach the same cluster (uid " in done.plain()
    assert untouched(world)


@pytest.mark.parametrize("arguments", [(), ("--limit", "us"), ("--limit", "us", "--tags", "stack")])
def test_second_compactor_of_a_shared_bucket_is_refused(
    world: World, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    shared = {"thanos_objstore": world.objstore("shared")}
    hosts = {name: {"thanos_context": name, **shared} for name in ("eu", "us")}
    done = play("deploy", hosts, tmp_path, *arguments)
    assert done.code != 0
    assert "eu and us would both compact S3 bucket shared at" in done.plain()
    assert untouched(world)
    hosts["eu"]["thanos_enabled"] = "sidecar,store,query,ruler"
    assert play("check", hosts, tmp_path, *arguments[:2]).code == 0


def test_bucket_that_something_in_the_cluster_compacts_is_refused_before_there_is_a_secret(
    world: World, tmp_path: Path
) -> None:
    """Such as another stack, also in another namespace: which bucket it is follows from the inventory."""
    config = {"bucket": "taken", "endpoint": world.store.endpoint, "insecure": True}
    words = ["compact", f"--objstore.config={json.dumps({'type': 'S3', 'config': config})}"]
    pod = {"containers": [{"name": "thanos", "image": "quay.io/thanos/thanos:v0.42.4", "args": words}]}
    labels = {"app": "compactor"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    body = {
        "metadata": {"name": "compactor"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    path = "/apis/apps/v1/namespaces/default/deployments"
    world.planes["eu"].api.must("POST", path, body)
    hosts = {"eu": {"thanos_context": "eu", "thanos_objstore": world.objstore("taken")}}
    try:
        done = play("check", hosts, tmp_path, "-e", "thanos_stack=other")
    finally:
        world.planes["eu"].api.must("DELETE", f"{path}/compactor")
    assert done.code != 0
    assert "Deployment default/compactor already compacts S3 bucket taken at" in done.plain()
    assert untouched(world)
    assert play("check", hosts, tmp_path, "-e", "thanos_stack=other").code == 0


@pytest.mark.parametrize("arguments", [(), ("--limit", "us")])
def test_blocks_of_two_clusters_with_the_same_labels_are_refused(
    world: World, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    shared = {"thanos_objstore": world.objstore("shared"), "thanos_enabled": "sidecar,query", "thanos_cluster": "prod"}
    hosts = {name: {"thanos_context": name, **shared} for name in ("eu", "us")}
    done = play("check", hosts, tmp_path, *arguments)
    assert done.code != 0
    assert "sidecar of eu and sidecar of us would both write blocks with the labels {cluster: prod}" in done.plain()
    assert untouched(world)
    hosts["us"]["thanos_sidecar"] = {"external_labels": {"site": "us"}}
    assert play("check", hosts, tmp_path, *arguments).code == 0


def test_host_that_is_left_out_may_refer_to_what_is_not_at_hand(world: World, tmp_path: Path) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "eu": {"thanos_context": "eu", "thanos_objstore": {**world.objstore("of-eu"), "bucket": "{{ another_teams }}"}},
        "us": {"thanos_context": "us", "thanos_objstore": world.objstore("of-us")},
    }
    done = play("check", hosts, tmp_path, "--limit", "us")
    assert done.code == 0, done.text
    assert "eu is not part of this run, and its variables cannot be read ('another_teams' is" in done.plain()
    assert play("check", hosts, tmp_path).code != 0


@pytest.mark.parametrize("arguments", [(), ("--limit", "us", "--tags", "stack")])
def test_different_lists_of_users_of_a_shared_bucket_are_refused(
    world: World, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    def host(name: str, users: list[str], prefix: str = "") -> dict[str, Any]:
        shared = {**world.objstore("shared"), "access": {"reader": {"grant_to": users}}, "prefix": prefix}
        return {"thanos_context": name, "thanos_enabled": "query,store", "thanos_objstore": shared}

    done = play("deploy", {"eu": host("eu", ["a"]), "us": host("us", ["a", "b"])}, tmp_path, *arguments)
    assert done.code != 0
    assert "object stores default of eu and default of us are S3 bucket shared at" in done.plain()
    assert "differ in grant_to of reader" in done.plain()
    assert untouched(world)
    for us in (host("us", ["a"]), host("us", ["b"], prefix="us")):
        done = play("check", {"eu": host("eu", ["a"]), "us": us}, tmp_path, *arguments[:2])
        assert done.code == 0, done.text


def test_mistakes_of_variables_stop_the_run_before_anything_is_made(world: World, tmp_path: Path) -> None:
    host = {"thanos_context": "eu", "thanos_objstore": world.objstore("typo"), "thanos_stroe": {}, "thanos_qery": {}}
    done = play("deploy", {"eu": host}, tmp_path)
    assert done.code != 0
    assert "Did you mean 'thanos_store'?" in done.plain()
    assert "Did you mean 'thanos_query'?" in done.plain()
    assert untouched(world)


def test_survey_answers_are_texts_and_empty_ones_are_not_set(world: World, tmp_path: Path) -> None:
    answers = {
        "thanos_enabled": "query\nstore",
        "thanos_query": "replicas: 3",
        "thanos_common": "log_level: debug",
        "thanos_wait_timeout": "60",
        **dict.fromkeys(("thanos_stack", "thanos_namespace", "thanos_version", "thanos_cluster", "thanos_store"), ""),
    }
    host = {"thanos_context": "eu", "thanos_objstore": world.objstore("survey"), **answers}
    done = play("deploy", {"eu": host}, tmp_path, "--check", "--diff")
    assert done.code == 0, done.text
    assert "replicas: 3" in done.text
    assert "--log.level=debug" in done.text
    assert "thanos-compact" not in done.text


def test_a_credential_that_is_refused_stops_the_run_before_there_is_a_secret(world: World, tmp_path: Path) -> None:
    pods = {"access_key": "nobody", "secret_key": "nothing"}
    host = {"us": {"thanos_context": "us", "thanos_objstore": {**world.objstore("refused"), "pods": pods}}}
    done = play("deploy", host, tmp_path, "-e", "thanos_cluster=us")
    assert done.recap()["us"][1] == 1, done.text
    assert "the credential of all pods cannot list: " in done.plain()
    assert (world.buckets(), world.exists("us", NAMESPACE)) == ({"refused"}, False)
    # Now that there is a bucket, a check is enough to tell.
    assert "the credential of all pods cannot list: " in play("check", host, tmp_path).plain()
    assert play("teardown", host, tmp_path, "-e", "thanos_teardown_buckets=true").code == 0


ENDINGS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "all is well": ({}, ("--tags", "objstore")),
    "nothing to do": ({}, ("--tags", "objstore")),
    "a mistake in the store": ({"regoin": "eu", "retries": []}, ()),
    "a store that does not answer": ({"endpoint": "127.0.0.1:1"}, ()),
    "a mistake elsewhere": ({}, ("-e", "thanos_stroe=1")),
}


@pytest.mark.parametrize(("store", "arguments"), ENDINGS.values(), ids=ENDINGS)
def test_credentials_are_in_no_output(
    world: World, tmp_path: Path, store: dict[str, Any], arguments: tuple[str, ...]
) -> None:
    host = {"thanos_context": "us", "thanos_objstore": {**world.objstore("canary"), **store}}
    done = play("deploy", {"us": host}, tmp_path, "-vvv", "--diff", *arguments)
    assert "PLAY RECAP" in done.text
    assert leaks(done.text, {"access key": world.store.access_key, "secret key": world.store.secret_key}) == []


def test_teardown_takes_secrets_and_leaves_the_bucket_until_it_is_named(world: World, tmp_path: Path) -> None:
    host = {"us": {"thanos_context": "us", "thanos_objstore": world.objstore("canary")}}
    assert play("deploy", host, tmp_path, "--tags", "objstore").code == 0
    assert play("teardown", host, tmp_path).code == 0
    assert (world.exists("us", NAMESPACE), world.exists("us", SECRET)) == (True, False)
    assert world.buckets() == {"canary"}
    done = play("teardown", host, tmp_path, "-e", "thanos_teardown_buckets=true")
    assert done.code == 0, done.text
    assert world.buckets() == set()
    assert play("teardown", host, tmp_path, "-e", "thanos_teardown_buckets=true").recap() == {"us": (0, 0)}


@pytest.mark.parametrize("variable", ["thanos_teardown_buckets", "thanos_teardown_blocks"])
def test_bucket_that_another_cluster_uses_goes_with_both_of_them_only(
    world: World, tmp_path: Path, variable: str
) -> None:
    hosts = {
        name: {
            "thanos_context": name,
            "thanos_enabled": "query,store",
            "thanos_objstore": {**world.objstore("shared"), "prefix": name},
        }
        for name in ("eu", "us")
    }
    # Making one bucket twice at the same time is not what is tried here.
    done = play("deploy", hosts, tmp_path, "--tags", "objstore", "--forks", "1")
    assert done.code == 0, done.text
    removing = ("-e", f"{variable}=true")
    for chosen in (("--limit", "eu"), ("-e", "thanos_hosts=eu")):
        done = play("teardown", hosts, tmp_path, *removing, *chosen)
        assert done.code != 0
        assert "is to be removed, and is the bucket of us too, which this run does not tear down" in done.plain()
        assert (world.buckets(), world.exists("eu", SECRET)) == ({"shared"}, True)
    # Without its bucket a cluster may go alone.
    assert play("teardown", hosts, tmp_path, "--limit", "eu").code == 0
    assert (world.buckets(), world.exists("eu", SECRET), world.exists("us", SECRET)) == ({"shared"}, False, True)
    done = play("teardown", hosts, tmp_path, *removing)
    assert done.code == 0, done.text
    assert world.buckets() == set()
