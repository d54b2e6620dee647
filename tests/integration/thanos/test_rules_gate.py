# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that waits for rules, on a real ruler behind a path prefix; a stand-in for an API server passes requests."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.client import Client
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import Ref
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.phases import Gate, Snapshot, Verdict
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.response import Response, parsed
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rule_files import slots
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules_gate import Ruler as Expected
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules_gate import rules_gate
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.testbed import ports
from tests.testbed.build import build
from tests.testbed.process import Command, ProcessGroup
from tests.testbed.progress import Progress

pytestmark = pytest.mark.api
PREFIX = "--web.route-prefix=/r"
GOOD = "groups: [{name: g, rules: [{record: x, expr: up}]}]"
BAD = "groups: [{name: g, rules: [{record: x, expr: 'sum('}]}]"


STACK = parse({"cluster": "eu", "instances": {"ruler": {"fullname": "r"}}})
(WORKLOAD,) = STACK.workloads(STACK.instances[0])


class Ruler:
    """One ``thanos rule`` on a loopback address of its own, and the pod that it would be."""

    def __init__(self, directory: Path) -> None:
        self.address = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}.200"
        self.rules = directory / "rules"
        self.rules.mkdir()
        self.processes = ProcessGroup(directory)
        arguments = (
            "rule",
            PREFIX,
            f"--http-address={self.address}:10902",
            f"--grpc-address={self.address}:10901",
            f"--data-dir={directory / 'data'}",
            f"--rule-file={self.rules}/*.yaml",
            "--query=http://127.0.0.1:1",
            '--label=ruler="r"',
        )
        program = str(build(("thanos",), Progress(quiet=True))["thanos"])
        self.processes.start(Command("ruler", (program, *arguments), (), {}))
        self.processes.wait_ready("ruler", self.ready, 60)
        container = {"name": "thanos-ruler", "args": list(arguments)}
        metadata = {"name": "r-0", "uid": "r-0", "labels": {"app.kubernetes.io/instance": "r"}}
        self.pod = {"metadata": metadata, "spec": {"containers": [container]}}

    def ready(self) -> bool:
        return ports.accepts(self.address, 10902)

    def write(self, files: dict[str, str]) -> dict[str, str]:
        """What a kubelet does with the ConfigMaps; returns the files."""
        for old in self.rules.iterdir():
            old.unlink()
        for name, text in (item for slot in slots(files) for item in slot.items()):
            (self.rules / name).write_text(text)
        return files

    def query(self) -> str:
        """The expression of the first rule that the ruler has loaded."""
        groups = self.request("GET", "/proxy/r/api/v1/rules", ok=()).body["data"]["groups"]
        return str(groups[0]["rules"][0]["query"])

    def mask(self, text: str) -> str:
        return text

    def request(self, method: str, path: str, *, ok: Collection[int], **_more: Any) -> Response:
        """As an API server does: the log of the pod, and its proxy."""
        if path.endswith("/pods/r-0/log"):
            return parsed(200, {}, self.processes.log("ruler").read_bytes())
        url = f"http://{self.address}:10902{path.partition('/proxy')[2]}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
                return parsed(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            if error.code not in ok:
                raise
            return parsed(error.code, error.headers, error.read())

    def gate(self, expected: dict[str, str]) -> Gate:
        """That of a run with these files."""
        return rules_gate("monitoring", {"r": Expected(WORKLOAD, expected)})

    def judged(
        self, expected: dict[str, str], *, rounds: int, age: float = 0, gate: Gate | None = None, **more: Any
    ) -> Verdict:
        """The verdict after some rounds, of a gate of its own or of one that has seen others."""
        gate = gate or self.gate(expected)
        assert gate.action
        now = datetime.now(timezone.utc)
        for _round in range(rounds):
            seen = Snapshot({"Pod": (self.pod,)}, now - timedelta(seconds=age), now, **more)
            answer = gate.action(cast(Client, self), seen)
        return gate.check(Snapshot({"Pod": (self.pod,)}, now - timedelta(seconds=age), now, answer=answer, **more))


@pytest.fixture(scope="module")
def ruler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ruler]:
    """A ruler without any rules yet."""
    running = Ruler(tmp_path_factory.mktemp("ruler"))
    yield running
    running.processes.stop("ruler", grace=0)


def test_gate_reloads_a_ruler_behind_a_prefix_and_opens(ruler: Ruler) -> None:
    expected = ruler.write({"a.yaml": GOOD})
    assert ruler.judged(expected, rounds=1).state == "waiting"
    assert ruler.judged(expected, rounds=1).state == "done"


def test_expression_that_the_ruler_refuses_is_told_and_ends_the_wait(ruler: Ruler) -> None:
    expected = ruler.write({"a.yaml": BAD})
    assert ruler.judged(expected, rounds=1).state == "waiting"
    verdict = ruler.judged(expected, rounds=1, age=121)
    assert verdict.state == "failed"
    assert "r-0: refuses the rules: " in verdict.reason
    assert "a.yaml" in verdict.reason
    assert "could not parse expression" in verdict.reason


def test_ruler_that_had_refused_rules_takes_repaired_ones(ruler: Ruler) -> None:
    ruler.judged(ruler.write({"a.yaml": BAD}), rounds=1)
    assert ruler.judged(ruler.write({"a.yaml": GOOD}), rounds=2).state == "done"


def test_fewer_slots_are_loaded_once_the_last_one_is_gone(ruler: Ruler) -> None:
    """While its ConfigMap is there its marker is loaded too, so the gate must come after its removal."""
    two = {name: f"# {'x' * 600_000}\n{GOOD.replace('name: g', f'name: {name[0]}')}" for name in ("a.yaml", "b.yaml")}
    assert ruler.judged(ruler.write(two), rounds=2).state == "done"
    assert ruler.judged({"a.yaml": two["a.yaml"]}, rounds=2).state == "waiting"
    assert ruler.judged(ruler.write({"a.yaml": two["a.yaml"]}), rounds=2).state == "done"


def test_file_that_was_emptied_beside_its_digest_is_loaded_again(ruler: Ruler) -> None:
    """What somebody did by hand to a ConfigMap, with a reload after it; a deploy then repairs the ConfigMap."""
    expected = ruler.write({"a.yaml": GOOD, "b.yaml": GOOD})
    assert ruler.judged(expected, rounds=2).state == "done"
    emptied = ruler.rules / "a.yaml"
    emptied.write_text("groups: []")
    ruler.request("POST", "/proxy/r/-/reload", ok=())
    emptied.write_text(GOOD)
    verdict = ruler.judged(expected, rounds=1)
    assert (verdict.state, verdict.reason) == (
        "waiting",
        "r-0: without the new rules yet: group g of a.yaml is not loaded",
    )
    assert ruler.judged(expected, rounds=1).state == "done"


def test_repaired_file_that_shows_as_loaded_is_waited_for_no_longer(ruler: Ruler) -> None:
    """A run may have less time than a kubelet takes at most; who saw the old rules go need not wait that long."""
    expected = ruler.write({"a.yaml": GOOD, "b.yaml": GOOD})
    assert ruler.judged(expected, rounds=2).state == "done"
    (ruler.rules / "a.yaml").write_text("groups: []")
    ruler.request("POST", "/proxy/r/-/reload", ok=())
    (slot,) = slots(expected)
    before = {Ref("ConfigMap", "monitoring", "r-rules-0"): {"data": {**slot, "a.yaml": "groups: []"}}}
    gate = ruler.gate(expected)
    assert ruler.judged(expected, rounds=1, before=before, gate=gate).state == "waiting"
    (ruler.rules / "a.yaml").write_text(GOOD)
    assert ruler.judged(expected, rounds=2, before=before, gate=gate).state == "done"


def test_expression_that_was_edited_beside_its_digest_is_loaded_again(ruler: Ruler) -> None:
    """The rules API shows nothing that tells it, so reloads go on until the repaired file must have arrived."""
    expected = ruler.write({"a.yaml": GOOD})
    assert ruler.judged(expected, rounds=2).state == "done"
    (ruler.rules / "a.yaml").write_text(GOOD.replace("expr: up", "expr: down"))
    ruler.request("POST", "/proxy/r/-/reload", ok=())
    assert ruler.query() == "down"
    (slot,) = slots(expected)
    before = {
        Ref("ConfigMap", "monitoring", "r-rules-0"): {
            "data": {**slot, "a.yaml": GOOD.replace("expr: up", "expr: down")}
        }
    }
    assert ruler.judged(expected, rounds=1, before=before).state == "waiting"
    (ruler.rules / "a.yaml").write_text(GOOD)
    assert ruler.judged(expected, rounds=1, before=before, age=121).state == "done"
    assert ruler.query() == "up"


def test_rules_that_thanos_shows_once_or_in_another_order_are_as_given(ruler: Ruler) -> None:
    """It sorts the rules of a group, and shows those that differ in nothing but annotations as one."""
    group = """groups: [{name: g, labels: {team: a}, rules: [
        {record: z, expr: up}, {record: a, expr: up}, {record: z, expr: up}, {alert: B, expr: up},
        {alert: B, expr: up, annotations: {summary: s}}]}, {name: empty, rules: []}]"""
    assert ruler.judged(ruler.write({"a.yaml": group, "none.yaml": "groups: []"}), rounds=2).state == "done"
