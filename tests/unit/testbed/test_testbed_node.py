# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is configured with: containers, cgroups, pods' network, the objects of every cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.testbed import addons, cgroups, images, node, plan
from tests.testbed.cgroups import Hierarchy
from tests.testbed.errors import TestbedError

NODES = plan.cluster("tb1", 1, Path("/s/tb1"), nodes=2).nodes
NODE = NODES[0]
VERSION_1 = """\
24 1 0:21 / / rw - ext4 /dev/vda rw
30 24 0:26 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw
31 30 0:27 / /sys/fs/cgroup/cpu rw shared:10 - cgroup cgroup rw,cpu
32 30 0:28 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
"""
VERSION_2 = "30 24 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_nothing_of_containerd_is_shared_between_nodes() -> None:
    config = node.containerd_config(NODE, "registry.k8s.io/pause:3.10")
    for key in ("root", "state", "address", "path", "Root", "conf_dir"):
        values = [line.partition(" = ")[2] for line in config.splitlines() if line.startswith(f"{key} = ")]
        assert values, key
        assert all(value.startswith('"/s/tb1/node/') for value in values), key


def test_kubelet_keeps_to_its_own_folders_and_cgroup() -> None:
    config = node.kubelet_config(NODE, Path("/s/tb1/server/pki"))
    assert config["cgroupRoot"] == "/o11y-tb1"
    assert config["failCgroupV1"] is False
    assert config["podLogsDir"] == "/s/tb1/node/pod-logs"
    assert "--root-dir=/s/tb1/node/kubelet" in node.kubelet(NODE, Path("/bin/kubelet"))


def test_nodes_are_in_a_zone_each() -> None:
    zones = [next(arg for arg in node.kubelet(each, Path("/k")) if "zone" in arg) for each in NODES]
    assert zones == [f"--node-labels=topology.kubernetes.io/zone={letter}" for letter in "ab"]


def test_addons_keep_to_the_node_with_the_control_plane() -> None:
    deployments = [item for (kind, _name), item in objects().items() if kind == "Deployment"]
    assert [d["spec"]["template"]["spec"]["nodeSelector"] for d in deployments] == [
        {"kubernetes.io/hostname": "tb1"}
    ] * len(addons.DEPLOYMENTS)


def test_pods_get_addresses_of_their_nodes_range() -> None:
    ptp = node.cni_config(NODE)["plugins"][0]
    assert ptp["ipam"]["ranges"] == [[{"subnet": "10.244.1.0/24"}]]


@pytest.mark.parametrize(
    ("mountinfo", "found"),
    [
        (
            VERSION_1,
            [
                Hierarchy(Path("/sys/fs/cgroup/cpu"), 1),
                Hierarchy(Path("/sys/fs/cgroup/cpuset"), 1),
                Hierarchy(Path("/sys/fs/cgroup/unified"), 2),
            ],
        ),
        (VERSION_2, [Hierarchy(Path("/sys/fs/cgroup"), 2)]),
    ],
    ids=["version 1", "version 2"],
)
def test_cgroup_hierarchies_are_found(mountinfo: str, found: list[Hierarchy]) -> None:
    assert cgroups.hierarchies(mountinfo) == found


def mounted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mountinfo: str) -> None:
    file = tmp_path / "mountinfo"
    file.write_text(mountinfo.replace("/sys/fs/cgroup", str(tmp_path)))
    monkeypatch.setattr(cgroups, "MOUNTS", file)


def test_version_2_cgroup_gets_the_controllers_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounted(monkeypatch, tmp_path, VERSION_2)
    for folder in (tmp_path, tmp_path / "o11y-tb1"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpuset cpu memory pids rdma\n")
    cgroups.create("o11y-tb1")
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpuset +cpu +memory +pids"
    assert (tmp_path / "o11y-tb1/cgroup.subtree_control").read_text() == "+cpuset +cpu +memory +pids"


def test_version_1_cgroup_copies_the_processors_of_its_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounted(monkeypatch, tmp_path, VERSION_1)
    for name in ("cpuset.cpus", "cpuset.mems"):
        for folder in (tmp_path / "cpuset", tmp_path / "cpuset/o11y-tb1"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("0-1\n" if folder.name == "cpuset" else "\n")
    (tmp_path / "cpu").mkdir()
    cgroups.create("o11y-tb1")
    assert (tmp_path / "cpuset/o11y-tb1/cpuset.cpus").read_text() == "0-1\n"
    assert (tmp_path / "cpu/o11y-tb1").is_dir()
    assert not (tmp_path / "unified").exists()


def test_machine_without_cgroups_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounted(monkeypatch, tmp_path, "24 1 0:21 / / rw - ext4 /dev/vda rw\n")
    with pytest.raises(TestbedError, match="no cgroup file system is mounted"):
        cgroups.create("o11y-tb1")


def objects() -> dict[tuple[str, str], dict[str, Any]]:
    items = addons.manifests(NODES)["items"]
    return {(item["kind"], item["metadata"]["name"]): item for item in items}


def test_claims_get_a_default_storage_class() -> None:
    annotations = objects()["StorageClass", "local-path"]["metadata"]["annotations"]
    assert annotations == {"storageclass.kubernetes.io/is-default-class": "true"}


def test_volumes_are_made_below_the_nodes_folder_and_writable_by_all() -> None:
    data = objects()["ConfigMap", "local-path-config"]["data"]
    paths = {each["node"]: each["paths"] for each in json.loads(data["config.json"])["nodePathMap"]}
    assert paths == {"tb1": ["/s/tb1/node/volumes"], "tb1-2": ["/s/tb1/node2/volumes"]}
    assert 'mkdir -m 0777 -p "$VOL_DIR"' in data["setup"]


def test_addons_use_only_images_that_every_node_has() -> None:
    text = json.dumps(addons.manifests(NODES))
    helper = json.loads(objects()["ConfigMap", "local-path-config"]["data"]["helperPod.yaml"])
    used = {
        container["image"]
        for item in [*objects().values(), {"spec": {"template": helper}}]
        for container in item.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
    }
    assert used == {images.COREDNS.name, images.PROVISIONER.name, images.HELPER.name}
    assert ":latest" not in text


def test_every_deployment_that_is_waited_for_is_applied() -> None:
    deployments = {
        (item["metadata"]["namespace"], name) for (kind, name), item in objects().items() if kind == "Deployment"
    }
    assert set(addons.DEPLOYMENTS) == deployments
