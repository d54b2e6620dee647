# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rolls the same objects out into many clusters: our playbook, a task of kubernetes.core, and Helm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import wheel
from tests.benchmarks.measure import Command
from tests.benchmarks.others import CORE, Others
from tests.benchmarks.plays import NOW, Plays, kubeconfig_without_tls, versions
from tests.benchmarks.stage import NAMESPACE, host
from tests.support.asked import PARAMS
from tests.testbed.stores.base import Place

OURS, HELM = "deploy", "helm upgrade"
# Of all three: more hide no latency any more, and would only take memory.
FORKS, HELMS = 20, 8
# What makes sixty objects of five tiers: queriers and stores beside the first.
MORE = {f"{tier}-{name}": {"tier": tier} for name in "bcd" for tier in ("query", "store")}
TIERS = {f"thanos_{tier}": options for tier, options in PARAMS["instances"].items()}
CALLBACKS = Path(__file__).parent / "callbacks"


def site(name: str, kubeconfig: Path, place: Place) -> dict[str, Any]:
    """The variables of a cluster, which has a bucket of its own.

    All clusters are called ``eu``, since the Prometheis behind all of their pods are the same.
    """
    objstore = {"type": "S3", "bucket": name, "endpoint": place.endpoint, "insecure": True}
    objstore |= {"access_key": place.access_key, "secret_key": place.secret_key}
    more = {"thanos_objstore": objstore, "thanos_instances": MORE, "thanos_verify_timeout": 60}
    return host(NAMESPACE, kubeconfig, **TIERS, **more)


@dataclass(frozen=True)
class Tools:
    """Makes the command of each tool over clusters whose URLs are given: name → URL.

    ``others`` is None until it is known what our run applies.
    """

    plays: Plays
    place: Place
    others: Others | None = None

    def commands(self) -> dict[str, Callable[[Mapping[str, str]], Command]]:
        """Tool → what makes its command; it is the same for the first run and for each further one."""
        return {OURS: self.ours, CORE: self.core, HELM: self.helm}

    def ours(self, urls: Mapping[str, str]) -> Command:
        """The playbook ``deploy``."""
        hosts = {name: site(name, path, self.place) for name, path in self._kubeconfigs(OURS, urls).items()}
        return self._playbook(OURS, "o11y.thanos.deploy", hosts, versions()[NOW])

    def core(self, urls: Mapping[str, str]) -> Command:
        """One task."""
        assert self.others
        hosts = {name: {"thanos_kubeconfig": str(path)} for name, path in self._kubeconfigs("core", urls).items()}
        return self._playbook(CORE, self.others.core_play(), hosts, wheel.collections())

    def helm(self, urls: Mapping[str, str]) -> Command:
        """One program a cluster."""
        assert self.others
        names = self.plays.folder / "kubeconfigs"
        names.write_text("\n".join(map(str, self._kubeconfigs("helm", urls).values())))
        options = ("upgrade", "--install", "thanos", str(self.others.chart()), "--namespace", "helm")
        each = (str(self.others.programs["helm"]), *options, "--kubeconfig", "{}")
        argv = ("xargs", "-a", str(names), "-P", str(HELMS), "-I", "{}", *each)
        # Its caches belong to the run.
        return Command(HELM, argv, {"HOME": str(self.plays.folder)}, self.plays.folder, watched=True)

    def tasks(self, name: str) -> list[tuple[str, str, float, float]]:
        """What the tasks of the last run of a playbook cost: play, task, seconds of wall clock and CPU."""
        return [tuple(row) for row in json.loads(self._costs(name).read_text())]

    def _playbook(self, name: str, playbook: str, hosts: dict[str, Any], collections: Path) -> Command:
        inventory = self.plays.inventory(name, hosts)
        made = self.plays.command(name, playbook, inventory, [collections], "--forks", str(FORKS), watched=True)
        more = {"ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "task_costs"}
        more |= {"TASK_COSTS": str(self._costs(name))}
        return Command(name, made.argv, {**made.environment, **more}, made.folder, watched=True)

    def _costs(self, name: str) -> Path:
        return self.plays.folder / f"{name}.costs.json"

    def _kubeconfigs(self, tool: str, urls: Mapping[str, str]) -> dict[str, Path]:
        return {name: kubeconfig_without_tls(self.plays.folder, url, f"{tool}-{name}") for name, url in urls.items()}


def empty_buckets(place: Place) -> None:
    """Remove all buckets, which hold nothing that anybody needs."""
    # Here, since only the clusters' benchmark needs it.
    import boto3

    keys = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    client = boto3.client("s3", endpoint_url=place.url, region_name="us-east-1", **keys)
    for bucket in client.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for found in client.list_objects_v2(Bucket=name).get("Contents", ()):
            client.delete_object(Bucket=name, Key=found["Key"])
        client.delete_bucket(Bucket=name)


def sizes() -> list[int]:
    """Numbers of clusters, the smallest first."""
    return sorted(int(each) for each in os.environ.get("BENCH_CLUSTERS", "50,200").split(","))
