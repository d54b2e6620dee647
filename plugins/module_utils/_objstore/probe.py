# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the pods' credentials can do what their access role needs: what is asked, and what answers mean. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._findings import FAIL, PENDING, Finding
from .._options.rows import is_set
from .keys import PROVIDERS, credential_keys
from .options import says_where

LIST, READ, WRITE, DELETE = "list", "read", "write", "delete"
# What check mode asks too, as nothing is written for it.
READING = (LIST, READ)
_EVERYTHING = (*READING, WRITE, DELETE)
ACTIONS = {"reader": READING, "writer": (*READING, WRITE), "compactor": _EVERYTHING, "all": _EVERYTHING}

NOT_HERE = "not probeable from here"
NO_BUCKET = "the bucket does not exist yet"
NOT_LET_IN = "the bucket is to be changed first"
CHECK_MODE = "not tried in check mode"
NOTHING_YET = "there is no object yet to be read"
# S3 and Google Cloud Storage alike: whoever may not list shall not learn that an object is missing.
_EITHER = "without the right to list, reading an object that is missing is forbidden too"

Keys = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """``detail``: the sentence of a failure, or why there is no answer."""

    state: str
    detail: str = ""


def tried(access: str, action: str, state: str, detail: str) -> Finding:
    """Whether pods with this access role can do this."""
    return Finding(f"probe-{action}", state, access, detail)


def action_of(finding: Finding) -> str:
    """What was tried."""
    return finding.id.removeprefix("probe-")


def shown(finding: Finding) -> dict[str, str]:
    """What the module returns of it."""
    state, detail = finding.severity, finding.what
    return {"access": finding.where, "action": action_of(finding), "state": state, "detail": detail}


def as_pods(own: Keys, theirs: Keys) -> dict[str, Any]:
    """The address of the upper level, since the pods' may exist inside the cluster only, with the pods' credential."""
    who = credential_keys(own["type"])
    # Options of a bucket that Thanos has no key for are the upper level's alone.
    more = {key: value for key, value in own.items() if key not in PROVIDERS[own["type"]].keys}
    place = own if says_where(own) else {**more, **theirs}
    mine = {key: theirs[key] for key in who if is_set(theirs.get(key))}
    return {**{key: value for key, value in place.items() if key not in who}, **mine}


def why_not_from_here(kind: str, keys: Keys | None, kinds: Collection[str]) -> str:
    """Why the pods' credential cannot be tried, or an empty text. ``kinds``: the types there is a client of."""
    if kind not in kinds:
        return f"{NOT_HERE}: there is no client for type {kind}"
    if keys is None:
        return f"{NOT_HERE}: the credential of these pods is not known here"
    secrets = [name for name, key in PROVIDERS[kind].keys.items() if key.secret]
    if secrets and not any(is_set(keys.get(name)) for name in secrets):
        return f"{NOT_HERE}: these pods find a credential themselves"
    return ""


def findings(access: str, answers: Mapping[str, Answer], rest: str = "", seen: bool = True) -> list[Finding]:
    """What is known about each action of an access role; about those without an answer, ``rest``.

    ``seen``: an object was there to be read; else reading was tried with one that is missing.
    """
    told = {action: answers.get(action, Answer(PENDING, rest)) for action in ACTIONS[access]}
    if not seen and told[LIST].state == told[READ].state == FAIL:
        told[READ] = Answer(PENDING, _EITHER)
    return [tried(access, action, answer.state, answer.detail) for action, answer in told.items()]


def refusal(found: Iterable[Finding]) -> str:
    """A line for every failure, or an empty text; actions that failed for the same reason share one."""
    lines: dict[tuple[str, str], list[str]] = {}
    for finding in found:
        if finding.severity == FAIL:
            lines.setdefault((finding.where, finding.what), []).append(action_of(finding))
    return "".join(
        f"\n- the credential of {'all pods' if access == 'all' else f'the {access}'} cannot {', '.join(actions)}: {why}"
        for (access, why), actions in lines.items()
    )
