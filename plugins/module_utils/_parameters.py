# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a task's parameters before its body runs, in a module as in an action plugin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ._body import Body, Run
from ._errors import InvalidInput, nearest
from ._findings import Finding, mistake
from ._kubernetes.kubeconfig import hidden, is_content, known_credentials
from ._options.levels import secrets_below, texts, typed_below


def accept(body: Body, raw: Mapping[str, Any]) -> Run:
    """The work to do with the parameters. Raises InvalidInput with every mistake in them, unknown names among them."""
    work: Run | None = None
    problems: list[Finding] = []
    told = ""
    try:
        work = body.check(raw)
    except InvalidInput as error:
        problems += error.findings
        told = "\n".join(error.problems)
    problems += _unknown(raw, body.argument_spec, told)
    if problems or work is None:
        raise InvalidInput(problems)
    return work


def _unknown(raw: Mapping[str, Any], argument_spec: Mapping[str, Any], told: str) -> list[Finding]:
    """A finding for each name that is no option and not ``told`` of: Ansible would show its value."""
    known = {name for key, row in argument_spec.items() for name in (key, *row.get("aliases", ()))}
    names = [name for name in raw if name not in known and f"{name}: " not in told]
    return [mistake("option-unknown", name, "there is no such option", nearest(name, known).strip()) for name in names]


def secrets(found: Collection[str], body: Body, raw: Mapping[str, Any]) -> set[str]:
    """What nothing may show: what Ansible has found to be so, and what it does not look into.

    A kubeconfig is no secret to Ansible, which would blank every text of it, ``v1`` and names among them.
    """
    return {*found, *secrets_below(body.rows, raw), *(hidden(raw["kubeconfig"]) if _by_content(body, raw) else ())}


def credentials(body: Body, raw: Mapping[str, Any]) -> set[str]:
    """What of that Ansible does not know and the whole run may not show: what nobody gives things for a name."""
    of_kubeconfig = known_credentials(raw["kubeconfig"]) if _by_content(body, raw) else ()
    return {*secrets_below(body.rows, raw), *of_kubeconfig}


def _by_content(body: Body, raw: Mapping[str, Any]) -> bool:
    return "kubeconfig" in body.argument_spec and is_content(raw.get("kubeconfig"))


def completed(body: Body, validated: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a body is given. Empty text means "not set", as where options are converted."""
    filled = {
        name: body.argument_spec[name]["default"]
        if value == "" and body.argument_spec.get(name, {}).get("default") is not None
        else value
        for name, value in validated.items()
    }
    return typed_below(body.rows, filled)


def deprecations(body: Body, raw: Mapping[str, Any]) -> list[dict[str, str]]:
    """What Ansible does not warn of itself, in the form in which it does: options under former names."""
    return [{"msg": str(each), "version": each.until, "collection_name": "o11y.thanos"} for each in body.former(raw)]


def without_values(sentence: str, raw: Mapping[str, Any]) -> str:
    """A sentence of Ansible's own about the parameters, without the values from beneath an option that it quotes."""
    nested = {text for value in raw.values() if not isinstance(value, str) for text in texts(value)}
    # What is shorter would be found in any word.
    for text in sorted((text for text in nested if len(text) > 3), key=len, reverse=True):
        sentence = sentence.replace(text, "…")
    return sentence
