# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: names, addresses and folders of clusters and their nodes.

All of them hang on one bridge of the host. A cluster has a number of its own, from which its addresses follow; a node
has a network namespace, an address on the bridge, a range for its pods, a cgroup and a zone of its own. The control
plane lives in the namespace of the first node.
"""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.components import Ports, ServerPlan
from tests.testbed.errors import TestbedError

NETNS = Path("/run/netns")
BRIDGE = "o11y-tb0"
BRIDGE_ADDRESS = "10.99.0.1"
BRIDGE_PREFIX = 24
MOST_CLUSTERS = 20
MOST_NODES = 9
# The kernel allows 15 characters for the name of a link: "o11y-", the prefix, two digits.
_PREFIX = re.compile(r"[a-z][a-z0-9]{0,7}")
_PORTS = Ports(api=6443, etcd=2379, etcd_peer=2380, controllers=10257, scheduler=10259)


@dataclass(frozen=True)
class NodePlan:
    """One node. ``link`` is the host's end of its cable to the bridge, ``pod_range`` a CIDR, ``zone`` what it says of
    where it is."""

    name: str
    directory: Path
    address: str
    pod_range: str
    link: str
    zone: str

    @property
    def namespace(self) -> Path:
        """The network namespace, as a file."""
        return NETNS / self.name

    @property
    def cgroup(self) -> str:
        """Name of the cgroup, in every hierarchy, that holds the node's pods."""
        return f"o11y-{self.name}"

    @property
    def cni_network(self) -> str:
        """Name of the pod network; the CNI plugins name their files after it."""
        return f"o11y-testbed-{self.name}"

    def enter(self) -> tuple[str, ...]:
        """What runs the rest of a command line inside the namespace.

        Not ``ip netns exec``: it mounts /sys anew, which hides the cgroups from the kubelet.
        """
        return ("nsenter", f"--net={self.namespace}", "--")


@dataclass(frozen=True)
class ClusterPlan:
    """One cluster; ``number`` is unique on the host."""

    name: str
    number: int
    directory: Path
    nodes: tuple[NodePlan, ...]

    @property
    def server(self) -> ServerPlan:
        """The control plane, in the namespace of the first node."""
        return ServerPlan(self.name, self.directory / "server", self.nodes[0].address, _PORTS, published=True)


def cluster(name: str, number: int, directory: Path, nodes: int = 1) -> ClusterPlan:
    """The plan of the cluster ``name`` with number 1 to :data:`MOST_CLUSTERS`, its files in ``directory``."""
    return ClusterPlan(name, number, directory, tuple(_node(name, number, directory, i) for i in range(nodes)))


def _node(name: str, number: int, directory: Path, index: int) -> NodePlan:
    """A node of a cluster; the first is called as the cluster is."""
    own = number + MOST_CLUSTERS * index
    return NodePlan(
        name=f"{name}-{index + 1}" if index else name,
        directory=directory / (f"node{index + 1}" if index else "node"),
        address=f"10.99.0.{10 + own}",
        pod_range=f"10.244.{own}.0/24",
        link=f"o11y{index + 1 if index else '-'}{name}",
        zone=string.ascii_lowercase[index],
    )


def names(count: int, prefix: str, nodes: int = 1) -> list[str]:
    """The names of ``count`` clusters: the prefix with 1, 2, …; raises on values that cannot work."""
    problems = []
    if not 1 <= count <= MOST_CLUSTERS:
        problems.append(f"--clusters {count} is not possible: use 1 to {MOST_CLUSTERS}")
    if not _PREFIX.fullmatch(prefix):
        problems.append(f"--prefix '{prefix}' is not valid: use 1 to 8 of a-z and 0-9, a letter first")
    if not 1 <= nodes <= MOST_NODES:
        problems.append(f"--nodes {nodes} is not possible: use 1 to {MOST_NODES}")
    if problems:
        raise TestbedError("; ".join(problems))
    return [f"{prefix}{number}" for number in range(1, count + 1)]


def numbers(addresses: Collection[str]) -> set[int]:
    """The numbers of the clusters whose nodes have these addresses."""
    return {(int(address.rpartition(".")[2]) - 11) % MOST_CLUSTERS + 1 for address in addresses}


def free_number(wish: int, taken: Collection[int]) -> int:
    """``wish`` unless another cluster has it, then the lowest number that none has."""
    for number in itertools.chain([wish], range(1, MOST_CLUSTERS + 1)):
        if number not in taken:
            return number
    raise TestbedError(f"{MOST_CLUSTERS} clusters exist already; remove some with 'down NAME'")
