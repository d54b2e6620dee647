# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: configuration and arguments of what runs on a node: containerd, kubelet, kube-proxy and the pod network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.testbed.plan import NodePlan

CNI_PLUGINS = Path("/usr/lib/cni")
DNS_ADDRESS = "10.96.0.10"
DNS_DOMAIN = "cluster.local"


def socket(node: NodePlan) -> Path:
    """The socket on which containerd serves."""
    return node.directory / "containerd.sock"


def containerd_config(node: NodePlan, pause_image: str) -> str:
    """containerd's configuration (TOML): everything in the node's folder, nothing shared with another node.

    ``restrict_oom_score_adj`` lets containers start where the host withholds CAP_SYS_RESOURCE, as virtual machines for
    tests do.
    """
    runtime = node.directory / "run"
    return f"""\
version = 2
root = "{node.directory / "containerd"}"
state = "{runtime / "containerd"}"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", \
"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
address = "{socket(node)}"
[plugins."io.containerd.internal.v1.opt"]
path = "{node.directory / "opt"}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause_image}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"
discard_unpacked_layers = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
Root = "{runtime / "runc"}"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{node.directory / "cni"}"
"""


def cni_config(node: NodePlan) -> dict[str, Any]:
    """The pod network: a cable from each pod to the node, which routes.

    ``ptp`` and not ``bridge``: answers between pods of one node then pass the node's packet filter too, which the
    addresses of Services need, without the kernel module br_netfilter.
    """
    return {
        "cniVersion": "1.0.0",
        "name": node.cni_network,
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": node.pod_range}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": str(node.directory / "run/ipam"),
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def kubelet_config(node: NodePlan, pki: Path) -> dict[str, Any]:
    """The kubelet's configuration. Volumes from ConfigMaps follow within 10 s (a minute is the default)."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": str(pki / "ca.crt")}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / f"kubelet-{node.name}.crt"),
        "tlsPrivateKeyFile": str(pki / f"kubelet-{node.name}.key"),
        "containerRuntimeEndpoint": f"unix://{socket(node)}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{node.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": DNS_DOMAIN,
        "resolvConf": "",
        "podLogsDir": str(node.directory / "pod-logs"),
        "volumePluginDir": str(node.directory / "volume-plugins"),
        "syncFrequency": "10s",
        "serializeImagePulls": False,
        # The disk is the developer's own, often nearly full; nothing but the absence of room evicts a pod.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def proxy_config(node: NodePlan, kubeconfig: Path) -> dict[str, Any]:
    """kube-proxy's configuration. The zeros keep it from kernel settings that it may not write here."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "hostnameOverride": node.name,
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "clusterCIDR": node.pod_range,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "iptables": {"localhostNodePorts": False},
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def containerd(node: NodePlan) -> tuple[str, ...]:
    """Arguments of containerd."""
    return ("containerd", "--config", str(node.directory / "containerd.toml"))


def kubelet(node: NodePlan, binary: Path) -> tuple[str, ...]:
    """Arguments of the kubelet."""
    return (
        str(binary),
        f"--config={node.directory / 'kubelet.json'}",
        f"--kubeconfig={node.directory / 'kubelet.kubeconfig'}",
        f"--root-dir={node.directory / 'kubelet'}",
        f"--cert-dir={node.directory / 'kubelet/pki'}",
        f"--hostname-override={node.name}",
        f"--node-ip={node.address}",
        f"--node-labels=topology.kubernetes.io/zone={node.zone}",
    )


def proxy(node: NodePlan, binary: Path) -> tuple[str, ...]:
    """Arguments of kube-proxy."""
    return (str(binary), f"--config={node.directory / 'proxy.json'}")
