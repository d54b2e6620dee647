# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: arguments in, one function of another file called, JSON on standard output."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.testbed import report, testbed
from tests.testbed.build import build
from tests.testbed.control_plane import ControlPlane
from tests.testbed.errors import TestbedError, tell_file
from tests.testbed.prepare import prepare
from tests.testbed.progress import Progress
from tests.testbed.stores.store import KINDS, well_known


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code: 0, 1 for a problem of the testbed, 2 for a wrong command line."""
    options = _parser().parse_args(arguments)
    action: Callable[[argparse.Namespace, Progress], Any] = options.action
    try:
        result = action(options, Progress(quiet=options.quiet))
    except TestbedError as error:
        print(f"testbed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"testbed: {tell_file(error)}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if (error.name or "tests").startswith("tests"):
            raise
        # What speaks to some servers is in the virtual environment alone; the testbed itself needs nothing but Python.
        venv = "'make venv' makes one that has it, as .venv/bin/python"
        print(f"testbed: {sys.executable} has no Python package {error.name}; {venv}", file=sys.stderr)
        return 1
    if result is not None:
        print(json.dumps(result, indent=2))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tests.testbed", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("build", help="compile the pinned programs into the cache")
    command.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these programs")
    command.set_defaults(action=_build)

    command = commands.add_parser("prepare", help="check this machine, install missing Debian packages (root)")
    command.add_argument("--stores", action="store_true", help="also what the slower object stores need")
    command.set_defaults(action=_prepare)

    command = commands.add_parser("up", help="bring up clusters, or what is missing of them (root)")
    command.add_argument("--clusters", type=int, default=1, metavar="N", help="how many (default 1)")
    command.add_argument("--prefix", default="tb", help="clusters are named PREFIX1, PREFIX2, … (default tb)")
    command.add_argument("--nodes", type=int, metavar="M", help="nodes of each, in a zone each (default 1)")
    command.set_defaults(action=_up)

    command = commands.add_parser("lose", help="end a node as a power cut does; up brings it back (root)")
    command.add_argument("name", metavar="NODE", help="none with a control plane: those are called as their cluster")
    command.set_defaults(action=_lose)

    command = commands.add_parser("down", help="remove clusters and all that they left on this machine (root)")
    command.add_argument("names", nargs="*", metavar="NAME", help="only these clusters")
    command.add_argument("--all", action="store_true", help="object stores and control planes too")
    command.set_defaults(action=_down)

    command = commands.add_parser("status", help="what there is and whether it runs")
    command.add_argument("--json", action="store_true", help="every detail, for programs")
    command.set_defaults(action=_status)

    command = commands.add_parser("kubeconfig", help="print the path of a cluster's kubeconfig")
    command.add_argument("name", metavar="NAME", help="a cluster or a control plane")
    command.add_argument("--content", action="store_true", help="print the file itself")
    command.set_defaults(action=_kubeconfig)

    command = commands.add_parser("store", help="an object store that clusters reach")
    command.add_argument("verb", choices=("up", "down", "user"), help="user: create an account and print its keys")
    command.add_argument("name", metavar="NAME", choices=sorted(KINDS), help=", ".join(sorted(KINDS)))
    command.add_argument("--tls", action="store_true", help="the one with TLS by a private authority")
    command.add_argument("--suffix", default="", help="for one more server of the kind, side by side, on a free port")
    command.add_argument("--access-key", default="", help="of the account to create")
    command.set_defaults(action=_store)

    command = commands.add_parser("control-plane", help="etcd, API server and controller manager on loopback")
    command.add_argument("verb", choices=("up", "down"))
    command.add_argument("--name", default="default", help="several of different names run side by side")
    command.set_defaults(action=_control_plane)
    return parser


def _build(options: argparse.Namespace, progress: Progress) -> Any:
    return {name: str(path) for name, path in build(options.only or None, progress).items()}


def _control_plane(options: argparse.Namespace, progress: Progress) -> Any:
    plane = ControlPlane(options.name, keep=True, progress=progress)
    if options.verb == "down":
        plane.down()
        return None
    return plane.up().describe()


def _prepare(options: argparse.Namespace, progress: Progress) -> Any:
    return {"installed": prepare(progress, stores=options.stores)}


def _up(options: argparse.Namespace, progress: Progress) -> Any:
    return testbed.up(options.clusters, options.prefix, progress, options.nodes)


def _lose(options: argparse.Namespace, progress: Progress) -> None:
    testbed.lose(options.name, progress)


def _down(options: argparse.Namespace, progress: Progress) -> None:
    testbed.down(options.names, options.all, progress)


def _status(options: argparse.Namespace, _progress: Progress) -> Any:
    status = testbed.status()
    if options.json:
        return status
    print("\n".join(report.lines(status)))
    return None


def _kubeconfig(options: argparse.Namespace, _progress: Progress) -> None:
    path = testbed.kubeconfig(options.name)
    print(path.read_text() if options.content else path)


def _store(options: argparse.Namespace, progress: Progress) -> Any:
    store = well_known(options.name, options.tls, options.suffix, progress)
    if options.verb == "down":
        testbed.store_down(store, progress)
        return None
    if options.verb == "user":
        return store.add_user(options.access_key or f"user{secrets.token_hex(4)}")
    return store.up().describe()
