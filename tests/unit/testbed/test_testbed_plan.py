# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, addresses and versions, from which everything else follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed import binaries, build, paths, plan, versions
from tests.testbed.errors import TestbedError


def test_cluster_has_addresses_of_its_own_number() -> None:
    node = plan.cluster("tb3", 3, Path("/s/tb3")).nodes[0]
    assert (node.address, node.pod_range, node.link, node.cgroup) == (
        "10.99.0.13",
        "10.244.3.0/24",
        "o11y-tb3",
        "o11y-tb3",
    )
    assert node.enter() == ("nsenter", "--net=/run/netns/tb3", "--")


def test_no_two_clusters_share_an_address_a_pod_range_or_a_link() -> None:
    numbers = range(1, plan.MOST_CLUSTERS + 1)
    clusters = [plan.cluster(f"tb{number}", number, Path("/s"), plan.MOST_NODES) for number in numbers]
    nodes = [node for cluster in clusters for node in cluster.nodes]
    for values in ({node.address for node in nodes}, {node.pod_range for node in nodes}, {node.link for node in nodes}):
        assert len(values) == plan.MOST_CLUSTERS * plan.MOST_NODES
    for cluster in clusters:
        assert plan.numbers({node.address for node in cluster.nodes}) == {cluster.number}


def test_nodes_of_a_cluster_have_names_folders_and_zones_of_their_own() -> None:
    nodes = plan.cluster("tb3", 3, Path("/s/tb3"), nodes=3).nodes
    assert [(node.name, node.directory.name, node.zone) for node in nodes] == [
        ("tb3", "node", "a"),
        ("tb3-2", "node2", "b"),
        ("tb3-3", "node3", "c"),
    ]
    assert (nodes[2].address, nodes[2].pod_range, nodes[2].link) == ("10.99.0.53", "10.244.43.0/24", "o11y3tb3")


def test_api_server_listens_on_the_address_of_the_first_node() -> None:
    server = plan.cluster("tb1", 1, Path("/s/tb1")).server
    assert server.url == "https://10.99.0.11:6443"
    assert server.audit_log == Path("/s/tb1/server/audit.log")


def test_longest_name_fits_the_kernels_limit_for_links() -> None:
    longest = plan.names(plan.MOST_CLUSTERS, "molecule")[-1]
    nodes = plan.cluster(longest, 20, Path("/s"), plan.MOST_NODES).nodes
    assert {len(node.link) for node in nodes} == {15}


@pytest.mark.parametrize(
    ("count", "prefix", "message"),
    [
        (0, "tb", "--clusters 0 is not possible: use 1 to 20"),
        (21, "tb", "--clusters 21 is not possible: use 1 to 20"),
        (1, "Tb", "--prefix 'Tb' is not valid: use 1 to 8 of a-z and 0-9, a letter first"),
        (1, "9b", "--prefix '9b' is not valid"),
        (1, "ninechars", "--prefix 'ninechars' is not valid"),
        (0, "", "--clusters 0 is not possible: use 1 to 20; --prefix '' is not valid"),
    ],
)
def test_impossible_clusters_are_refused_all_mistakes_at_once(count: int, prefix: str, message: str) -> None:
    with pytest.raises(TestbedError) as refused:
        plan.names(count, prefix)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("wish", "taken", "number"), [(2, set(), 2), (2, {1, 2}, 3), (25, {1}, 25), (1, set(range(1, 20)), 20)]
)
def test_cluster_gets_the_number_it_wishes_or_the_lowest_free_one(wish: int, taken: set[int], number: int) -> None:
    assert plan.free_number(wish, taken) == number


def test_no_number_is_left_when_all_are_taken() -> None:
    with pytest.raises(TestbedError, match="20 clusters exist already"):
        plan.free_number(1, set(range(1, 21)))


def test_numbers_follow_from_addresses_found_on_the_bridge() -> None:
    assert plan.numbers({"10.99.0.11", "10.99.0.30"}) == {1, 20}


GO_MOD = """\
module testbed/example

go 1.26.0

replace k8s.io/api => k8s.io/api v0.36.3

tool k8s.io/kubernetes/cmd/kubelet

require (
\tk8s.io/kubernetes v1.36.3 // indirect
\tgithub.com/thanos-io/thanos v0.42.4
)

require go.etcd.io/etcd/server/v3 v3.6.8 // indirect
"""


def test_versions_are_read_from_go_mod() -> None:
    assert versions.requirements(GO_MOD) == {
        "k8s.io/kubernetes": "1.36.3",
        "github.com/thanos-io/thanos": "0.42.4",
        "go.etcd.io/etcd/server/v3": "3.6.8",
    }
    assert versions.go_version(GO_MOD) == (1, 26)


@pytest.mark.parametrize(("module", "release"), [("0.309.1", "3.9.1"), ("0.316.0", "3.16.0"), ("0.305.0", "3.5.0")])
def test_prometheus_release_follows_from_its_module_version(module: str, release: str) -> None:
    assert versions.prometheus_release(module) == release


def test_server_reports_the_pinned_kubernetes_version() -> None:
    variables = dict(binaries.kubernetes_variables("1.36.3"))
    assert variables["k8s.io/component-base/version.gitVersion"] == "v1.36.3"
    assert variables["k8s.io/component-base/version.gitMajor"] == "1"
    assert variables["k8s.io/component-base/version.gitMinor"] == "36"


def test_no_program_is_built_where_none_is_asked_for() -> None:
    assert build.select(()) == []
    assert build.select(None) == list(binaries.BINARIES)
    assert [binary.name for binary in build.select(["thanos", "etcd"])] == ["etcd", "thanos"]


def test_what_only_benchmarks_need_is_built_for_whoever_names_it() -> None:
    assert [binary.name for binary in build.select(["helm", "etcd"])] == ["etcd", "helm"]
    assert "helm" not in {binary.name for binary in build.select(None)}


def test_only_thanos_is_built_with_slicelabels() -> None:
    assert [binary.name for binary in binaries.BINARIES if "slicelabels" in binary.tags] == ["thanos"]


def test_cache_key_changes_with_versions_checksums_and_sources(tmp_path: Path) -> None:
    folder = tmp_path / "pause"
    folder.mkdir()
    keys = set()
    for name, text in (("go.mod", "a"), ("go.mod", "b"), ("go.sum", "a"), ("main.go", "a")):
        (folder / name).write_text(text)
        keys.add(binaries.module_hash("pause", tmp_path))
    assert len(keys) == 4


def test_cache_key_changes_with_build_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    before = binaries.module_hash("versitygw")
    other = binaries.Binary("versitygw", "versitygw", "github.com/versity/versitygw/cmd/versitygw", tags=("netgo",))
    monkeypatch.setattr(binaries, "BINARIES", (other,))
    assert binaries.module_hash("versitygw") != before


def test_every_program_has_pinned_sources_with_checksums() -> None:
    for binary in binaries.BY_NAME.values():
        if isinstance(binary, binaries.Binary):
            folder = paths.MODULES / binary.module
            assert (folder / "go.mod").exists(), binary.name
            assert (folder / "go.sum").exists() or binary.package == ".", binary.name
        else:
            assert "--locked" in binary.arguments()
