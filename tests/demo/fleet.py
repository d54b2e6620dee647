# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo over three clusters: a hub that queries two edges, deployed and proven by the playbook alone."""

from __future__ import annotations

from tests.demo import places
from tests.demo.playbook import Player
from tests.demo.server import Server
from tests.tasks.tree import ROOT
from tests.testbed.paths import state_dir
from tests.testbed.progress import Progress

INVENTORY = ROOT / "examples/hub-and-edges/inventory.yml"
# Hosts of that inventory, and contexts of the kubeconfig.
CLUSTERS = ("hub", "eu", "us")


def up(progress: Progress) -> None:
    """Boot or find the clusters, deploy, prove, leave them up."""
    reaches = places.boot_all(CLUSTERS, progress)
    store = places.testbed_store(progress)
    report = state_dir() / "demo-report"
    report.mkdir(exist_ok=True)
    environment = {"K8S_AUTH_KUBECONFIG": reaches[0].kubeconfig, "S3_INSECURE": "true", **store.environment}
    player = Player(environment, ("-e", f"thanos_report_dir={report}"), progress, INVENTORY)
    player.play("deploy")
    hub = Server(reaches[0].kubeconfig, reaches[0].context, progress)
    print("\nThe demo is up: a hub and two edges.")
    print(f"  {'Query UI':<14} http://{next(iter(hub.node_addresses()), 'NODE')}:{hub.node_port('thanos-query')}")
    print(f"  {'report':<14} {report / 'fleet.html'}")
    print(f"  {'kubeconfig':<14} {reaches[0].kubeconfig} (contexts {', '.join(CLUSTERS)})")
    for what, text in places.for_others(reaches[0], store):
        print(f"  {what:<14} {text}")
    print(f"  {'once more':<14} make demo CLUSTERS={len(CLUSTERS)}   deploys and verifies again: changed=0")
    print(f"  {'remove it':<14} make demo-down")
