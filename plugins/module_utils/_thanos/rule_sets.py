# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ruler was given beside what it says it has loaded: the gate that waits for rules and verify both ask this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .rule_files import MARKER_METRIC, digests, slots

# (file, group)
Group = tuple[str, str]


@dataclass(frozen=True)
class RuleSet:
    """Rule files as given: marker digest by slot, and the names of the rules by group, our markers included."""

    digests: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[Group, tuple[str, ...]] = field(default_factory=dict)


def rule_set(files: Mapping[str, str]) -> RuleSet:
    """What a ruler with these files has to have loaded. Raises nothing for files that ``rule_files`` finds right."""
    laid_out = {name: text for slot in slots(files) for name, text in slot.items()}
    return RuleSet(
        digests(files),
        {
            (name, group["name"]): tuple(str(rule.get("record") or rule.get("alert")) for rule in group["rules"])
            for name, text in laid_out.items()
            for group in _groups(text)
        },
    )


def _groups(text: str) -> list[dict[str, Any]]:
    import yaml

    return list(yaml.safe_load(text)["groups"])


def markers(body: Any) -> dict[str, str]:
    """Digest by slot, from what the rules API has below ``data``."""
    return {
        str((rule.get("labels") or {}).get("slot")): str((rule.get("labels") or {}).get("digest"))
        for group in _loaded(body)
        for rule in group.get("rules") or ()
        if rule.get("name") == MARKER_METRIC
    }


def differences(given: RuleSet, body: Any) -> list[str]:
    """Phrases about what a ruler has loaded, as the rules API tells it below ``data``, and what it was given.

    Thanos shows rules that differ in nothing but annotations once, and those of a group in an order of its own: so that
    the names count, and neither how many there are nor where.
    """
    loaded = {
        (str(group["file"]).rsplit("/", 1)[-1], str(group["name"])): {str(r["name"]) for r in group.get("rules") or ()}
        for group in _loaded(body)
    }
    found = [text for group in sorted(given.rules.keys() | loaded.keys()) for text in _of_group(group, given, loaded)]
    if not found and markers(body) != dict(given.digests):
        return ["the same groups with other content"]
    return found


def _of_group(group: Group, given: RuleSet, loaded: Mapping[Group, set[str]]) -> list[str]:
    name = f"group {group[1]} of {group[0]}"
    if group not in loaded:
        return [f"{name} is not loaded"]
    if group not in given.rules:
        return [f"{name} is loaded and not given"]
    wanted = set(given.rules[group])
    told = {"lacks": wanted - loaded[group], "has beside those given": loaded[group] - wanted}
    return [f"{name} {what} {', '.join(sorted(names))}" for what, names in told.items() if names]


def _loaded(body: Any) -> list[Mapping[str, Any]]:
    return list((body or {}).get("groups") or ())
