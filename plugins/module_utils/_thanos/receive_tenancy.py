# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a series is: how a receive tells tenants, and the labels of its ingestors beside those of senders."""

from __future__ import annotations

from .._findings import Finding, mistake
from .._options.rows import Option
from .external_labels import IN_ARGUMENTS, external_labels, problems_of, problems_of_given, written
from .model import Instance, Stack
from .plain_json import plain_json

LABEL_PREFIX = "receive_"
_FIELDS = ("organization", "organizationalUnit", "commonName")
TENANCY = {
    "tenant_header": Option(form="header_name"),
    "tenant_certificate_field": Option(choices=_FIELDS),
    "split_tenant_label": Option(form="label_name"),
    "default_tenant": Option(default="default-tenant", form="tenant"),
    "tenant_label": Option(default="tenant_id", form="label_name"),
}
# Option → flag.
OF_TENANCY = {
    "tenant_header": "receive.tenant-header",
    "tenant_certificate_field": "receive.tenant-certificate-field",
    "split_tenant_label": "receive.split-tenant-label-name",
    "default_tenant": "receive.default-tenant-id",
    "tenant_label": "receive.tenant-label-name",
}


def labels(instance: Instance, cluster: str) -> dict[str, str]:
    """The labels of every series of an ingestor, beside that of its tenant. Senders have no names like these."""
    return external_labels(instance, _own(instance, cluster), IN_ARGUMENTS)


def _own(instance: Instance, cluster: str) -> dict[str, str]:
    return {f"{LABEL_PREFIX}cluster": cluster, f"{LABEL_PREFIX}instance": instance.fullname}


def label_args(instance: Instance, stack: Stack) -> list[str]:
    own = written(labels(instance, stack.cluster), IN_ARGUMENTS)
    return [f"--label={name}={plain_json(own[name])}" for name in sorted(own)]


def problems_of_labels(instance: Instance) -> list[Finding]:
    """Labels of ingestors that senders have, too: queries show those of the ingestors, and series merge unseen."""
    given = [("external_labels", instance["external_labels"])]
    given += [
        (f"hashrings[{i}].external_labels", r["external_labels"]) for i, r in enumerate(instance["hashrings"]) if r
    ]
    named = [(f"{where}.{name}", name) for where, labels in given for name in labels]
    named.append(("replica_label", instance["replica_label"]))
    problems = problems_of(instance, IN_ARGUMENTS)
    for where, own in given[1:]:
        problems += problems_of_given(own, instance["replica_label"], IN_ARGUMENTS, where)
    if instance["tenant_label"] in _own(instance, ""):
        what = f"ingestors have a label {instance['tenant_label']} already, which is not the tenant"
        problems.append(mistake("labels-equal", "tenant_label", what, "choose another name"))
    for where, name in named:
        if name == instance["tenant_label"]:
            what = f"{name} is the label that tells tenants apart (tenant_label)"
            problems.append(mistake("labels-equal", where, what, f"choose a name with {LABEL_PREFIX}"))
        elif not name.startswith(LABEL_PREFIX):
            what = (
                f"a sender may have a label {name} of its own: queries would show the ingestor's in its place, and "
                "series of different senders as one"
            )
            problems.append(mistake("labels-equal", where, what, f"call it {LABEL_PREFIX}{name}"))
    return problems


def problems_of_tenancy(instance: Instance) -> list[Finding]:
    """Several ways to tell a tenant, of which Thanos takes one."""
    problems = []
    header, field, split = (instance[n] for n in ("tenant_header", "tenant_certificate_field", "split_tenant_label"))
    if header and field:
        what = "Thanos does not look at the header beside tenant_certificate_field"
        problems.append(mistake("option-conflict", "tenant_header", what, "leave one of them out"))
    for name in ("tenant_header", "tenant_certificate_field"):
        if split and instance[name]:
            what = f"the tenant of a series is what its label {split} says, before {name} is looked at"
            problems.append(mistake("option-conflict", "split_tenant_label", what, "leave one of them out"))
    tls = instance["remote_write_tls"]
    if field and not (tls and tls["client_ca"]):
        what = "senders show no certificate"
        advice = "give remote_write_tls, with client_ca"
        problems.append(mistake("option-incomplete", "tenant_certificate_field", what, advice))
    if split == instance["tenant_label"]:
        what = f"{split} is tenant_label, too, which is not taken from senders"
        problems.append(mistake("option-conflict", "split_tenant_label", what, "choose another label"))
    return problems
