# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""External labels as a real Prometheus and a real ruler have them: with each text that the user typed."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import slots
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import expectations
from tests.support.waiting import answers
from tests.testbed.build import build
from tests.testbed.process import Command, ProcessGroup
from tests.testbed.progress import Progress

pytestmark = pytest.mark.api
ADDRESS = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}.201"
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
    "\U0001f525 disk full",
    "ä ☂ \U0001d11e",
    "line\nbreak, tab\t, \"quote\", 'quote', back\\slash, \x7f \x85 \u2028 \ufeff end",
    "{{ $labels.x }}",
    "%s # yes",
)
LABELS = {f"text_{i}": text for i, text in enumerate(TEXTS)}


def expanded(argument: str, env: Mapping[str, str]) -> str:
    """What a kubelet makes of a container's argument (k8s.io/kubernetes/third_party/forked/golang/expansion)."""

    def one(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else env.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", one, argument)


class Tier:
    """What one tier renders, with labels of the user's own."""

    def __init__(self, tier: str, replica: Mapping[str, str]) -> None:
        self.stack = parse({"cluster": "eu", "instances": {tier: {"external_labels": {**LABELS, **replica}}}})
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


@pytest.mark.parametrize("replica", ["$(POD_NAME)", "eu$$(POD_NAME)${POD_NAME}$x"])
def test_labels_of_a_ruler_arrive_as_typed(start: Callable[..., str], tmp_path: Path, replica: str) -> None:
    tier = Tier("ruler", {"rule_replica": replica})
    for name, text in slots({})[0].items():
        (tmp_path / name).write_text(text)
    own = [f"--http-address={ADDRESS}:10902", f"--grpc-address={ADDRESS}:10901", f"--data-dir={tmp_path}/data"]
    own += [f"--rule-file={tmp_path}/*.yaml", "--query=http://127.0.0.1:1"]
    replaced = (*(argument.split("=", maxsplit=1)[0] for argument in own), "--objstore")
    rest = [argument for argument in tier.arguments("thanos-ruler") if not argument.startswith(replaced)]
    url = start("thanos", ["rule", *own, *rest[1:]], tier.env, 10902)
    (group,) = asked(f"{url}/api/v1/rules")["groups"]
    loaded = {name: text for name, text in group["rules"][0]["labels"].items() if name not in ("slot", "digest")}
    wanted = {"cluster": "eu", "ruler": "thanos-ruler", **LABELS}
    wanted["rule_replica"] = replica.replace("$(POD_NAME)", "thanos-ruler-0")
    assert loaded == wanted
    assert tier.promised == wanted
