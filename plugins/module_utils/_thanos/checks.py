# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known to be wrong before anything is touched: pure, over the stack and the facts."""

from __future__ import annotations

from .._findings import Finding, mistake
from .._kubernetes.manifest import quantity
from .._objstore.identity import Identity, described, same
from .._options.forms import seconds
from . import rule_files
from .existing_checks import check_existing
from .external_labels import without_replica
from .fronts import problems_of_fronts
from .grafana import problems_of_names
from .grpc_tls import problems_of_authorities, problems_of_local
from .model import (
    Context,
    Facts,
    Instance,
    ObjstoreFact,
    Stack,
)
from .objstores import moved, objstore_fact, objstore_needs, problems_of_files
from .prometheus_options import warnings_of_size
from .publish import problems_of_nodes
from .receive_blocks import problems_of_blocks, warnings_of_blocks
from .receive_limits import warnings_of_limits
from .receive_rings import writers
from .receive_tenancy import LABEL_PREFIX
from .remote_endpoints import problems_of_self
from .scrape_jobs import problems_of_rights
from .tier import Duty
from .times import warnings_of_times
from .volumes import enlarging, too_small, warnings_of_units, with_claims
from .workloads import Workload


def check(stack: Stack, facts: Facts, *, planned: bool = False) -> tuple[list[Finding], list[str]]:
    """(problems, warnings). A problem stops the run before anything is changed; ``missing_objstores`` is apart.

    ``planned``: the Secrets of object stores will be what the options say, whatever they are now.
    """
    problems = [
        *_labels(stack),
        *_claims(stack, facts),
        *_classes(stack, facts),
        *_delays(stack),
        *_directories(stack, facts),
        *problems_of_rights(stack),
        *problems_of_local(stack, facts),
        *problems_of_authorities(stack, facts),
        *problems_of_nodes(stack, facts),
        *problems_of_self(stack),
        *facts.unfit,
        *problems_of_names(stack),
        *problems_of_blocks(stack),
        *problems_of_files(stack, facts),
    ]
    warnings = [*stack.warnings, *facts.warnings]
    for found, told in (
        _second_compactors(stack, facts, planned),
        _volumes(stack, facts),
        check_existing(stack, facts),
        problems_of_fronts(stack, planned=planned),
    ):
        problems.extend(found)
        warnings.extend(told)
    warnings.extend((*_moved(stack, facts, planned), *_distributed(stack), *warnings_of_blocks(stack)))
    warnings.extend((*warnings_of_limits(stack), *warnings_of_size(stack), *warnings_of_times(stack)))
    warnings.extend(warnings_of_units(stack))
    for ruler in stack.doing(Duty.RULES):
        gathered = facts.rule_sources.get(ruler.name, {})
        problems.extend(rule_files.problems_of(gathered, f"instances.{ruler.name}.rule_files"))
    return problems, warnings


def missing_objstores(stack: Stack, facts: Facts) -> list[Finding]:
    """Findings about object-store Secrets that are not there or lack a key: in check mode to be expected."""
    ctx = Context(stack, facts)
    absent: dict[str, list[str]] = {}
    empty: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for instance in stack.views():
        needs = objstore_needs(instance, ctx)
        if needs:
            fact: ObjstoreFact | None = objstore_fact(instance, ctx)
            lacking = absent if fact is None else empty if not fact.has_key else {}
            lacking.setdefault(needs.secret, []).append(instance.name)
            for source in fact.missing if fact else ():
                sources.setdefault(source, []).append(instance.name)
    place = stack.namespace
    return [
        *(
            _lacking(users, f"{place}/{name} that {', '.join(users)} need does not exist", _MAKE_IT)
            for name, users in absent.items()
        ),
        *(
            _lacking(
                users,
                f"{place}/{name} that {', '.join(users)} need has no key with the configuration",
                "name it with objstore_secret.key",
            )
            for name, users in empty.items()
        ),
        *(
            _lacking(
                users,
                f"{place}/{source} from which {', '.join(users)} take a credential does not exist or is empty",
                "make it, or name another one in credentials_from of the store",
            )
            for source, users in sources.items()
        ),
    ]


_MAKE_IT = (
    "the role objstore (or the module objstore_secret) makes it, and objstore_secret names one that somebody else makes"
)


def _lacking(users: list[str], what: str, advice: str) -> Finding:
    return mistake("objstore-secret-missing", f"instances.{users[0]}.objstore", f"the Secret {what}", advice)


def _labels(stack: Stack) -> list[Finding]:
    """Two Prometheus deployments, rulers or receives that would write indistinguishable blocks."""
    problems: dict[Finding, None] = {}
    seen: dict[tuple[str, ...], str] = {}
    for instance in stack.instances:
        if instance.tier.external_labels is None or instance.options.get("prometheus"):
            continue
        # Labels of a receive that do not begin so are refused.
        example = f"{LABEL_PREFIX}part" if Duty.INGEST in instance.tier.duties else "prometheus"
        for i, writer in enumerate(writers(instance)):
            apart = without_replica(instance.tier.external_labels(writer, stack.cluster), writer.options)
            other = seen.setdefault((instance.tier.name, *(f"{k}={apart[k]}" for k in sorted(apart))), instance.name)
            if other != instance.name:
                ring = f".hashrings[{i}]" if writer["external_labels"] != instance["external_labels"] else ""
                what = f"equal to those of {other}, so what they write could not be told apart"
                advice = f"give one of them a label of its own, such as {{{example}: {instance.name}}}"
                where = f"instances.{instance.name}{ring}.external_labels"
                problems[mistake("labels-equal", where, what, advice)] = None
    return list(problems)


def _claims(stack: Stack, facts: Facts) -> list[Finding]:
    problems = []
    for workload in with_claims(stack):
        if workload.name not in facts.claims:
            continue
        size, storage_class = facts.claims[workload.name]
        instance, wanted = workload.instance, workload.instance["storage"]
        where = f"instances.{instance.name}.storage"
        if size and quantity(size) != quantity(wanted["size"]):
            what = (
                f"{wanted['size']} differs from the {size} of the existing StatefulSet, which Kubernetes does not "
                "allow to change"
            )
            larger = (quantity(size) or 0) < (quantity(wanted["size"]) or 0)
            advice = _larger(workload, stack.namespace) if larger else _smaller(workload, stack.namespace)
            problems.append(mistake("claim-immutable", f"{where}.size", what, advice))
        if (wanted["storage_class"] or "") != storage_class:
            what = f"the existing StatefulSet has {storage_class or 'the default class'}, which cannot be changed"
            advice = f"set {storage_class}" if storage_class else "leave storage_class out"
            problems.append(mistake("claim-immutable", f"{where}.storage_class", what, advice))
    return problems


def _larger(workload: Workload, namespace: str) -> str:
    """What makes claims larger and leaves data and pods alone. The StatefulSet is made anew over its pods."""
    command = enlarging(workload, namespace, workload.instance["storage"]["size"])
    return (
        f"Make the claims larger ({command}), which their storage class has to allow, take the StatefulSet off its "
        f"pods (kubectl -n {namespace} delete statefulset {workload.name} --cascade=orphan), and deploy again"
    )


def _smaller(workload: Workload, namespace: str) -> str:
    claims = " ".join(f"data-{pod}" for pod in workload.pod_names)
    return (
        "Keep the size, for claims do not shrink; or remove the instance (state: absent) and its claims with their "
        f"data (kubectl -n {namespace} delete pvc {claims}), and deploy it anew"
    )


def _volumes(stack: Stack, facts: Facts) -> tuple[list[Finding], list[str]]:
    """Claims that an earlier instance left behind: new pods get them as they are. In use, they are but told of."""
    problems, warnings = [], []
    for small in too_small(stack, facts.volumes):
        what = f"the claim {small.claim} is there already and has {small.size} instead of {small.wanted}"
        command = enlarging(small.workload, stack.namespace, small.wanted)
        if small.workload.name not in facts.claims and not small.growing:
            advice = f"Make it larger ({command}), remove it with its data, or ask for its size"
            where = f"instances.{small.workload.instance.name}.storage.size"
            problems.append(mistake("claim-immutable", where, what, advice))
        else:
            more = "it is being made larger" if small.growing else f"make it larger: {command}"
            warnings.append(f"{what}; {more}")
    return problems, warnings


def _classes(stack: Stack, facts: Facts) -> list[Finding]:
    if facts.storage_classes is None:
        return []
    problems = []
    known = ", ".join(sorted(facts.storage_classes)) or "none"
    for instance in {w.instance.name: w.instance for w in with_claims(stack) if w.name not in facts.claims}.values():
        wanted, where = instance["storage"]["storage_class"], f"instances.{instance.name}.storage.storage_class"
        if wanted and wanted not in facts.storage_classes:
            what = f"the cluster has no storage class '{wanted}'"
            problems.append(mistake("storage-class-missing", where, what, f"it has: {known}"))
        if not wanted and not facts.default_storage_class:
            what = "the cluster has no default storage class"
            advice = (
                f"name one of: {known}"
                if facts.storage_classes
                else "it has no other one, either: install a provisioner with a class"
            )
            problems.append(mistake("storage-class-missing", where, what, advice))
    return problems


def _delays(stack: Stack) -> list[Finding]:
    """A store must stop reading a block well before the compactor deletes it."""
    problems = []
    for compact in stack.doing(Duty.COMPACT):
        for store in stack.doing(Duty.BLOCKS):
            ignore, delete = store["ignore_deletion_marks_delay"], compact["delete_delay"]
            if store["objstore"] == compact["objstore"] and seconds(ignore) >= seconds(delete):
                what = (
                    f"{ignore} is not shorter than the compactor's delete_delay ({delete}), so blocks would vanish "
                    "while they are read"
                )
                where = f"instances.{store.name}.ignore_deletion_marks_delay"
                problems.append(mistake("delay-too-long", where, what, "half of it is usual"))
    return problems


def _directories(stack: Stack, facts: Facts) -> list[Finding]:
    """An object store that is a directory, which the pods do not have."""
    ctx = Context(stack, facts)
    stores = [(i, objstore_fact(i, ctx)) for i in stack.views()]
    return [
        mistake(
            "objstore-directory",
            f"instances.{i.name}.objstore",
            f"the Secret {fact.needs.secret} names the directory {fact.identity.bucket}, which is on no volume of the "
            "pods",
            "name an object store that they reach over the network",
        )
        for i, fact in stores
        if fact and fact.identity and fact.identity.type == "FILESYSTEM"
    ]


def _bucket(instance: Instance, ctx: Context, planned: bool) -> Identity | None:
    """The bucket of an instance, by its Secret or by what that will be."""
    fact, needs = objstore_fact(instance, ctx), objstore_needs(instance, ctx)
    told = needs.bucket if needs and planned else None
    return told or (fact.identity if fact else None)


def _moved(stack: Stack, facts: Facts, planned: bool) -> list[str]:
    """Sentences about instances that leave a bucket because another Secret is named for them."""
    ctx = Context(stack, facts)
    found = [w for i in stack.instances for w in stack.workloads(i) if w.name in facts.former]
    pairs = [(w, facts.former[w.name], _bucket(w.instance, ctx, planned)) for w in found]
    return [moved(f"the instance {w.title}", old, [new]) for w, old, new in pairs if new and not same(old, new)]


def _distributed(stack: Stack) -> list[str]:
    """Sentences about what a querier in distributed mode leaves out without a word."""
    result = []
    for querier in stack.doing(Duty.QUERY):
        if querier.options.get("mode") != "distributed":
            continue
        result.append(
            f"{querier.name} is in distributed mode: a query silently leaves out every edge whose data is younger than "
            "the query's window, with status 200 and no warning; verify compares what each edge answers. mode: local "
            "has no such hole"
        )
        beside = [i.name for i in stack.doing(Duty.STORE_API)]
        if beside:
            result.append(
                f"{querier.name} is in distributed mode, which asks other queriers only: it does not read "
                f"{', '.join(beside)} of its own stack"
            )
    return result


def _second_compactors(stack: Stack, facts: Facts, planned: bool) -> tuple[list[Finding], list[str]]:
    """Compactors that would share a bucket with what runs now, and sentences about those whose bucket is unknown."""
    ctx = Context(stack, facts)
    problems: list[Finding] = []
    unsure: dict[str, str] = {}
    seen: list[tuple[Identity, Instance]] = []
    ours = {f"StatefulSet {stack.namespace}/{name}" for name in facts.workloads}
    leaving = ours - {f"StatefulSet {stack.namespace}/{i.fullname}" for i in stack.instances}
    for instance in stack.doing(Duty.COMPACT):
        bucket = _bucket(instance, ctx, planned)
        if bucket is None or instance["paused"]:
            continue
        problems += [_two(instance, i.name, bucket, "remove or pause one") for found, i in seen if same(bucket, found)]
        seen.append((bucket, instance))
        # Its own successor starts when its pod is gone, since that has the same name.
        own = (f"StatefulSet {stack.namespace}/{instance.fullname}", f"Pod {stack.namespace}/{instance.fullname}-0")
        for compactor in (c for c in facts.compactors if c.where not in own):
            where = compactor.where
            if compactor.identity is None and where not in leaving:
                unsure[where] = (
                    f"{where} compacts a bucket that could not be told; make sure that it is not this stack's"
                )
            elif compactor.identity is None or same(bucket, compactor.identity):
                advice = _ALONE if where in ours else _LATER if where.startswith("Pod ") else "remove or pause one"
                problems.append(_two(instance, where, bucket, advice))
    return problems, list(unsure.values())


_ALONE = "remove or pause it in a run of its own first, so that it is gone before its successor starts"
_LATER = "run again when that pod is gone"


def _two(instance: Instance, other: str, bucket: Identity, advice: str) -> Finding:
    what = f"{other} already compacts {described(bucket)}, and two compactors destroy each other's blocks"
    return mistake("compactor-second", f"instances.{instance.name}", what, advice)
