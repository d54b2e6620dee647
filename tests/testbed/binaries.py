# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of programs that the testbed compiles, by which tool, and where each one is cached."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.testbed import versions
from tests.testbed.paths import MODULES, cache_dir

_COMPONENT_BASE = "k8s.io/component-base/version"
_CLIENT_GO = "k8s.io/client-go/pkg/version"
_COMMON = "github.com/prometheus/common/version.Version"


@dataclass(frozen=True)
class Binary:
    """One program: the folder of its go.mod, its Go package, build tags and variables set by the linker."""

    name: str
    module: str
    package: str
    tags: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    def flags(self) -> tuple[str, ...]:
        """Arguments of ``go build`` that change the result."""
        linker = " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in self.variables)])
        tags = ("-tags", ",".join(self.tags)) if self.tags else ()
        return ("-trimpath", "-buildvcs=false", *tags, "-ldflags", linker)


def kubernetes_variables(version: str) -> tuple[tuple[str, str], ...]:
    """What the linker sets so that servers report ``version``; without it, clients fail to parse the answer."""
    major, minor, _unused = version.split(".", 2)
    values = {
        "gitVersion": f"v{version}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "archive",
        "gitCommit": "go-module",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    return tuple(
        (f"{package}.{key}", value) for package in (_COMPONENT_BASE, _CLIENT_GO) for key, value in values.items()
    )


@dataclass(frozen=True)
class Crate:
    """One program in Rust: the public crate of its name, whose own lock file has the checksums.

    ``settings`` are variables of cargo's that change the result.
    """

    name: str
    version: str
    features: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def package(self) -> str:
        """As cargo names it."""
        return f"{self.name} {self.version}"

    def arguments(self) -> tuple[str, ...]:
        """Arguments of ``cargo install`` that change the result."""
        chosen = ("--no-default-features", "--features", ",".join(self.features))
        return (self.name, "--version", self.version, "--locked", *chosen)


Program = Binary | Crate
_KUBERNETES = kubernetes_variables(versions.KUBERNETES)


def _thanos(name: str, version: str) -> Binary:
    """Without slicelabels Thanos compiles, and panics in the first answer that carries labels."""
    package = "github.com/thanos-io/thanos/cmd/thanos"
    return Binary(name, name, package, ("netgo", "slicelabels"), ((_COMMON, version),))


def _prometheus(name: str, module: str, command: str, version: str) -> Binary:
    """It is released without slicelabels."""
    return Binary(name, module, f"github.com/prometheus/prometheus/cmd/{command}", ("netgo",), ((_COMMON, version),))


# Smallest level first: a control plane needs the first three.
BINARIES: tuple[Binary, ...] = (
    Binary("etcd", "kubernetes", "go.etcd.io/etcd/server/v3"),
    *(
        Binary(name, "kubernetes", f"k8s.io/kubernetes/cmd/{name}", variables=_KUBERNETES)
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubectl",
        )
    ),
    Binary("pause", "pause", "."),
    Binary("coredns", "coredns", "github.com/coredns/coredns"),
    Binary("local-path-provisioner", "provisioner", "github.com/rancher/local-path-provisioner"),
    Binary("versitygw", "versitygw", "github.com/versity/versitygw/cmd/versitygw"),
    _thanos("thanos", versions.THANOS),
    _prometheus("prometheus", "prometheus", "prometheus", versions.PROMETHEUS),
    _prometheus("promtool", "prometheus", "promtool", versions.PROMETHEUS),
    Binary(
        "alertmanager",
        "thanos",
        "github.com/prometheus/alertmanager/cmd/alertmanager",
        ("netgo",),
        ((_COMMON, versions.ALERTMANAGER),),
    ),
)
# Of other releases; a control plane takes its etcd from above.
OF_RELEASES = ("kube-apiserver", "kube-controller-manager")
OTHERS: tuple[Binary, ...] = (
    *(_thanos(f"thanos-{release}", version) for release, version in versions.OTHER_THANOS.items()),
    *(
        Binary(
            f"{name}-{release}",
            f"kubernetes-{release}",
            f"k8s.io/kubernetes/cmd/{name}",
            variables=kubernetes_variables(version),
        )
        for release, version in versions.OTHER_KUBERNETES.items()
        for name in OF_RELEASES
    ),
)
# Compiled only for whoever asks for it by its name: no cluster needs it, but benchmarks and tests of object stores do.
OPTIONAL: tuple[Program, ...] = (
    *OTHERS,
    _prometheus("prometheus-earlier", "thanos", "prometheus", versions.PROMETHEUS_EARLIER),
    Binary("helm", "helm", "helm.sh/helm/v4/cmd/helm"),
    Binary(
        "prometheus-operator",
        "operator",
        "github.com/prometheus-operator/prometheus-operator/cmd/operator",
        variables=((_COMMON, versions.OPERATOR),),
    ),
    Binary("minio", "minio", "github.com/minio/minio"),
    Binary("weed", "seaweedfs", "github.com/seaweedfs/seaweedfs/weed"),
    # As released it takes an hour of two cores to optimise, for a speed that no test needs.
    Crate(
        "garage",
        "2.5.0",
        ("bundled-libs", "lmdb", "metrics"),
        (
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
        ),
    ),
)
BY_NAME: dict[str, Program] = {program.name: program for program in (*BINARIES, *OPTIONAL)}

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager")


def module_hash(module: str, modules: Path = MODULES) -> str:
    """Changes whenever a program of ``module`` would: with its versions, its checksums, its sources or its flags."""
    digest = hashlib.sha256()
    for path in sorted((modules / module).iterdir()):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    for binary in (*BINARIES, *OPTIONAL):
        if isinstance(binary, Binary) and binary.module == module:
            digest.update(repr((binary.name, binary.package, binary.flags())).encode())
    return digest.hexdigest()[:16]


def crate_hash(crate: Crate) -> str:
    """Changes whenever the crate's program would: with its version, its features or cargo's settings."""
    return hashlib.sha256(repr((crate.arguments(), crate.settings)).encode()).hexdigest()[:16]


def control_plane(release: str = "") -> dict[str, str]:
    """Program of a control plane → its name among the binaries, for a release that is not the usual one."""
    return {name: f"{name}-{release}" if release and name in OF_RELEASES else name for name in CONTROL_PLANE}


def path_of(name: str) -> Path:
    """Where the compiled program ``name`` is, or will be."""
    program = BY_NAME[name]
    key = crate_hash(program) if isinstance(program, Crate) else module_hash(program.module)
    return cache_dir() / "bin" / key / name
