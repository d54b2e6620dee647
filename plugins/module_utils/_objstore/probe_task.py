# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of ``bucket``: one bucket as it shall be, and with ``probe`` a try of what its pods will do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from .._body import Mode, body
from .._errors import Failure
from .._findings import FAIL, PASS, PENDING, Finding
from .._options.rows import SOURCES, Option, argument_spec, is_set
from . import task
from .adapters.table import ADAPTERS, open_store
from .bucket_model import Adapter, Objects, State, Unreachable
from .credentials import CARRYING, MODES
from .features import grants
from .options import for_pods, read_ca, says_where, typed_at
from .probe import (
    ACTIONS,
    CHECK_MODE,
    DELETE,
    LIST,
    NO_BUCKET,
    NOT_HERE,
    NOT_LET_IN,
    NOTHING_YET,
    READ,
    READING,
    WRITE,
    Answer,
    Keys,
    as_pods,
    findings,
    refusal,
    shown,
    why_not_from_here,
)
from .throwaway import folder, name, sweep
from .wishes import mistakes_in_wishes

OPTIONS = {**task.OPTIONS, "probe": Option("bool", False), "sources": SOURCES}
SPEC = argument_spec(OPTIONS)

_Open = Callable[[Keys], Adapter]
_DOCUMENTS = "the module bucket_access returns what each role needs as documents for the provider's own tools."
_HINT = f"grant_to of an access role lets its user in; {_DOCUMENTS}"
_NO_GRANTS = f"Its users are let in by the provider's own means, not by grant_to: {_DOCUMENTS}"
_NOT_THERE = "Let whoever manages this bucket make it; or leave manage out, and it is made here."
# What was done to a bucket before it was tried.
_DONE = {
    "created": "which this run has made",
    "updated": "which this run has changed as asked",
    "unchanged": "which was left as it is",
    "unmanaged": "which is not managed here (manage: false)",
}
_TO_BE_CHANGED = "which is not changed in check mode"
_LEFT = "The object {key} of this try may be left there; remove it."
_UNTIDY = f"{NOT_HERE}: the upper level of the store could not remove what is written"


def mistakes(raw: Mapping[str, Any]) -> list[Finding]:
    """Every mistake in the raw parameters, the wishes for the bucket among them."""
    return [*task.mistakes_in(raw, OPTIONS), *mistakes_in_wishes(raw.get("store"), typed_at(raw))]


def run(params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make, change or remove the bucket, probe it, and return the module's result. Raises Failure."""
    question = ["bucket", dict(params)]
    known = None if mode.check_mode else mode.kept.take(question)
    done = known or task.run(params, mode)
    if params["state"] == "absent" or "probe" in done:
        return done
    complete = True
    if params["probe"]:
        found = _probed(params, mode, done)
        done = {**done, "probe": [shown(finding) for finding in found]}
        complete = all(finding.severity == PASS or finding.what.startswith(NOT_HERE) for finding in found)
    if mode.check_mode and not done["changed"]:
        # What was not tried since nothing is written in check mode is still to be tried.
        mode.kept.put(question, done if complete else {name: done[name] for name in done if name != "probe"})
    return done


def _probed(params: Mapping[str, Any], mode: Mode, done: Mapping[str, Any]) -> list[Finding]:
    """What the try of a bucket told, with which ``done`` was done. Raises Failure where pods could not work with it."""
    own, roles = task.connection(params["store"]), known_credentials(params["store"])
    there = not (mode.check_mode and done["action"] == "created")
    later = grants(params["store"]) if mode.check_mode and done["changed"] else ()

    clients: dict[frozenset[tuple[str, str]], Adapter] = {}

    def opened(keys: Keys) -> Adapter:
        # By default pods have the credential of the bucket itself, and a client of S3 takes long to make.
        same = frozenset((name, str(value)) for name, value in keys.items() if is_set(value))
        if same not in clients:
            clients[same] = open_store(keys, params["timeout"], mode.directory)
        return clients[same]

    found = probe(own, roles, there, mode.check_mode, opened, later)
    problems = refusal(found)
    if problems:
        where = done["location"] or done["bucket"]
        state = _TO_BE_CHANGED if mode.check_mode and done["changed"] else _DONE[done["action"]]
        raise Failure(
            f"{where}: Thanos could not work with this bucket, {state}:{problems}\n{_hint(own, opened)}",
            {"changed": done["changed"], "findings": [f.as_dict() for f in found if f.severity == FAIL]},
        )
    return found


def _hint(own: Keys, opened: _Open) -> str:
    """How pods come to a bucket that is not there, or their users into one whose server may be able to name them."""
    if own["type"] not in CARRYING:
        return _NO_GRANTS
    with suppress(Failure):
        seen = opened(own).observe(("access",))
        if not seen.exists:
            return _NOT_THERE
        if "access" in seen.refuses or seen.features["access"].state is State.UNSUPPORTED:
            return _NO_GRANTS
    return _HINT


def known_credentials(store: Mapping[str, Any]) -> dict[str, dict[str, Any] | None]:
    """The keys of ``objstore.yml`` of the pods of each access role; None where the credential is not known here."""
    return {role: read_ca(access.keys) if access.mode == MODES[0] else None for role, access in for_pods(store).items()}


def probe(
    own: Keys,
    roles: Mapping[str, Keys | None],
    there: bool,
    check_mode: bool,
    opened: _Open,
    later: Collection[str] = (),
) -> list[Finding]:
    """Try every credential that is known here. Raises Failure when what was written could not be removed.

    ``own``: what reaches the bucket. ``roles``: access role → keys of its pods, None where they are not known.
    ``there``: the bucket exists. ``later``: access roles that the bucket lets in when it is changed.
    """
    reasons = {role: why_not_from_here(own["type"], keys, ADAPTERS) for role, keys in roles.items()}
    reasons = {role: reason or (NOT_LET_IN if role in later else "") for role, reason in reasons.items()}
    if not there:
        reasons = {role: reason or NO_BUCKET for role, reason in reasons.items()}
    owner: Objects | None = None
    own_answers: dict[str, Answer] = {}
    rest = CHECK_MODE
    if not check_mode and not all(reasons.values()):
        owner, own_answers = _owner(own, opened)
        rest = next((f"{_UNTIDY}: {answer.detail}" for answer in own_answers.values() if answer.detail), "")
    found: list[Finding] = []
    for role, keys in roles.items():
        if keys is None or reasons[role]:
            found += findings(role, {}, reasons[role])
            continue
        pods = as_pods(own, keys)
        answers = _trial(role, pods, owner, opened)
        if owner is None and pods == as_pods(own, own):
            answers = {**own_answers, **answers}
        found += findings(role, answers, rest, seen=owner is not None)
    return found


def _prefix(keys: Keys) -> str:
    return str(keys.get("prefix") or "").strip("/")


def _owner(own: Keys, opened: _Open) -> tuple[Objects | None, dict[str, Answer]]:
    """The bucket's own credential, if it can tidy up after the others; and what it can do."""
    if not says_where(own):
        return None, {WRITE: Answer(PENDING, "it does not say where the store is.")}
    try:
        adapter = opened(own)
    except Failure as e:
        return None, {WRITE: Answer(FAIL, str(e))}
    objects, key, where = adapter.objects, name(_prefix(own)), f"{adapter.describe()}: "
    remove = partial(objects.remove, key, every_version=True)
    # First of all, as servers refuse it of a missing object, too: whoever may not remove it shall not write it.
    told = {DELETE: _answer(remove, where)}
    if told[DELETE].state == PASS:
        told[WRITE] = _answer(partial(objects.put, key), where)
        if told[WRITE].state == PASS:
            told[DELETE] = _left(_answer(remove, where), key)
    if any(answer.state != PASS for answer in told.values()):
        return None, told
    # Who may not list finds nothing to sweep.
    with suppress(Failure):
        sweep(objects, _prefix(own))
    return objects, told


def _left(answer: Answer, key: str) -> Answer:
    """With the name of what is still there because it was not removed."""
    return answer if answer.state == PASS else replace(answer, detail=f"{answer.detail} {_LEFT.format(key=key)}")


def _tidy(owner: Objects, key: str) -> None:
    try:
        owner.remove(key, every_version=True)
    except Failure as e:
        raise Failure(f"{e} {_LEFT.format(key=key)}") from None


def _trial(role: str, keys: Keys, owner: Objects | None, opened: _Open) -> dict[str, Answer]:
    """Action → answer, of those that can be tried."""
    try:
        adapter = opened(keys)
    except Failure as e:
        return {action: Answer(FAIL, str(e)) for action in ACTIONS[role]}
    objects, beneath = adapter.objects, folder(_prefix(keys))
    ours, theirs = name(_prefix(keys)), name(_prefix(keys))
    known: list[str] = []
    deeds: dict[str, Callable[[], Answer | None]] = {
        LIST: lambda: known.extend(objects.names(beneath, 1)),
        # Where nothing is written, what is there already has to do.
        READ: lambda: _read(objects, ours if owner else next(iter(known), ours), written=owner is not None),
        WRITE: lambda: objects.put(theirs),
        DELETE: lambda: objects.remove(ours, every_version=False),
    }
    with ExitStack() as tidy:
        if owner:
            for key in (ours, theirs):
                tidy.callback(_tidy, owner, key)
            owner.put(ours)
        answers: dict[str, Answer] = {}
        for action in ACTIONS[role] if owner else READING:
            answers[action] = _answer(deeds[action], f"{adapter.describe()}: ")
            if answers[action].state == PENDING and action == LIST:
                # To wait once for a server that does not answer is enough.
                return dict.fromkeys(ACTIONS[role], answers[action])
        return answers


def _read(objects: Objects, key: str, written: bool) -> Answer:
    """A missing object is no proof: Ceph tells so of it to whoever may list, and not read."""
    if objects.holds(key):
        return Answer(PASS)
    return Answer(FAIL, "the server does not find what was just written.") if written else Answer(PENDING, NOTHING_YET)


def _answer(deed: Callable[[], Answer | None], where: str) -> Answer:
    """``where`` is what every sentence about this bucket begins with."""
    try:
        return deed() or Answer(PASS)
    except Unreachable as e:
        return Answer(PENDING, f"{NOT_HERE}: {str(e).removeprefix(where)}")
    except Failure as e:
        return Answer(FAIL, str(e).removeprefix(where))


BUCKET = body(SPEC, mistakes, run, whole={"bucket": task.bucket_of}, rows=OPTIONS)
