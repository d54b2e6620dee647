# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a sidecar beside a Prometheus of somebody else's, told by what that is and says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._findings import Finding, mistake
from .._options.forms import seconds
from .channels import GRPC, HTTP
from .existing import CUSTOM_RESOURCE, META_FILE, STATEFUL_SET, folder_of, is_theirs, more_args, mount_of, others
from .external_labels import as_read
from .model import Context, Existing, Facts, Instance, Stack
from .objstores import objstore_needs
from .tier import Duty
from .versions import at_least

# From which Prometheus on the sidecar can have it wait before it compacts, and from which Thanos on it does so.
_DELAYS, _ASKS_FOR_DELAY = "3.9", "0.41"
_DELAY_FLAG = "storage.tsdb.delay-compact-file.path"
_LEAST_RETENTION, _BLOCK = "6h", "2h"


def check_existing(stack: Stack, facts: Facts) -> tuple[list[Finding], list[str]]:
    """(problems, warnings) of each Prometheus that an instance is beside.

    Where nothing is added to it, since its owner has the sidecar or is to add it, all that is wrong is a warning.
    """
    problems: list[Finding] = []
    warnings: list[str] = []
    seen = _labels_of_ours(stack)
    for instance in stack.instances:
        for existing in others(instance):
            found = _problems_of(instance, existing)
            found += _problems_of_labels(instance, existing, seen) if existing.told else []
            if existing.sidecar != "theirs" and not existing.missing:
                asked, told = _credentials(_Named(instance, existing), Context(stack, facts))
                found += asked
                warnings += told
            if is_theirs(instance, existing):
                warnings += map(str, found)
            else:
                problems += found
            warnings += _warnings_of(instance, existing, stack)
    return problems, warnings


def _problems_of(instance: Instance, existing: Existing) -> list[Finding]:
    """Everything but the labels, in the order in which one would put it right."""
    named = _Named(instance, existing)
    if existing.missing:
        return [named.problem("prometheus-missing", existing.missing, existing.advice)]
    if existing.controller:
        return [_owned(named)]
    if is_theirs(instance, existing):
        return []
    found = [] if instance["prometheus"]["restart_prometheus"] else [_restarts(named)]
    steps: tuple[Callable[[_Named], list[Finding]], ...] = (
        (_container, _asked, _agent, _database, _user, _blocks, _retention)
        if existing.kind == STATEFUL_SET
        else (_asked, _agent, _lacking)
    )
    for step in steps:
        found += step(named)
    return found


class _Named:
    """An instance and its Prometheus, with the beginning of each sentence about them."""

    def __init__(self, instance: Instance, existing: Existing) -> None:
        self.instance = instance
        self.existing = existing
        self.options: Mapping[str, Any] = instance["prometheus"]
        named = "stateful_set" if existing.kind == STATEFUL_SET else "custom_resource"
        self.where = f"instances.{instance.name}.prometheus"
        self.named = f"{self.where}.{named if self.options[named] else 'selector'}"

    def problem(self, kind: str, what: str, advice: str, where: str = "") -> Finding:
        """What is wrong with it."""
        subject = f"the {self.existing.kind} {self.existing.name}".rstrip()
        place = f"{self.where}.{where}" if where else self.named
        return mistake(kind, place, f"{subject} {what}", advice)


def _owned(named: _Named) -> Finding:
    owner, name = named.existing.controller.split(" ", 1)
    advice = (
        f"name that in the place of it: custom_resource: {name}"
        if owner == CUSTOM_RESOURCE
        else f"let {named.existing.controller} add the sidecar"
    )
    what = f"belongs to {named.existing.controller}, which would undo what is added to it"
    return named.problem("prometheus-owned", what, advice)


def _restarts(named: _Named) -> Finding:
    what = "gets a further container, for which each of its pods is made anew, one after the other"
    return named.problem("prometheus-restart", what, "allow that: restart_prometheus: true", "restart_prometheus")


def _container(named: _Named) -> list[Finding]:
    existing, wanted = named.existing, named.options["container"]
    if existing.container:
        taken = {HTTP.port, GRPC.port}.intersection(existing.ports)
        if not taken:
            return []
        what = f"has a container at the port {min(taken)}, which the sidecar listens to"
        return [named.problem("prometheus-unfit", what, "move that container to another port")]
    names = ", ".join(existing.containers) or "none"
    what = f"has no container {wanted}" if wanted else "has no container that is known to be Prometheus"
    return [named.problem("prometheus-unfit", what, f"name one in container; it has: {names}", "container")]


def _asked(named: _Named) -> list[Finding]:
    if named.existing.told or not (named.existing.container or named.existing.kind == CUSTOM_RESOURCE):
        return []
    errors = "; ".join(f"{replica.pod}: {replica.error}" for replica in named.existing.pods) or "it has none"
    what = f"cannot be asked for its version, its labels and its flags, since no pod of it answers ({errors})"
    return [named.problem("prometheus-missing", what, "have it run first")]


def _agent(named: _Named) -> list[Finding]:
    features = named.existing.flag("enable-feature").strip("[]").replace(",", " ").split()
    if named.existing.flag("agent") != "true" and "agent" not in features:
        return []
    return [
        named.problem(
            "prometheus-unfit",
            "is an agent, which has no database for a sidecar to read",
            "have it write to others with remote_write",
        )
    ]


def _database(named: _Named) -> list[Finding]:
    existing, folder = named.existing, folder_of(named.existing)
    if not existing.told or not existing.container:
        return []
    if not folder.startswith("/"):
        what = f"has --storage.tsdb.path={folder}, which is no absolute path"
        return [named.problem("prometheus-unfit", what, "let its owner give the whole path")]
    if mount_of(existing) is None:
        what = f"has its database in {folder}, which is on no volume that a sidecar could share"
        return [named.problem("prometheus-unfit", what, "let its owner put it on a volume")]
    return []


def _user(named: _Named) -> list[Finding]:
    existing = named.existing
    if not existing.container or existing.user is not None or named.options["run_as_user"] is not None:
        return []
    what = "does not say whom it runs as, and the sidecar has to write where it does"
    return [named.problem("prometheus-unfit", what, "give the number of that user in run_as_user", "run_as_user")]


def _blocks(named: _Named) -> list[Finding]:
    """Local compaction would make one block of several that are still to be uploaded."""
    existing = named.existing
    if not existing.told:
        return []
    least, most = (existing.flag(f"storage.tsdb.{end}-block-duration") for end in ("min", "max"))
    if least and seconds(least) == seconds(most):
        return []
    version = existing.told[0].version
    wanted = f"{folder_of(existing).rstrip('/')}/{META_FILE}"
    what = f"has blocks of {least or 'unknown length'} and compacts them up to {most or 'unknown length'}"
    if version and at_least(version, _DELAYS) and at_least(named.instance["version"], _ASKS_FOR_DELAY):
        found = existing.flag(_DELAY_FLAG)
        if found == wanted:
            return []
        what += f", and does not wait for uploads (--{_DELAY_FLAG} is {found or 'not set'})"
        return [named.problem("prometheus-unfit", what, f"let its owner add --{_DELAY_FLAG}={wanted}")]
    flags = " ".join(f"--storage.tsdb.{end}-block-duration={_BLOCK}" for end in ("min", "max"))
    what += f" before they are uploaded; Prometheus {version or 'of an unknown version'} cannot wait for uploads"
    return [named.problem("prometheus-unfit", what, f"let its owner add {flags}")]


def _retention(named: _Named) -> list[Finding]:
    found = named.existing.flag("storage.tsdb.retention.time")
    if not 0 < seconds(found) < seconds(_LEAST_RETENTION):
        return []
    what = f"keeps samples for {found}, so that blocks could be deleted before they are uploaded"
    return [named.problem("prometheus-unfit", what, f"let its owner keep them for {_LEAST_RETENTION} at least")]


def _lacking(named: _Named) -> list[Finding]:
    """Fields that the cluster's definition of the custom resource does not have: the server would drop them."""
    existing = named.existing
    needed = ["thanos", "thanos.objectStorageConfig", "thanos.version", "thanos.image"]
    needed += ["thanos.grpcServerTlsConfig", "thanos.volumeMounts", "volumes"] if named.instance["grpc_tls"] else []
    needed += ["thanos.additionalArgs"] if more_args(named.instance) else []
    lacks = [name for name in needed if existing.schema is not None and name not in existing.schema]
    if not lacks:
        return []
    what = (
        f"cannot have {', '.join(f'spec.{name}' for name in lacks)}, which the Prometheus Operator "
        f"{existing.operator or 'of this cluster'} does not know"
    )
    return [named.problem("prometheus-unfit", what, "update the operator and its definitions")]


def _credentials(named: _Named, ctx: Context) -> tuple[list[Finding], list[str]]:
    """What the object store asks of pods that are somebody else's: (problems, warnings)."""
    instance, existing = named.instance, named.existing
    needs, problems, warnings = objstore_needs(instance, ctx), [], []
    given = [name for name in ("env", "secrets", "config_maps") if instance[name]]
    given += ["credentials_mode: env of its object store"] if needs and needs.env else []
    if given and existing.kind == CUSTOM_RESOURCE:
        what = f"has no fields for {' and '.join(given)}"
        problems.append(named.problem("prometheus-unfit", what, "leave that out, or have the operator add it"))
    asked = {**needs.service_account_annotations, **needs.pod_labels} if needs else {}
    if asked:
        warnings.append(
            f"the pods of the {existing.kind} {existing.name} and their ServiceAccount are its owner's: to reach the "
            f"object store they need {', '.join(f'{name}: {value}' for name, value in sorted(asked.items()))}"
        )
    return problems, warnings


def _labels_of_ours(stack: Stack) -> dict[tuple[tuple[str, str], ...], str]:
    """External labels of each pod that the stack itself makes → the pod."""
    found = {}
    for instance in stack.doing(Duty.SCRAPE):
        if instance.tier.external_labels is None or instance.options.get("prometheus"):
            continue
        template = instance.tier.external_labels(instance, stack.cluster)
        for pod in (pod for workload in stack.workloads(instance) for pod in workload.pod_names):
            found[_key(as_read(template, pod))] = pod
    return found


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _problems_of_labels(
    instance: Instance, existing: Existing, seen: dict[tuple[tuple[str, str], ...], str]
) -> list[Finding]:
    """Pods without external labels, or with those of another pod, of this Prometheus or of any other."""
    named, found = _Named(instance, existing), []
    label = instance["replica_label"]
    for replica in existing.told:
        if not replica.labels:
            what = "has no external labels, by which its blocks could be told from those of others"
            advice = "let its owner set some: the name of the cluster, and the pod's name in the label " + label
            return [named.problem("labels-missing", what, advice)]
        other = seen.setdefault(_key(replica.labels), replica.pod)
        if other != replica.pod:
            what = f"has a pod {replica.pod} with the external labels of {other} ({shown_labels(replica.labels)})"
            advice = f"let its owner give each its own, such as the pod's name in the label {label}"
            found.append(named.problem("labels-equal", what, advice))
    apart = sorted(_differing(existing))
    if not found and apart and label not in apart:
        what = f"tells its replicas apart by {' and '.join(apart)}, and not by {label}"
        advice = f"set replica_label: {apart[0]}, and add it to replica_labels in common"
        path = f"instances.{instance.name}.replica_label"
        found.append(mistake("labels-equal", path, f"the {existing.kind} {existing.name} {what}", advice))
    return found


def _differing(existing: Existing) -> set[str]:
    """The labels in which the replicas differ."""
    names = {name for replica in existing.told for name in replica.labels}
    return {name for name in names if len({replica.labels.get(name) for replica in existing.told}) > 1}


def shown_labels(labels: Mapping[str, str]) -> str:
    """``a="b", c="d"``."""
    return ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()))


def _warnings_of(instance: Instance, existing: Existing, stack: Stack) -> Iterable[str]:
    what = f"the {existing.kind} {stack.namespace}/{existing.name}"
    if existing.told and all(stack.cluster not in replica.labels.values() for replica in existing.told):
        yield (
            f"{what} has no external label with the cluster's name ({stack.cluster}), so that its series cannot be "
            f"told from those of the same Prometheus elsewhere: let its owner set cluster: {stack.cluster}"
        )
    silent = [f"{replica.pod} ({replica.error})" for replica in existing.pods if replica.error]
    if existing.told and silent:
        yield f"{what}: {', '.join(silent)} could not be asked for its labels"
    if is_theirs(instance, existing) or existing.missing:
        return
    mount = mount_of(existing)
    if mount and mount["name"] in existing.temporary:
        yield (
            f"{what} has its database on a volume that goes with the pod: what is not uploaded is lost with it, up to "
            "three hours"
        )
    if existing.on_delete:
        yield f"{what} is updated when its pods are deleted (OnDelete): only then they get the sidecar"
