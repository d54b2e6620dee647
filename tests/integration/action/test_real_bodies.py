# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection's own tasks return is equal in the controller's process and as a module, on real servers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.stores.store import Store

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

pytestmark = pytest.mark.api

WAYS = ("plugin", "module")
# What Ansible itself adds to what a module returns.
_ANSIBLES = {"invocation", "exception", "ansible_parsed"}
# What a server chooses, and the name that tells the two ways apart.
_OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:]+Z|(?<=digest: )\w+|<redacted \w+>|\b10\.96\.\d+\.\d+|"
    r"(?<=thanos-query-)[a-z0-9]+-[a-z0-9]+|\b(plugin|module)-\w+|"
    # How far a controller has come within the second that is waited.
    r"(?<=thanos-store: )[^\\\\]+|"
    r"-----BEGIN CERTIFICATE.*?END CERTIFICATE-----|\b[0-9a-f]{64}\b|(?<= CA )[0-9a-f]{8}"
)
STACK = {"cluster": "eu", "wait": False, "instances": {"query": {}, "store": {"replicas": 2}}}
# Without nodes the third pod never gets ready, so that this fails after it wrote.
LARGER = {**STACK, "instances": {"query": {}, "store": {"replicas": 3}}, "wait": True, "wait_timeout": 1}
BAD = {"cluster": "eu", "instances": {"query": {"replicas": -1}, "stoer": {}}}


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as running:
        standard = {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
        body = {"metadata": standard, "provisioner": "nobody"}
        running.api.must("POST", "/apis/storage.k8s.io/v1/storageclasses", body)
        yield running


@pytest.fixture(scope="module")
def objects() -> Iterator[Store]:
    with Store("versitygw") as running:
        yield running


def tasks(way: str, plane: ControlPlane, objects: Store) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(module, its arguments, keywords of the task): check, present, again, wrong, absent."""
    here = {"kubeconfig": str(plane.kubeconfig), "namespace": f"{way}-namespace"}
    place = objects.place
    keys = {"access_key": place.access_key, "secret_key": place.secret_key, "insecure": not place.tls}
    store = {"type": "S3", "bucket": f"{way}-bucket", "endpoint": place.endpoint, **keys}
    secret = {**here, "name": "own", "items": [{"key": "a", "value": "canary-value"}]}
    look = {"check_mode": True, "diff": True}
    for name, arguments in (
        ("bucket", {"store": store, "timeout": 5}),
        ("secret", secret),
        ("objstore_secret", {**here, "store": store}),
        ("pki", {**here, "client": {"trust": {}}, "server_ca": True, "rotate": {"server_ca": "begin"}}),
        ("stack", {**here, **STACK}),
    ):
        yield name, arguments, look
        yield name, arguments, {"diff": True}
        yield name, arguments, {"diff": True}
    yield "stack", {**here, **LARGER}, {}
    yield "bucket_info", {"store": store, "timeout": 5}, {}
    yield "bucket_access", {"store": store, "reader": ["nobody"]}, {}
    yield "verify", {**here, "cluster": "eu", "instances": STACK["instances"], "timeout": 0}, {}
    yield "stack", {**here, **BAD}, {}
    yield "verify", {**here, **BAD}, {}
    yield "secret", {**secret, "items": [{"key": "a", "valeu": "canary-value"}]}, {}
    yield "bucket", {"store": {**store, "bukcet": "x"}}, {}
    yield "pki", {**here, "client_ca": {"secret": "none"}, "server": {"names": ["a.internal"], "trust": ["torn"]}}, {}
    yield "stack", {**here, "cluster": "eu", "instances": {}, "state": "absent", "wait": False}, {"diff": True}
    yield "secret", {**secret, "state": "absent"}, {"diff": True}
    yield "pki", {**here, "state": "absent", "delete_authorities": True}, {"diff": True}
    yield "bucket", {"store": store, "state": "absent", "timeout": 5}, {"diff": True}


def told(result: dict[str, Any]) -> str:
    """A result without what Ansible adds, and without what differs between any two runs."""
    kept = {k: v for k, v in result.items() if k not in _ANSIBLES and not k.startswith("ansible_")}
    return _OWN.sub("…", json.dumps(kept, sort_keys=True, indent=1))


def test_results_are_equal_both_ways(plays: Plays, plane: ControlPlane, objects: Store) -> None:
    todo = []
    for way in WAYS:
        variables = {"vars": {"ansible_python_interpreter": plays.other_python}} if way == "module" else {}
        for number, (name, arguments, keywords) in enumerate(tasks(way, plane, objects)):
            named = {"register": f"{way}_{number:02}_{name}", "ignore_errors": True}
            todo.append({f"o11y.thanos.{name}": arguments, **named, **keywords, **variables})
    done = plays.run(todo, "-vvv")
    assert done.text.count("Using module file") == len(todo) / 2
    (found,) = done.registered
    names = [name.removeprefix("plugin_") for name in found if name.startswith("plugin_")]
    assert len(names) == len(todo) / 2
    assert [name for name in names if found[f"plugin_{name}"].get("changed")]
    assert [name for name in names if found[f"plugin_{name}"].get("failed")]
    results = [found[f"{way}_{name}"] for way in WAYS for name in names]
    wrote = [result for result in results if result.get("failed") and "objects" in result]
    assert len(wrote) == len(WAYS)
    for result in wrote:
        assert result["changed"]
        assert "thanos-store" in {o["name"] for o in result["objects"] if o["action"] == "updated"}
    for name in names:
        assert told(found[f"plugin_{name}"]) == told(found[f"module_{name}"]), name
    assert "canary-value" not in done.text + done.log + json.dumps(found)
