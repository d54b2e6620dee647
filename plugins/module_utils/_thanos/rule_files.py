# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule files of a ruler: where they come from, what is wrong with them, and how they are laid out in ConfigMaps.

Thanos does not watch its rule files, and its rules API does not tell which content it has loaded. So every ConfigMap
carries one recording rule of ours whose label is the digest of its files: once the API shows it, the files are in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.forms import FORMS
from .model import Facts, Instance
from .passwords import logins, texts

SLOTS = 8
# A ConfigMap may hold 1 MiB; the rest is for its metadata.
SLOT_BYTES = 900_000
# What is left of that for one file, which may have a ConfigMap of its own, beside the marker.
FILE_BYTES = 1024 * 1024 - 1_000
MARKER_METRIC = "o11y_thanos_rules_info"
# How the name of the file with the marker begins.
MARKER_FILE = "o11y-thanos-generation-"
MARKER_GROUP = "o11y_thanos_generation"
WATCHDOG_ALERT = "O11yThanosWatchdog"
WATCHDOG_GROUP = "o11y_thanos_watchdog"

_WATCHDOG = f"""groups:
- name: {WATCHDOG_GROUP}
  rules:
  - alert: {WATCHDOG_ALERT}
    expr: vector(1)
    labels: {{severity: none}}
    annotations: {{summary: Always fires. Its absence means that alerts do not reach Alertmanager.}}
"""

_GROUP_KEYS = {"name", "interval", "limit", "query_offset", "labels", "partial_response_strategy", "rules"}
_RULE_KEYS = {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}


def text_of(content: Any) -> str:
    """A rule file's text: as given, or a mapping (``groups: [...]``) written as YAML."""
    if isinstance(content, str):
        return content
    import yaml

    return str(yaml.safe_dump(content, sort_keys=False, default_flow_style=False))


def given(instance: Instance, facts: Facts) -> dict[str, str]:
    """Every rule file of the user's by name: inline, from files on the controller and from ConfigMaps."""
    inline = {name: text_of(content) for name, content in instance["rules"].items()}
    return {**facts.rule_sources.get(instance.name, {}), **inline}


def rule_files(instance: Instance, facts: Facts) -> dict[str, str]:
    """Every rule file by name: those of the user, and the test alert."""
    files = given(instance, facts)
    if instance["test_alert"]:
        files["o11y-thanos-watchdog.yaml"] = _WATCHDOG
    return files


def config_map_name(instance: Instance, slot: int) -> str:
    """The ConfigMap of a slot."""
    return f"{instance.fullname}-rules-{slot}"


def slots(files: Mapping[str, str]) -> list[dict[str, str]]:
    """The files packed into ConfigMaps, each with its marker; always at least one, so that "no rules" shows too."""
    packed: list[dict[str, str]] = [{}]
    used = 0
    for name in sorted(files):
        size = len(files[name].encode()) + len(name)
        if used + size > SLOT_BYTES and packed[-1]:
            packed.append({})
            used = 0
        packed[-1][name] = files[name]
        used += size
    return [{**slot, f"{MARKER_FILE}{i}.yaml": _marker(i, digest(slot))} for i, slot in enumerate(packed)]


def digests(files: Mapping[str, str]) -> dict[str, str]:
    """The digest that each slot's marker shows, by slot number."""
    return {
        str(i): digest({k: v for k, v in slot.items() if not k.startswith(MARKER_FILE)})
        for i, slot in enumerate(slots(files))
    }


def digest(files: Mapping[str, str]) -> str:
    """A short digest of files by name."""
    state = hashlib.sha256()
    for name in sorted(files):
        state.update(f"{name}\0{files[name]}\0".encode())
    return state.hexdigest()[:16]


def _marker(slot: int, value: str) -> str:
    return (
        f"groups:\n- name: {MARKER_GROUP}_{slot}\n  interval: 1m\n  rules:\n  - record: {MARKER_METRIC}\n"
        f'    expr: vector(1)\n    labels: {{slot: "{slot}", digest: "{value}"}}\n'
    )


def problems_of(files: Mapping[str, str], where: str) -> list[Finding]:
    """What is wrong with the structure of rule files; expressions are left to promtool and Thanos."""
    told: list[str] = []
    for name, text in files.items():
        if not FORMS["file_name"].accepts(name):
            told.append(f"'{name}' is not {FORMS['file_name'].wording}.")
        size = len(text.encode("utf-8", "replace"))
        if size > FILE_BYTES:
            told.append(
                f"{name} has {size:,} bytes, and a ConfigMap holds {FILE_BYTES:,}; split it into several files."
            )
        told.extend(f"{name}: {problem}" for problem in _file_problems(text))
    if len(slots(files)) > SLOTS:
        told.append(f"the files are larger than {SLOTS} ConfigMaps of {SLOT_BYTES} bytes; drop or split rulers.")
    return [mistake("rules-invalid", where, what) for what in told]


def _file_problems(text: str) -> list[str]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as e:  # a ValueError is a date that there is not, such as 2001-99-99
        return [f"is not YAML: {e}"]
    if not isinstance(document, dict) or not isinstance(document.get("groups"), list):
        return ["must be a mapping with a list 'groups'."]
    problems = [f"unknown key '{key}' beside groups." for key in document if key != "groups"]
    seen: set[str] = set()
    for i, group in enumerate(document["groups"]):
        if not isinstance(group, dict) or not group.get("name"):
            problems.append(f"group {i} has no name.")
            continue
        if not isinstance(group["name"], str):
            problems.append(f"group {i}: the name {group['name']!r} is not a text; put it in quotes.")
            continue
        if group["name"] in seen:
            problems.append(f"group '{group['name']}' is there twice.")
        seen.add(group["name"])
        problems.extend(f"group '{group['name']}': {p}" for p in _group_problems(group))
    return problems


def _group_problems(group: Mapping[str, Any]) -> list[str]:
    problems = [f"unknown key '{key}'." for key in group if key not in _GROUP_KEYS]
    if str(group.get("partial_response_strategy", "abort")).lower() not in ("abort", "warn"):
        problems.append(f"partial_response_strategy '{group['partial_response_strategy']}' is neither abort nor warn.")
    if "interval" in group and not FORMS["duration"].accepts(str(group["interval"])):
        problems.append(f"interval '{group['interval']}' is not {FORMS['duration'].wording}.")
    rules = group.get("rules")
    if not isinstance(rules, list):
        return [*problems, "has no list 'rules'."]
    for i, rule in enumerate(rules):
        problems.extend(f"rule {i}: {p}" for p in _rule_problems(rule))
    return problems


def _rule_problems(rule: Any) -> list[str]:
    if not isinstance(rule, dict):
        return ["is not a mapping."]
    problems = [f"unknown key '{key}'." for key in rule if key not in _RULE_KEYS]
    if bool(rule.get("record")) == bool(rule.get("alert")):
        problems.append("needs either 'record' or 'alert'.")
    if not str(rule.get("expr") or "").strip():
        problems.append("has no 'expr'.")
    for place, text in texts({key: rule.get(key) for key in ("labels", "annotations")}, ""):
        if any(login.hidden for login in logins(text)):
            problems.append(
                f"{place}: a URL with a password or a token, which would be plain in a ConfigMap, in diffs and in "
                "every alert; leave it out."
            )
    for key in ("for", "keep_firing_for"):
        if key in rule and not FORMS["duration"].accepts(str(rule[key])):
            problems.append(f"{key} '{rule[key]}' is not {FORMS['duration'].wording}.")
    return problems
