# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``up`` and ``down`` do, from top to bottom."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.o11y.thanos.plugins.module_utils._errors import Failure
from tests.demo import fleet, manifests, places
from tests.demo.errors import DemoError
from tests.demo.places import ObjectStore, Reach
from tests.demo.playbook import Player
from tests.demo.server import Server
from tests.testbed import testbed
from tests.testbed.errors import TestbedError, tell_file
from tests.testbed.progress import Progress
from tests.testbed.stores.store import well_known

HOURS_AGO = 12


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument("--clusters", type=int, choices=(1, len(fleet.CLUSTERS)), default=1)
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        if options.command == "down":
            down(progress)
        elif options.clusters == 1:
            up(progress)
        elif places.of_environment():
            raise DemoError(
                "KUBECONFIG and CLUSTERS are both set; leave CLUSTERS out, or let the demo boot its clusters"
            )
        else:
            fleet.up(progress)
    except (DemoError, TestbedError, Failure) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"demo: {tell_file(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"demo: interrupted; 'make demo' goes on from here, '{_down_command()}' removes it", file=sys.stderr)
        return 130
    return 0


def up(progress: Progress) -> None:
    """Boot or find a cluster, deploy, prove, leave it up."""
    given = places.of_environment()
    reach = given or places.boot(progress)
    server = Server(reach.kubeconfig, reach.context, progress)
    if given:
        places.remember(given)
        if server.get("Namespace", manifests.NAMESPACE) is None:
            server.apply([manifests.namespace()])
    store = places.given_store() or (places.store_inside(server) if given else places.testbed_store(progress))
    with _player(reach, store, progress) as player:
        if server.job_state(manifests.HISTORY) != "Complete":
            player.play("deploy", "--tags", "objstore")
            _make_history(server)
        server.apply(manifests.alertmanager())
        player.play("deploy", "--skip-tags", "verify", watched=server)
        server.wait(
            "Alertmanager ready", "app.kubernetes.io/name=alertmanager", lambda: server.deployed("alertmanager")
        )
        player.play("verify", watched=server)
    _show_addresses(server, reach, store)


def down(progress: Progress) -> None:
    """Remove every trace: from the cluster that KUBECONFIG names, or all that ``up`` ever made here."""
    given = places.of_environment()
    for reach in [given] if given else places.remembered():
        _leave(reach, progress)
        places.forget(reach)
    if given is None:
        testbed.down(places.own_clusters(), False, progress)
        testbed.store_down(well_known(*places.STORE, progress), progress)


def _leave(reach: Reach, progress: Progress) -> None:
    """Take the demo out of a cluster that stays. The namespace goes if the demo made it, a given bucket never."""
    server = Server(reach.kubeconfig, reach.context, progress)
    found = server.get("Namespace", manifests.NAMESPACE)
    if found is None:
        return
    with _player(reach, ObjectStore(), progress) as player:
        player.play("teardown", "-e", "thanos_teardown_claims=true")
    server.delete_all_of_the_demo()
    labels = found["metadata"].get("labels", {})
    if manifests.LABELS.items() <= labels.items():
        server.delete("Namespace", manifests.NAMESPACE)
        gone = "the namespace is removed"
        server.wait(gone, "", lambda: server.get("Namespace", manifests.NAMESPACE) is None)


def _make_history(server: Server) -> None:
    """Put a block of the past into the bucket. The Job that did it stays, as the note that it is done."""
    if server.job_state(manifests.HISTORY) == "Failed":
        server.delete("Job", manifests.HISTORY)
        server.wait("an earlier try is removed", "", lambda: server.get("Job", manifests.HISTORY) is None)
    if server.get("Job", manifests.HISTORY) is None:
        samples = manifests.openmetrics(int(time.time()) - HOURS_AGO * 3600)
        server.apply(manifests.history(samples, {"cluster": "demo"}))

    def uploaded() -> bool:
        state = server.job_state(manifests.HISTORY)
        if state == "Failed":
            logs = f"kubectl -n {manifests.NAMESPACE} logs job/{manifests.HISTORY} --all-containers"
            raise DemoError(f"the upload of a block failed: {logs}")
        return state == "Complete"

    server.wait(f"a block of {HOURS_AGO} h ago is in the bucket", f"job-name={manifests.HISTORY}", uploaded)


@contextmanager
def _player(reach: Reach, store: ObjectStore, progress: Progress) -> Iterator[Player]:
    """Runs playbooks; a given object store reaches them through a file that only its owner reads."""
    environment = {**reach.environment(), **store.environment}
    if store.instead is None:
        yield Player(environment, (), progress)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "objstore.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"thanos_objstore": store.instead}))
        yield Player(environment, ("-e", f"@{file}"), progress)


def _show_addresses(server: Server, reach: Reach, store: ObjectStore) -> None:
    node = next(iter(server.node_addresses()), "NODE")
    pages = {"Query UI": "thanos-query", "Alertmanager": "alertmanager"}
    print("\nThe demo is up.")
    for page, service in pages.items():
        print(f"  {page:<14} http://{node}:{server.node_port(service)}")
    print(f"  {'kubeconfig':<14} {reach.kubeconfig}")
    for what, text in places.for_others(reach, store):
        print(f"  {what:<14} {text}")
    print(f"  {'once more':<14} make demo{_variables()}   deploys and verifies again: changed=0")
    print(f"  {'remove it':<14} {_down_command()}")


def _down_command() -> str:
    return f"make demo-down{_variables()}"


def _variables() -> str:
    """What has to be said again, without the content of an object store: it holds credentials."""
    given = {name: os.environ.get(name, "") for name in ("KUBECONFIG", "CONTEXT", "THANOS_OBJSTORE")}
    if any(character in given["THANOS_OBJSTORE"] for character in "{\n:"):
        given["THANOS_OBJSTORE"] = "…"
    return "".join(f" {name}={value}" for name, value in given.items() if value)
