# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From raw module parameters to a Stack: typed, converted, merged, defaulted, with every mistake at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import InvalidInput, nearest
from .._findings import Finding, beneath, mistake
from .._options.convert import convert
from .._options.former import Renamed, names_of_today, renamed, todays
from .._options.forms import FORMS
from .._options.rows import SOURCES, Option, Options
from . import flags, objstores, rule_files, versions
from .common import COMMON
from .files import problems_of_files
from .model import Instance, Stack, fullname
from .passwords import problems_of_passwords
from .resources import problems_of_resources
from .tier import Duty
from .tiers import TIERS
from .workloads import LONGEST

# What every task says of the whole stack.
STACK: dict[str, Option] = {
    "namespace": Option(default="monitoring", form="dns_label"),
    "cluster": Option(required=True, form="kubernetes_label_value"),
}
# What a task says of the object stores, where a tier of it uses one.
STORES: dict[str, Option] = {"objstores": Option("dict")}
STACK_MODULE: dict[str, Option] = {
    "name": Option(default="thanos", form="service_name", aliases=("stack",)),
    **STACK,
    **STORES,
    "version": Option(form="version"),
    "common": Option("dict"),
    "instances": Option("dict", required=True),
    "purge": Option("bool", False),
    "sources": SOURCES,
}
# Of the options of every tier those that only some look at: for which duties.
_READ_FOR = {"replica_labels": {Duty.QUERY, Duty.SCRAPE, Duty.RULES, Duty.COMPACT, Duty.INGEST}}
_DEFAULTS = {name: COMMON[name].default for name in _READ_FOR}
# What Kubernetes takes the value of a variable from.
_SOURCES = {"configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"}
_MERGED = ("labels", "annotations", "pod_labels", "pod_annotations", "service_account_annotations", "node_selector")


def parse(params: Mapping[str, Any], also: Options | None = None) -> Stack:
    """The stack that ``params`` (those of the module ``stack``) describe.

    ``also`` are further rows that the calling module takes. Raises InvalidInput with every mistake found.
    """
    problems: list[Finding] = []
    values = convert({**STACK_MODULE, **(also or {})}, params, "", problems)
    common = todays(COMMON, {k: v for k, v in (values["common"] or {}).items() if not _empty(v)})
    if values["version"]:
        common.setdefault("version", values["version"])
    # A mistake in ``common`` is said once, here, and not again for every instance.
    convert(COMMON, common, "common.", problems)
    sound = {k: v for k, v in common.items() if k in COMMON and not _told_of(f"common.{k}", problems)}
    stores = objstores.parsed(values["objstores"] or {}, problems)
    instances: list[Instance] = []
    warnings: list[str] = []
    for name, options in (values["instances"] or {}).items():
        instance = _instance(str(name), options, sound, values["name"] or "thanos", problems, warnings)
        if instance:
            instances.append(objstores.with_secret(instance, stores))
    if not values["instances"] and not problems:
        what = "is empty: name at least one tier, such as {query: {}}"
        problems.append(mistake("option-required", "instances", what, joint=" "))
    present = tuple(i for i in instances if i["state"] == "present")
    absent = tuple(i for i in instances if i["state"] == "absent")
    name, namespace, cluster = (values[key] or "" for key in ("name", "namespace", "cluster"))
    stack = Stack(name, namespace, cluster, present, absent, stores, warnings=tuple(warnings))
    problems.extend((*_collisions(stack), *_node_ports(stack)))
    for each in (_problems_of_names, _problems_of_flags, _problems_of_ports):
        problems.extend(p for instance in present for p in each(instance, stack))
    if problems:
        raise InvalidInput(problems)
    return stack


def inherited(params: Mapping[str, Any]) -> dict[str, str]:
    """Option path of an instance → the option of ``common``, or ``version``, from which it has its value."""
    instances, common = _mapping(params.get("instances")), _mapping(params.get("common"))
    names = names_of_today(COMMON)
    typed = {names.get(key, key): f"common.{key}" for key, value in common.items() if not _empty(value)}
    if not _empty(params.get("version")):
        typed.setdefault("version", "version")
    found = {}
    for name, options in instances.items():
        for key, where in typed.items():
            own = _mapping(options).get(key)
            if _empty(own):
                found[f"instances.{name}.{key}"] = where
            elif key in _MERGED:
                shared = [below for below in _mapping(common.get(key)) if below not in _mapping(own)]
                found |= {f"instances.{name}.{key}.{below}": f"{where}.{below}" for below in shared}
    return found


def former(rows: Options, params: Mapping[str, Any]) -> Iterator[Renamed]:
    """What of ``params``, which have these ``rows``, is given under a former name and Ansible does not see."""
    yield from renamed(rows, params, told=True)
    yield from renamed(COMMON, params.get("common"), "common.")
    for name, options in _mapping(params.get("instances")).items():
        tier = TIERS.get(str(_mapping(options).get("tier") or name))
        yield from renamed(tier.options if tier else {}, options, f"instances.{name}.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _instance(
    name: str, options: Any, common: Mapping[str, Any], stack: str, problems: list[Finding], warnings: list[str]
) -> Instance | None:
    where = f"instances.{name}"
    if options is None or options == "":
        options = {}
    if not isinstance(options, Mapping):
        problems.append(mistake("option-type", where, f"{options!r} is not a mapping of options"))
        return None
    named = str(options.get("tier") or name)
    if named not in TIERS:
        what = f"there is no tier '{named}'; tiers are {', '.join(TIERS)}"
        problems.append(mistake("tier-unknown", f"{where}.tier", what, nearest(named, TIERS).strip()))
        return None
    tier = TIERS[named]
    if not FORMS["instance"].accepts(name):
        problems.append(mistake("instance-name", where, f"an instance's name is {FORMS['instance'].wording}"))
        return None
    own = todays(tier.options, {key: value for key, value in options.items() if key != "tier"})
    converted = convert(tier.options, _merge(common, own), f"{where}.", problems)
    instance = Instance(tier, name, fullname(stack, name, converted["fullname"]), converted)
    problems.extend(_without_effect(instance, own, {**_DEFAULTS, **common}, where))
    if converted["state"] == "present":
        warnings.extend(_unread(instance, own, common, where))
        problems.extend(_problems_of(instance, where))
    return instance


def _without_effect(instance: Instance, own: Mapping[str, Any], common: Mapping[str, Any], where: str) -> list[Finding]:
    """Options of every tier that this one does not look at, where they are not what the whole stack has."""
    return [
        mistake(
            "option-without-effect",
            f"{where}.{name}",
            f"a {instance.tier.name} does not look at it",
            "declare it once for the whole stack, in common",
        )
        for name, duties in _READ_FOR.items()
        if not _empty(own.get(name)) and not duties & instance.tier.duties and instance[name] != common.get(name)
    ]


def _unread(instance: Instance, own: Mapping[str, Any], common: Mapping[str, Any], where: str) -> list[str]:
    """Options given to this instance to which it has nothing, where they change what it would have anyway.

    They are no mistakes: of a group of hosts one may have what the others have not, such as a Prometheus of its own.
    """
    unread = {name: why for name, why in instance.tier.unread(instance).items() if not _empty(own.get(name))}
    if not unread:
        return []
    anyway = convert(instance.tier.options, common, "", [])
    return [f"{where}.{name} has no effect: {why}." for name, why in unread.items() if instance[name] != anyway[name]]


def _told_of(path: str, problems: list[Finding]) -> bool:
    return any(problem.where == path or problem.where.startswith((f"{path}.", f"{path}[")) for problem in problems)


def _merge(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """An instance's options over those of ``common``: mappings of labels and the like are joined, the rest replaced."""
    merged = {**common, **{k: v for k, v in own.items() if not _empty(v)}}
    for key in _MERGED:
        if isinstance(common.get(key), Mapping) and isinstance(own.get(key), Mapping):
            merged[key] = {**common[key], **own[key]}
    return merged


def _problems_of(instance: Instance, where: str) -> list[Finding]:
    tier = instance.tier
    problems = [*beneath(f"{where}.", tier.check(instance)), *problems_of_passwords(instance, where)]
    problems.extend(beneath(f"{where}.", problems_of_resources(instance)))
    problems.extend(_problems_of_env(instance, f"{where}.env"))
    service = instance["service"]
    problems.extend(
        mistake(
            "option-without-effect",
            f"{where}.service.{port}",
            "a Service of type ClusterIP has no node port",
            "set service.type: NodePort, or leave the port out",
        )
        for port in ("http_node_port", "grpc_node_port")
        if service["type"] == "ClusterIP" and service[port]
    )
    if Duty.RULES in tier.duties:
        inline = {name: rule_files.text_of(content) for name, content in instance["rules"].items()}
        problems.extend(rule_files.problems_of(inline, f"{where}.rules"))
    return problems


def _problems_of_env(instance: Instance, where: str) -> list[Finding]:
    """Variables of which the server would not know the value."""
    problems = []
    for i, each in enumerate(instance["env"]):
        if each["value"] and each["valueFrom"]:
            what = f"{each['name']} has both value and valueFrom"
            problems.append(mistake("option-conflict", f"{where}[{i}]", what, "leave one of them out"))
        elif each["valueFrom"] and not (len(each["valueFrom"]) == 1 and set(each["valueFrom"]) <= _SOURCES):
            what = f"names {', '.join(map(str, each['valueFrom']))}, and takes one of {', '.join(sorted(_SOURCES))}"
            problems.append(mistake("option-form", f"{where}[{i}].valueFrom", what))
    return problems


def _problems_of_names(instance: Instance, stack: Stack) -> list[Finding]:
    advice = "Shorten the instance's or the stack's name, or set fullname."
    return [
        mistake(
            "instance-too-long",
            f"instances.{instance.name}",
            f"the name {workload.name} has {len(workload.name)} characters; the pods of a {workload.kind} allow "
            f"{LONGEST[workload.kind]}",
            advice,
        )
        for workload in stack.workloads(instance)
        if len(workload.name) > LONGEST[workload.kind]
    ]


def _problems_of_flags(instance: Instance, stack: Stack) -> list[Finding]:
    """Flags that this version of Thanos does not have, and what is wrong with those that the user gave."""
    where, version, known = f"instances.{instance.name}", instance["version"], instance.tier.flags
    option_of = instance.tier.option_of
    bad = versions.problem(version)
    if bad:
        return [mistake("version-unsupported", f"{where}.version", bad)]
    every = dict.fromkeys(argument for w in stack.workloads(instance) for argument in w.args)
    args = [argument for argument in every if argument.startswith("--")]
    problems = [
        mistake(
            "version-too-old", *_needs(where, option_of.get(name), f"--{name}, which Thanos {version} does not have")
        )
        for name in (flags.name_of(argument).removeprefix("no-") for argument in args)
        if name in known and not known[name].exists_in(version)
    ]
    extra = flags.problems_of(
        instance.tier.name, known, version, instance["extra_args"], args, option_of, f"{where}.extra_args"
    )
    return [*problems, *extra, *problems_of_files(instance, known, f"{where}.extra_args")]


def _needs(where: str, option: str | None, what: str) -> tuple[str, str]:
    return (f"{where}.{option}", f"needs {what}") if option else (where, f"an option needs {what}")


def _problems_of_ports(instance: Instance, stack: Stack) -> list[Finding]:
    """Node ports of ports that the instance's Services do not have."""
    served = {channel.name for workload in stack.workloads(instance) for channel in workload.channels}
    if "grpc" in served or not instance["service"]["grpc_node_port"]:
        return []
    where = f"instances.{instance.name}.service.grpc_node_port"
    return [mistake("option-without-effect", where, f"a {instance.tier.name} has no gRPC port", "leave it out")]


def _collisions(stack: Stack) -> list[Finding]:
    """Instances of which something would have the same name on the server."""
    owner: dict[str, str] = {}
    problems = []
    for instance in (*stack.instances, *stack.absent):
        for name in dict.fromkeys((instance.fullname, *(w.name for w in stack.workloads(instance)))):
            other = owner.setdefault(name, instance.name)
            if other != instance.name:
                where, names = f"instances.{instance.name}", [f"instances.{other}"]
                what, advice = f"and {names[0]} would both be named {name}", "rename one, or set its fullname"
                problems.append(mistake("instance-collision", where, what, advice, joint=" ", names=names))
    return problems


def _node_ports(stack: Stack) -> list[Finding]:
    """Node ports that two Services, or two ports of one, would have."""
    owner: dict[int, str] = {}
    problems = []
    for instance in stack.instances:
        ports = {f"service.{name}": instance["service"][name] for name in ("http_node_port", "grpc_node_port")}
        ports["remote_write_node_port"] = instance.options.get("remote_write_node_port")
        ports["publish.node_port"] = (instance.options.get("publish") or {}).get("node_port")
        for name, port in ports.items():
            where = f"instances.{instance.name}.{name}"
            other = owner.setdefault(port, where) if port else where
            if other != where:
                what = f"{port} is that of {other}, too"
                problems.append(mistake("option-conflict", where, what, "choose another one", names=[other]))
    return problems
