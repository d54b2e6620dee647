# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module does, apart from how it is started: a module file and an action plugin run the same body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from errno import ENOSYS
from functools import partial
from typing import Any

from ._errors import InvalidInput
from ._findings import Finding, followed, retold, source
from ._handover import NOTHING, Kept
from ._options.former import Renamed, renamed
from ._options.rows import Options


def silent(_text: str) -> None:
    """Shows nothing, as a module has no way to while it runs."""


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, or minus the number of a signal, and what it wrote to say why."""

    code: int
    said: str


# Command line and the longest time in seconds → how it ended. Raises TimeoutError, or OSError where it cannot be
# started. Modules have a way of Ansible's for that, which nothing but a module has.
Command = Callable[[Sequence[str], float], Ended]


def no_command(_arguments: Sequence[str], _seconds: float) -> Ended:
    """Starts nothing."""
    raise OSError(ENOSYS, "no program can be started here")


@dataclass(frozen=True)
class Mode:
    """How a task is run.

    ``directory``: a folder of the task's own for temporary files, which is removed when the body has ended.
    ``tell``: shows a line of progress at once, where that is possible; never give it a secret.
    ``kept``: what another task of the same run has found out already.
    ``command``: runs a program of this machine.
    """

    check_mode: bool = False
    diff: bool = False
    directory: str = ""
    tell: Callable[[str], None] = silent
    kept: Kept = NOTHING
    command: Command = no_command


# The validated parameters and the mode → the result, with ``warnings``. Raises Failure, and never ends the process.
Run = Callable[[Mapping[str, Any], Mode], dict[str, Any]]
Whole = Mapping[str, Callable[[Mapping[str, Any]], Any]]
Former = Callable[[Mapping[str, Any]], Iterable[Renamed]]


def no_former(_raw: Mapping[str, Any]) -> Iterable[Renamed]:
    """Ansible looks into every level."""
    return ()


@dataclass(frozen=True)
class Body:
    """``check`` takes the raw parameters and returns the work to do with them, so that what it has typed is not typed
    twice. It raises InvalidInput with every mistake at once, in sentences without any secret value.
    ``whole`` is what of the result is of no use with a hole in it: name → what makes it of the validated parameters,
    so that it can be refused before the work is done.
    ``rows`` are those options of the specification that have levels which Ansible does not look into, ``former`` finds
    what of the raw parameters is given under a former name there.
    """

    argument_spec: Mapping[str, Any]
    check: Callable[[Mapping[str, Any]], Run]
    whole: Whole = field(default_factory=dict)
    rows: Options = field(default_factory=dict)
    former: Former = no_former


def body(
    argument_spec: Mapping[str, Any],
    mistakes: Callable[[Mapping[str, Any]], Sequence[Finding]],
    run: Run,
    whole: Whole | None = None,
    rows: Options | None = None,
) -> Body:
    """A body that works with the parameters as Ansible types them; ``mistakes`` looks at the raw ones before that."""

    def check(raw: Mapping[str, Any]) -> Run:
        found = mistakes(raw)
        if found:
            raise InvalidInput(found)
        return run

    return Body(argument_spec, check, whole or {}, rows or {}, partial(renamed, rows or {}, told=True))


# Raw parameters → option path to where that option was typed instead, as a path among the same module's options.
Elsewhere = Callable[[Mapping[str, Any]], Mapping[str, str]]


def sourced(body: Body, elsewhere: Elsewhere = lambda _raw: {}) -> Body:
    """The same body, which names what the user typed: ``elsewhere``, and where the option ``sources`` tells."""

    def check(raw: Mapping[str, Any]) -> Run:
        sources = followed(elsewhere(raw), _sources(raw))
        with _typed(sources):
            run = body.check(raw)

        def work(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
            with _typed(sources):
                result = run({**params, "sources": sources}, mode)
            # What several instances have from one place is told once.
            told = dict.fromkeys(retold(each, sources) for each in result.get("warnings", ()))
            return {**result, "warnings": list(told)}

        return work

    def former(raw: Mapping[str, Any]) -> Iterable[Renamed]:
        sources = _sources(raw)
        found = (replace(each, where=source(each.where, sources)) for each in body.former(raw))
        return dict.fromkeys(found)

    return replace(body, check=check, former=former)


def _sources(raw: Mapping[str, Any]) -> dict[str, str]:
    given = raw.get("sources")
    return {str(path): str(typed) for path, typed in given.items()} if isinstance(given, Mapping) else {}


@contextmanager
def _typed(sources: Mapping[str, str]) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        # What several instances have from one place is one mistake.
        found = {str(finding): finding for finding in (each.typed(sources) for each in error.findings)}
        raise InvalidInput(list(found.values())) from None
