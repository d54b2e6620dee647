# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's bridge, and the network namespaces of nodes that hang on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.testbed.errors import TestbedError
from tests.testbed.plan import BRIDGE, BRIDGE_ADDRESS, BRIDGE_PREFIX, NodePlan
from tests.testbed.shell import attempt, run

# Where the host filters bridged traffic (Docker does), clusters must still reach each other.
_FORWARD = ("FORWARD", "-i", BRIDGE, "-o", BRIDGE, "-m", "comment", "--comment", "o11y-thanos-testbed", "-j", "ACCEPT")


def bridge_exists() -> bool:
    """Whether the host has the testbed's bridge."""
    return attempt("ip", "link", "show", BRIDGE).returncode == 0


def create_bridge() -> None:
    """Make the bridge and its address, as far as they are missing."""
    if not bridge_exists():
        _refuse_foreign_address()
        run("ip", "link", "add", BRIDGE, "type", "bridge")
    _address(BRIDGE, f"{BRIDGE_ADDRESS}/{BRIDGE_PREFIX}")
    if attempt("iptables", "-w", "-C", *_FORWARD).returncode != 0:
        run("iptables", "-w", "-I", *_FORWARD)


def addresses_on_bridge() -> set[str]:
    """The addresses of all nodes on the bridge, whichever state folder they belong to."""
    answer = attempt("ip", "-json", "link", "show", "master", BRIDGE)
    links: list[dict[str, str]] = json.loads(answer.stdout or "[]") if answer.returncode == 0 else []
    return {link["ifalias"] for link in links if "ifalias" in link}


def remove_bridge() -> None:
    """Remove the bridge and the rule that belongs to it, unless nodes are on it; absent is not an error."""
    if addresses_on_bridge():
        return
    while attempt("iptables", "-w", "-D", *_FORWARD).returncode == 0:
        continue
    attempt("ip", "link", "delete", BRIDGE)


def create_namespace(node: NodePlan) -> None:
    """Make the node's namespace and its cable to the bridge, as far as they are missing."""
    if attempt(*node.enter(), "true").returncode != 0:
        # Absent, or a mere file: what an interrupted attempt leaves.
        node.namespace.unlink(missing_ok=True)
        run("ip", "netns", "add", node.name)
    if attempt("ip", "link", "show", node.link).returncode != 0:
        run("ip", "link", "add", node.link, "type", "veth", "peer", "name", "eth0", "netns", node.name)
    run("ip", "link", "set", node.link, "alias", node.address, "master", BRIDGE, "up")
    inside = ("-netns", node.name)
    run("ip", *inside, "link", "set", "lo", "up")
    _address("eth0", f"{node.address}/{BRIDGE_PREFIX}", *inside)
    # Services' addresses are rewritten after routing, so there must be a route for them.
    run("ip", *inside, "route", "replace", "default", "via", BRIDGE_ADDRESS)
    run(*node.enter(), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")


def route_to(node: NodePlan, others: Iterable[NodePlan]) -> None:
    """Have the node send what is for pods of the others to these."""
    for other in others:
        run("ip", "-netns", node.name, "route", "replace", other.pod_range, "via", other.address)


def cut(node: NodePlan) -> None:
    """Pull the node's cable."""
    attempt("ip", "link", "set", node.link, "down")


def remove_namespace(node: NodePlan) -> None:
    """Remove the node's namespace and its cable; absent is not an error."""
    attempt("ip", "link", "delete", node.link)
    attempt("ip", "netns", "delete", node.name)
    node.namespace.unlink(missing_ok=True)


def processes_in(node: NodePlan) -> list[int]:
    """Every process of the host that lives in the node's namespace."""
    if not node.namespace.exists():
        return []
    return [int(pid) for pid in attempt("ip", "netns", "pids", node.name).stdout.split()]


def _address(link: str, address: str, *inside: str) -> None:
    run("ip", *inside, "address", "replace", address, "dev", link)
    run("ip", *inside, "link", "set", link, "up")


def _refuse_foreign_address() -> None:
    for link in json.loads(run("ip", "-json", "address")):
        addresses: list[dict[str, Any]] = link.get("addr_info", [])
        if any(str(address.get("local", "")).startswith("10.99.0.") for address in addresses):
            raise TestbedError(
                f"the interface {link['ifname']} of this host has an address in 10.99.0.0/24, which the testbed uses; "
                "take it down and run this again"
            )
