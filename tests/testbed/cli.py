# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: arguments in, one function of another file called, JSON on standard output."""

from __future__ import annotations

import argparse
import errno
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.testbed.build import build
from tests.testbed.control_plane import ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.progress import Progress


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
        if error.errno != errno.ENOSPC:
            raise
        print(f"testbed: the disk that holds {error.filename or 'the state folder'} is full", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("testbed: interrupted; the same command goes on from here, 'down' removes what is there", file=sys.stderr)
        return 130
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

    command = commands.add_parser("control-plane", help="etcd, API server and controller manager on loopback")
    command.add_argument("verb", choices=("up", "down"))
    command.add_argument("--name", default="default", help="several of different names run side by side")
    command.set_defaults(action=_control_plane)
    return parser


def _build(options: argparse.Namespace, progress: Progress) -> Any:
    return {name: str(path) for name, path in build(options.only, progress).items()}


def _control_plane(options: argparse.Namespace, progress: Progress) -> Any:
    plane = ControlPlane(options.name, keep=True, progress=progress)
    if options.verb == "down":
        plane.down()
        return None
    return plane.up().describe()
