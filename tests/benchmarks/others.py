# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same objects by other means: kubernetes.core, kubectl and Helm, each in a namespace of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import wheel
from tests.benchmarks.measure import Command
from tests.benchmarks.stage import NAMESPACE, Stage
from tests.testbed.build import build
from tests.testbed.progress import Progress

CORE, KUBECTL = "kubernetes.core.k8s", "kubectl apply"


@dataclass(frozen=True)
class Others:
    """Commands over the objects that our run applied."""

    stage: Stage
    objects: Mapping[str, Mapping[str, Any]]
    programs: Mapping[str, Path]

    def make_namespaces(self) -> None:
        """One for each of them."""
        for name in ("core", "kubectl", "helm"):
            self.stage.plane.api.must("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def unchanged(self, kubeconfig: Path) -> list[Command]:
        """Each of them over what is as it should be; one uncounted run makes it so."""
        release = "upgrade --install"
        return [self.core(kubeconfig), self.kubectl(kubeconfig), self.helm(kubeconfig, "helm upgrade", release)]

    def core(self, kubeconfig: Path) -> Command:
        """One task of kubernetes.core over all objects, by server-side apply."""
        plays = self.stage.plays
        inventory = plays.inventory("core", {"eu": {"thanos_kubeconfig": str(kubeconfig)}})
        return plays.command(CORE, self.core_play(), inventory, [wheel.collections()])

    def core_play(self) -> str:
        """A playbook of that task, over hosts that have a kubeconfig."""
        apply = {"field_manager": "core", "force_conflicts": True}
        task = {"src": str(self._file("core")), "apply": True, "server_side_apply": apply}
        return self.stage.plays.play(
            "core", tasks=[{"name": CORE, "kubernetes.core.k8s": {**task, "kubeconfig": "{{ thanos_kubeconfig }}"}}]
        )

    def kubectl(self, kubeconfig: Path, **more: Any) -> Command:
        """Server-side apply."""
        program = str(self.programs["kubectl"])
        options = ("--kubeconfig", str(kubeconfig), "apply", "--server-side", "--force-conflicts")
        return self._command(KUBECTL, (program, *options, "-f", str(self._file("kubectl"))), **more)

    def helm(self, kubeconfig: Path, name: str, verb: str, **more: Any) -> Command:
        """A release of a chart whose templates are the objects; it waits for nothing."""
        options = ("thanos", str(self.chart()), "--namespace", "helm", "--kubeconfig", str(kubeconfig))
        return self._command(name, (str(self.programs["helm"]), *verb.split(), *options), **more)

    def chart(self) -> Path:
        """The folder of the chart."""
        chart = self.stage.plays.folder / "chart"
        (chart / "templates").mkdir(parents=True, exist_ok=True)
        (chart / "Chart.yaml").write_text("{apiVersion: v2, name: thanos, version: 1.0.0}")
        for path in self.objects:
            text = self._text(path, "helm").replace("{{", '{{ "{{" }}')
            (chart / "templates" / f"{path.strip('/').replace('/', '.')}.yaml").write_text(text)
        return chart

    def clear(self, namespace: str, *more: str) -> None:
        """Delete what was applied in a namespace, and all of ``more`` (``secrets``)."""
        folders = {path.rpartition("/")[0] for path in self.objects}
        for folder in (*folders, *(f"/api/v1/namespaces/{NAMESPACE}/{plural}" for plural in more)):
            path = folder.replace(f"/{NAMESPACE}/", f"/{namespace}/")
            self.stage.plane.api.must("DELETE", path, {"propagationPolicy": "Background"})

    def _command(self, name: str, argv: tuple[str, ...], **more: Any) -> Command:
        # Their caches belong to the run, and are warm when it counts.
        folder = self.stage.plays.folder
        return Command(name, argv, {"HOME": str(folder)}, folder, **more)

    def _file(self, namespace: str) -> Path:
        path = self.stage.plays.folder / f"{namespace}.objects.yml"
        path.write_text("\n---\n".join(self._text(each, namespace) for each in self.objects))
        return path

    def _text(self, path: str, namespace: str) -> str:
        """An object as one of another namespace, and its compactor none that ours would find and refuse."""
        text = json.dumps(self.objects[path])
        text = text.replace('"args": ["compact", ', '"args": ["compact-of-others", ')
        return text.replace(f'"{NAMESPACE}"', f'"{namespace}"').replace(f".{NAMESPACE}.", f".{namespace}.")


@contextmanager
def others(stage: Stage, objects: Mapping[str, Mapping[str, Any]]) -> Iterator[Others]:
    """With programs compiled, and namespaces made."""
    made = Others(stage, objects, build(("kubectl", "helm"), Progress(quiet=True)))
    made.make_namespaces()
    yield made
