# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every tenant that shall send has new samples, on each querier.

That writes are answered with 200 says nothing: Thanos up to 0.42 does so for remote write 2.0 and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._findings import Finding
from ..._thanos.receive_rings import expected_tenants
from ..._thanos.tier import Duty
from ..answers import Answers, Pod, Question, Reply, escape, promql, silent, to_pod
from ..expect import Expectations
from ..report import duration, failed, passed, plural

# How far a querier looks back; an older sample is in no answer.
_LOOKBACK = 300
_QUERY = {"dedup": "true", "partial_response": "true"}


def tenants(expected: Expectations, answers: Answers) -> list[Finding]:
    """One line when all are fresh, else one for each that is not."""
    lines: list[Finding] = []
    ages: dict[str, float] = {}
    for label, names in _wanted(expected).items():
        for querier in answers.ready(*expected.doing(Duty.QUERY)):
            reply = answers.reply(_ages(querier, label, f'up{{{label}=~"{_either(names)}"}}'))
            if reply.error:
                lines.append(silent(querier, reply))
                continue
            found = _by(reply, label)
            for tenant in names:
                own = reply if tenant in found else _of_any(querier, label, tenant, answers, reply.now)
                age = _by(own, label).get(tenant)
                if own.error:
                    lines.append(silent(querier, own))
                elif age is None:
                    lines.append(_missing(querier, label, tenant))
                else:
                    ages[tenant] = max(age, ages.get(tenant, 0.0))
    if lines or not ages:
        return lines
    return [passed(f"{plural(len(ages), 'tenant')} with new samples, the newest {duration(max(ages.values()))} old")]


def _wanted(expected: Expectations) -> dict[str, list[str]]:
    """The tenants that shall have samples, by the label that tells them."""
    found: dict[str, list[str]] = {}
    for instance in {p.instance.fullname: p.instance for p in expected.doing(Duty.INGEST)}.values():
        names = found.setdefault(instance["tenant_label"], [])
        names += [tenant for tenant in expected_tenants(instance) if tenant not in names]
    return {label: names for label, names in found.items() if names}


def _either(names: Sequence[str]) -> str:
    return "|".join(name.replace(".", "[.]") for name in names)


def _ages(querier: Pod, label: str, selector: str) -> Question:
    """Seconds since the newest sample, by tenant, on the querier's clock."""
    return promql(querier, f"time() - max by ({label}) (timestamp({selector}))", _QUERY)


def _of_any(querier: Pod, label: str, tenant: str, answers: Answers, now: float) -> Reply:
    """The age by some metric of a tenant that has no ``up``, as senders that scrape nothing have none.

    A selector of labels that ingestors add finds nothing without the matcher of the name.
    """
    match = f'{{{label}="{escape(tenant)}",__name__!=""}}'
    span = {"start": f"{now - _LOOKBACK:.0f}", "end": f"{now:.0f}", "limit": "1"}
    names = answers.reply(to_pod(querier, "/api/v1/label/__name__/values", {"match[]": match, **span}))
    if names.error or not names.body:
        return names if names.error else Reply(body={"result": []}, now=now)
    metric = f'__name__="{escape(names.body[0])}"'
    return answers.reply(_ages(querier, label, f'{{{metric},{label}="{escape(tenant)}"}}'))


def _by(reply: Reply, label: str) -> dict[str, float]:
    items = [] if reply.error else reply.body["result"]
    return {item["metric"].get(label, ""): float(item["value"][1]) for item in items}


def _missing(querier: Pod, label: str, tenant: str) -> Finding:
    message = f"on {querier.name}: no sample of tenant {tenant} in the last 5 minutes"
    advice = "see that the sender writes to the routers with this tenant, by remote write 1.0, and what it logs"
    return failed(message, tenant, f'a sample with {label}="{tenant}"', "none", advice)
