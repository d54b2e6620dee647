# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of ``pki``: the certificates of one host, in Secrets of its own cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._body import Body, Mode, Run, sourced
from .._errors import Failure, InvalidInput
from .._findings import Finding
from .._kubernetes import engine
from .._kubernetes.client import Client
from .._kubernetes.connection import ARGUMENT_SPEC
from .._kubernetes.engine import Outcome, Settings
from .._kubernetes.manifest import written_by
from .._kubernetes.phases import Phase
from .._kubernetes.response import ApiError
from .._kubernetes.running import Run as Writes
from .._kubernetes.task import connect, own, result, settings
from .._options.rows import argument_spec
from . import secrets
from .asked import AUTHORITIES, OPTIONS, SIGNED_BY, Asked, parse
from .material import Holding, Material, material
from .x509 import need_library

# How often a run begins anew since another one wrote the same Secrets meanwhile.
_ROUNDS = 5
SPEC = {**argument_spec(OPTIONS), **ARGUMENT_SPEC}


def _check(raw: Mapping[str, Any]) -> Run:
    found: list[Finding] = []
    asked = parse(own(raw), found)
    if found:
        raise InvalidInput(found)
    return partial(_run, asked)


def _run(asked: Asked, params: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """Make, keep, renew or remove the certificates."""
    need_library()
    client, how = connect(params, mode), settings(params, mode)
    if not asked.present:
        return result(_removed(client, asked, how))
    done = _Done()
    for _round in range(_ROUNDS):
        seen = secrets.read(client, asked)
        planned = material(asked, seen.live, client.now())
        try:
            outcome = _written(client, asked, planned, seen.versions, how, done)
        except Failure as error:
            if not secrets.is_conflict(error):
                raise
            done.earlier(error.result.get("objects", ()))
            continue
        if outcome:
            return result(done.told(outcome), planned.warnings, **planned.result)
    names = ", ".join(each.name for each in planned.secrets)
    raise Failure(f"others write the Secrets {names} of {asked.namespace} all the time; run again when they have ended")


@dataclass
class _Done:
    """What earlier rounds of a run did, and which Secrets it reserved: to the user they are created."""

    actions: dict[tuple[str, str], str] = field(default_factory=dict)
    objects: list[dict[str, str]] = field(default_factory=list)

    def earlier(self, objects: Iterable[Mapping[str, str]]) -> None:
        """Note what was done before the run had to begin anew."""
        for each in objects:
            if each["action"] != "unchanged":
                self.actions.setdefault((each["kind"], each["name"]), each["action"])
                self.objects.append(dict(each))

    def told(self, outcome: Outcome) -> Outcome:
        """The outcome of the last round, with that."""
        named = {(each["kind"], each["name"]) for each in outcome.objects}
        objects = [{**o, "action": self.actions.get((o["kind"], o["name"]), o["action"])} for o in outcome.objects]
        objects += [each for each in self.objects if (each["kind"], each["name"]) not in named]
        made = tuple(f"/{name}" for (_kind, name), action in self.actions.items() if action == "created")
        diff = [{**d, "before": ""} if made and d["before_header"].endswith(made) else d for d in outcome.diff]
        return replace(outcome, changed=outcome.changed or bool(self.actions), objects=objects, diff=diff)


def _written(
    client: Client,
    asked: Asked,
    planned: Material,
    versions: Mapping[str, str],
    how: Settings,
    done: _Done,
) -> Outcome | None:
    """What came of the plan; None where somebody else has made one of the Secrets meanwhile."""
    scope = secrets.scope_of(asked, (each.option for each in planned.secrets))
    reserved: dict[str, str] = {}
    if not how.check_mode:
        for each in planned.secrets:
            if each.name not in versions:
                version = _reserved(client, asked, each, how, done)
                if version is None and not _is_foreign(client, asked, each):
                    return None
                reserved.update({each.name: version} if version else {})
    known = {**versions, **reserved}
    # First what signs: a certificate of a CA that is nowhere kept would be of no use.
    groups = [[h for h in planned.secrets if (h.option in AUTHORITIES) == first] for first in (True, False)]
    phases = [Phase("certificates", secrets.manifests(asked, group, known)) for group in groups]
    outcome = engine.run(client, scope, phases, how)
    if not how.check_mode:
        secrets.remember(client, asked, planned.authorities, client.now())
    return outcome


def _reserved(client: Client, asked: Asked, holding: Holding, how: Settings, done: _Done) -> str | None:
    try:
        version = secrets.reserve(client, asked, holding)
    except ApiError as error:
        if error.status != 404:
            raise
        # There is no namespace yet, which the engine makes.
        done.earlier(engine.run(client, secrets.scope_of(asked, [holding.option]), [], how).objects)
        version = secrets.reserve(client, asked, holding)
    if version:
        place = {"kind": "Secret", "name": holding.name, "namespace": asked.namespace}
        done.earlier([{**place, "action": "created"}])
    return version


def _is_foreign(client: Client, asked: Asked, holding: Holding) -> bool:
    """Whether a Secret that is in the way is not of this stack: the engine says whose it is."""
    scope = secrets.scope_of(asked, [holding.option])
    return not secrets.stored(client, scope)


def _removed(client: Client, asked: Asked, how: Settings) -> Outcome:
    """Certificates go; what signs them only where that is said, since every reader would have to be told of another."""
    going = [*SIGNED_BY, *(AUTHORITIES if asked.delete_authorities else ())]
    scope = secrets.scope_of(asked, going)
    writes = Writes(client, scope, how)
    writes.delete(item for item in secrets.stored(client, scope) if written_by(item, asked.stack))
    if asked.delete_authorities and not how.check_mode:
        secrets.remember(client, asked, AUTHORITIES, None)
    return writes.outcome()


PKI = sourced(Body(SPEC, _check))
