# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""External labels as real programs have them, and texts of rules: each as the user typed it."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from tests.support.kubelet import expanded
from tests.support.receiving import receiving_stack
from tests.support.remote_write import write
from tests.support.waiting import answers, until
from tests.testbed.build import build
from tests.testbed.process import Command, ProcessGroup
from tests.testbed.progress import Progress

pytestmark = pytest.mark.api
ADDRESS = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}.201"
# Beyond 16 bits: JSON's escapes write it in two halves, which YAML does not have.
FIRE = "\U0001f525 disk full"
TEXTS = (
    "$HOME",
    "${HOME}",
    "$(HOME)",
    "a$b",
    "pay$me",
    "$$",
    "$$$",
    "$",
    "$1",
    "$(POD_NAME)",
    "${POD_NAME}",
    "$POD_NAME",
    "$$(POD_NAME)",
    FIRE,
    "ä ☂ \U0001d11e",
    "line\nbreak, tab\t, \"quote\", 'quote', back\\slash, \x7f \x85 \u2028 \ufeff end",
    "{{ $labels.x }}",
    "%s # yes",
)
LABELS = {f"text_{i}": text for i, text in enumerate(TEXTS)}


class Tier:
    """What one tier renders, with labels of the user's own."""

    def __init__(self, tier: str, replica: Mapping[str, str], **options: Any) -> None:
        labels = {"external_labels": {**LABELS, **replica}}
        self.stack = parse({"cluster": "eu", "instances": {tier: {**labels, **options}}})
        (instance,) = self.stack.instances
        self.manifests = instance.tier.render(instance, Context(self.stack, Facts()))
        (promise,) = expectations(self.stack).promises
        self.promised = promise.labels[f"thanos-{tier}-0"]
        self.env = {"POD_NAME": f"thanos-{tier}-0", "HOME": "/home"}

    def arguments(self, container: str) -> list[str]:
        """Those that the program gets from its kubelet."""
        (workload,) = [m for m in self.manifests if m["kind"] == "StatefulSet"]
        containers = {c["name"]: c for c in workload["spec"]["template"]["spec"]["containers"]}
        return [expanded(argument, self.env) for argument in containers[container]["args"]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts a program with arguments and environment, waits for its port and returns its URL."""
    processes = ProcessGroup(tmp_path)
    started = []

    def one(program: str, arguments: list[str], env: Mapping[str, str], port: int) -> str:
        path = str(build((program,), Progress(quiet=True))[program])
        processes.start(Command(program, (path, *arguments), (), env))
        started.append(program)
        processes.wait_ready(program, lambda: answers(f"http://{ADDRESS}:{port}/-/ready"), 60)
        return f"http://{ADDRESS}:{port}"

    yield one
    for program in started:
        processes.stop(program, grace=0)


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


@pytest.mark.parametrize("replica", ["${POD_NAME}", "eu$-${POD_NAME}$(POD_NAME)$x"])
def test_labels_of_prometheus_arrive_as_typed(start: Callable[..., str], tmp_path: Path, replica: str) -> None:
    tier = Tier("sidecar", {"prometheus_replica": replica})
    (config,) = [m["data"]["prometheus.yml"] for m in tier.manifests if m["kind"] == "ConfigMap"]
    path = tmp_path / "prometheus.yml"
    path.write_text(config, encoding="utf-8")
    own = [f"--config.file={path}", f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address={ADDRESS}:9090"]
    replaced = tuple(argument.split("=", maxsplit=1)[0] for argument in own)
    rest = [argument for argument in tier.arguments("prometheus") if not argument.startswith(replaced)]
    url = start("prometheus", [*own, *rest], tier.env, 9090)
    loaded = yaml.safe_load(asked(f"{url}/api/v1/status/config")["yaml"])["global"]["external_labels"]
    wanted = {"cluster": "eu", **LABELS, "prometheus_replica": replica.replace("${POD_NAME}", "thanos-sidecar-0")}
    assert loaded == wanted
    assert tier.promised == wanted


ALERT = {"alert": "Full", "expr": "up == 0", "annotations": {"summary": FIRE, "runbook": "$HOME ä ☂ {{ $labels.x }}"}}
RULES = {
    "object.yaml": {"groups": [{"name": "object", "rules": [ALERT]}]},
    "text.yaml": yaml.safe_dump({"groups": [{"name": "text", "rules": [ALERT]}]}, allow_unicode=True),
    "escaped.yaml": yaml.safe_dump({"groups": [{"name": "escaped", "rules": [ALERT]}]}),
}


@pytest.mark.parametrize("replica", ["$(POD_NAME)", "eu$$(POD_NAME)${POD_NAME}$x"])
def test_labels_and_rules_of_a_ruler_arrive_as_typed(start: Callable[..., str], tmp_path: Path, replica: str) -> None:
    tier = Tier("ruler", {"rule_replica": replica}, rules=RULES)
    for manifest in tier.manifests:
        for name, text in manifest["data"].items() if manifest["kind"] == "ConfigMap" else ():
            (tmp_path / name).write_text(text, encoding="utf-8")
    own = [f"--http-address={ADDRESS}:10902", f"--grpc-address={ADDRESS}:10901", f"--data-dir={tmp_path}/data"]
    own += [f"--rule-file={tmp_path}/*.yaml", "--query=http://127.0.0.1:1"]
    replaced = (*(argument.split("=", maxsplit=1)[0] for argument in own), "--objstore")
    rest = [argument for argument in tier.arguments("thanos-ruler") if not argument.startswith(replaced)]
    url = start("thanos", ["rule", *own, *rest[1:]], tier.env, 10902)
    groups = {group["name"]: group["rules"][0] for group in asked(f"{url}/api/v1/rules")["groups"]}
    assert {groups.pop(name)["annotations"]["summary"] for name in ("object", "text", "escaped")} == {FIRE}
    (marker,) = groups.values()
    loaded = {name: text for name, text in marker["labels"].items() if name not in ("slot", "digest")}
    wanted = {"cluster": "eu", "ruler": "thanos-ruler", **LABELS}
    wanted["rule_replica"] = replica.replace("$(POD_NAME)", "thanos-ruler-0")
    assert loaded == wanted
    assert tier.promised == wanted


def test_labels_of_a_receive_and_of_its_hashrings_arrive_as_typed(tmp_path: Path) -> None:
    labels = {f"receive_{name}": text for name, text in LABELS.items()}
    own = {"receive_ring": "$ring $(POD_NAME)", "receive_text_0": "$$HOME"}
    ring = {"name": "default", "external_labels": own}
    one = {"router": {"replicas": 1}, "replicas": 1, "replication_factor": 1, "hashrings": [ring]}
    with receiving_stack(tmp_path, {**one, "external_labels": labels}) as receiving:
        sample = ({"__name__": "arrived"}, [(now(), 1.0)])
        assert write(receiving.address("thanos-receive-router-0", 19291), [sample]) == 200
        (series,) = until(lambda: receiving.query("arrived", dedup="false"))
        promises = expectations(parse(receiving.params)).promises
    pod = "thanos-receive-default-0"
    wanted = {**labels, **own, "receive_cluster": "hub", "receive_instance": "thanos-receive"}
    wanted["receive_replica"] = pod
    assert next(promise.labels[pod] for promise in promises if pod in promise.labels) == wanted
    assert series["metric"] == {"__name__": "arrived", "tenant_id": "default-tenant", **wanted}


def now() -> int:
    """In milliseconds since 1970."""
    return int(time.time() * 1000)
