# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tasks.tested``: write the table of docs/tested-with.md from what the tests install and build."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.tasks.cores import CORES
from tests.tasks.tree import ROOT
from tests.tasks.venv import REQUIREMENTS, requirements
from tests.testbed import newer_python, versions

PAGE = ROOT / "docs" / "tested-with.md"
HEAD = ("what", "`make test`", "`make test-full`, beside it")
_PACKAGE = re.compile(r"^([\w-]+)(?:\[.*\])?([=<>~!].*)$", re.MULTILINE)
_LIBRARIES = ("kubernetes", "boto3", "cryptography", "PyYAML", "google-cloud-storage", "azure-storage-blob")


def rows() -> Iterator[tuple[str, str, str]]:
    """The lines of the table: a program, and its versions."""
    ours = _packages("".join(file.read_text() for file in requirements(REQUIREMENTS)))
    others = [_packages("\n".join(core.packages)) for core in CORES.values()]
    yield "Kubernetes", versions.KUBERNETES, f"control planes of {_listed(versions.OTHER_KUBERNETES)}"
    yield "Thanos", versions.THANOS, f"flags, arguments and start of {_listed(versions.OTHER_THANOS)}"
    yield "Prometheus", versions.PROMETHEUS, versions.PROMETHEUS_EARLIER
    yield "Prometheus Operator", "", versions.OPERATOR
    yield "Helm", "", versions.HELM
    yield "Alertmanager", versions.ALERTMANAGER, ""
    yield "CoreDNS", versions.COREDNS, ""
    yield "versitygw", versions.VERSITYGW, ""
    newer = others[list(CORES).index("2.21")]["ansible-core"]
    yield "ansible-core", f"{ours['ansible-core']}; unit tests on {newer}", _ranges("ansible-core", others)
    yield "Python", f"3.11 or that of the machine; unit tests on {newer_python.VERSION}", ""
    for name in _LIBRARIES:
        yield f"Python library {name}", ours.get(name, "the newest"), _ranges(name, others)


def _packages(text: str) -> dict[str, str]:
    """Name → range of versions, of lines of requirements; the first one of a name counts."""
    return {match[1]: match[2] for match in reversed(list(_PACKAGE.finditer(text)))}


def _listed(releases: Mapping[str, str]) -> str:
    return ", ".join(releases.values())


def _ranges(name: str, environments: list[dict[str, str]]) -> str:
    return "; ".join(packages[name] for packages in environments if name in packages)


def table() -> str:
    """The table in Markdown."""
    lines = [HEAD, ("---", "---", "---"), *rows()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Put the table in the place of the one that is on the page."""
    before, _old, after = re.split(r"((?:^\|.*\n)+)", PAGE.read_text(), maxsplit=1, flags=re.MULTILINE)
    PAGE.write_text(before + table() + after)


if __name__ == "__main__":
    main()
