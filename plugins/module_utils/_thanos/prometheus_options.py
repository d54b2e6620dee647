# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Prometheus of ours can be beside a database that is scraped into: a receiver, an agent; per its version."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .._findings import Finding, mistake
from .._kubernetes.manifest import quantity
from .._options.forms import size_in_bytes
from .._options.rows import Option
from .flags import name_of
from .model import Instance, Stack
from .tier import Duty
from .versions import at_least

RECEIVES = {
    "retention_size": Option(form="size"),
    "remote_write_receiver": Option("bool", False),
    "otlp_receiver": Option("bool", False),
    "native_histograms": Option("bool", False),
    "agent": Option("bool", False),
}
# Option → the first Prometheus that has it in the form in which it is set here.
_SINCE = {"remote_write_receiver": "2.33", "otlp_receiver": "3.0", "native_histograms": "2.40", "agent": "3.0"}
# Option → the flag that it sets, which Prometheus takes once.
_FLAGS = {
    "retention_size": "storage.tsdb.retention.size",
    "remote_write_receiver": "web.enable-remote-write-receiver",
    "otlp_receiver": "web.enable-otlp-receiver",
}
# Native histograms are a setting from this version on, and a feature before.
_AS_SETTING = "3.8"
# Before 3.0 Prometheus does not put the pod's name into external labels on its own, and before 2.27 not at all.
_EXPANDS, _OLDEST = "3.0", "2.27"
# What an agent has no database for: option → why.
_NOT_OF_AN_AGENT = {
    "retention_size": "an agent keeps no blocks",
    "remote_write_receiver": "an agent receives nothing that it would store",
    "otlp_receiver": "an agent receives nothing that it would store",
}
_NO_SIDECAR = "an agent has no sidecar beside it"
# What it has nothing to do with, which all instances may have from elsewhere: option → why.
UNREAD_BY_AGENT = {
    "retention": "an agent keeps no blocks",
    "objstore": "an agent has no object store",
    "objstore_secret": "an agent has no object store",
    **dict.fromkeys(("image", "env"), f"{_NO_SIDECAR}, whose container this is for"),
    "grpc_tls": f"{_NO_SIDECAR}, which would be asked over gRPC",
    "resources": f"{_NO_SIDECAR}, whose container this is for; prometheus_resources are those of the agent",
    "extra_args": f"{_NO_SIDECAR}, whose flags these are; prometheus_extra_args are those of the agent",
}


def mode_flags(instance: Instance, version: str, folder: str) -> list[str]:
    """The flags of the database, or of an agent's log, and of what is received and expanded."""
    features = [] if at_least(version, _EXPANDS) else ["expand-external-labels"]
    if instance["native_histograms"] and not at_least(version, _AS_SETTING):
        features.append("native-histograms")
    enabled = [f"--enable-feature={feature}" for feature in features]
    if instance["agent"]:
        interval = f"--config.auto-reload-interval={instance['config_reload_interval']}"
        # No sidecar tells an agent to reload, so it has to look for itself.
        return ["--agent", f"--storage.agent.path={folder}", "--enable-feature=auto-reload-config", interval, *enabled]
    return [
        f"--storage.tsdb.path={folder}",
        f"--storage.tsdb.retention.time={instance['retention']}",
        *([f"--{_FLAGS['retention_size']}={instance['retention_size']}"] if instance["retention_size"] else []),
        # Equal durations keep Prometheus from compacting blocks that the sidecar is about to upload.
        "--storage.tsdb.min-block-duration=2h",
        "--storage.tsdb.max-block-duration=2h",
        *(f"--{_FLAGS[name]}" for name in ("remote_write_receiver", "otlp_receiver") if instance[name]),
        *enabled,
    ]


def scrape_settings(instance: Instance, version: str) -> Mapping[str, Any]:
    """What the section ``global`` of ``prometheus.yml`` says of native histograms."""
    setting = instance["native_histograms"] and at_least(version, _AS_SETTING)
    return {"scrape_native_histograms": True} if setting else {}


def warnings_of_size(stack: Stack) -> list[str]:
    """Sentences about blocks that may take the whole of their claim, which is full before any goes for its size."""
    return [
        f"instances.{instance.name}.retention_size: {instance['retention_size']} is no less than storage.size, which "
        f"is {instance['storage']['size']}: the claim is full before a block goes for its size; about 80% are usual"
        for instance in stack.doing(Duty.SCRAPE)
        if instance["retention_size"]
        and not instance["prometheus"]
        and size_in_bytes(instance["retention_size"]) >= (quantity(instance["storage"]["size"]) or math.inf)
    ]


def problems_of_version(where: str, version: str) -> list[Finding]:
    """What is wrong with a version, which the option ``where`` says."""
    if at_least(version, _OLDEST):
        return []
    what = f"Prometheus {version} cannot put the pod's name into external labels, so that replicas would be alike"
    return [mistake("version-too-old", where, what, f"{_OLDEST} is the first that can")]


def problems_of_mode(instance: Instance, version: str) -> list[Finding]:
    """What this version does not have, and what does not go with an agent."""
    problems = [
        mistake("version-too-old", name, f"Prometheus {version} does not have it", f"{since} is the first that has")
        for name, since in _SINCE.items()
        if instance[name] and not at_least(version, since)
    ]
    given = {name_of(argument).removeprefix("no-") for argument in instance["prometheus_extra_args"]}
    problems += [
        mistake("flag-refused", "prometheus_extra_args", f"--{flag}: the option {name} sets it", f"use {name}")
        for name, flag in _FLAGS.items()
        if instance[name] and flag in given
    ]
    if not instance["agent"]:
        return problems
    if not instance["remote_write"]:
        what = "an agent keeps nothing, and there is nobody to whom it would write"
        problems.append(mistake("option-incomplete", "agent", what, "give remote_write"))
    return problems + [
        mistake("option-conflict", name, why, "leave it out")
        for name, why in _NOT_OF_AN_AGENT.items()
        if instance[name]
    ]
