# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test alert fires on every ruler replica, and every Alertmanager has it.

An Alertmanager is asked through the API server when its URL names a Service, else straight from here; where neither way
leads to it, the rulers' own count of alerts sent is the weaker evidence, and the line stays pending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ..._findings import Finding
from ..._options.forms import seconds
from ..._thanos.rule_files import WATCHDOG_ALERT
from ..._thanos.tier import Duty
from ..answers import (
    Answers,
    Pod,
    Question,
    matchers,
    metrics_of,
    silent,
    to_pod,
)
from ..expect import Expectations, Promise
from ..report import (
    duration,
    failed,
    passed,
    pending,
    plural,
)

_DISCOVERY = re.compile(r"^dns(?:srv|srvnoa|dualstack)?\+")
# A first evaluation, the alert's way through the queue, and Alertmanager's answer.
_GRACE = 60.0


def alerts(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line per ruler instance with a test alert when all is well, else one for each replica or Alertmanager."""
    lines = []
    for ruler in expected.doing(Duty.RULES):
        if ruler.instance["test_alert"]:
            urls = ruler.instance["alertmanagers"]
            wrong = answers.waiting([ruler])
            wrong += [line for pod in answers.ready(ruler) for line in _firing(ruler, pod, answers)]
            wrong += [line for url in urls for line in _seen(ruler, url, expected.namespace, answers)]
            where = f"{plural(ruler.replicas, 'replica')} and is seen in {plural(len(urls), 'Alertmanager')}"
            lines += wrong or [passed(f"{WATCHDOG_ALERT} fires on {where}", ruler.name)]
    return lines


def targets(url: str, namespace: str) -> list[Question]:
    """The ways to ask the Alertmanager at ``url`` for the test alert, best first; user and password are left out."""
    parts = urlsplit(_DISCOVERY.sub("", url))
    host = parts.hostname or ""
    labels, port = host.split("."), str(parts.port or 9093)
    if host.startswith("_") and len(labels) > 2:
        # A SRV name is _port._protocol.service; the API server's proxy takes the port's name as well.
        port, labels = labels[0][1:], labels[2:]
    path, query = parts.path.rstrip("/") + "/api/v2/alerts", (("filter", f'alertname="{WATCHDOG_ALERT}"'),)
    direct = Question(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}", path, query)
    if ":" in host or host.replace(".", "").isdigit() or (len(labels) > 2 and labels[2] != "svc"):
        return [direct]
    where = labels[1] if len(labels) > 1 else namespace
    service = Question(f"/api/v1/namespaces/{where}/services/{parts.scheme}:{labels[0]}:{port}/proxy", path, query)
    return [service, direct] if port.isdigit() else [service]


def _age(ruler: Promise, answers: Answers) -> float:
    """How long ago the longest running replica started, in seconds."""
    replies = [answers.reply(metrics_of(pod)) for pod in answers.ready(ruler)]
    return max((r.now - r.body.total("process_start_time_seconds") for r in replies if not r.error), default=0.0)


def _absent(ruler: Promise, answers: Answers, message: str, subject: str, expected: str, found: str) -> Finding:
    """The alert is not where it should be: pending right after the start, a failure later."""
    age = _age(ruler, answers)
    if age < _GRACE + 2 * seconds(ruler.instance["evaluation_interval"]):
        return pending(f"{message}; the ruler started {duration(age)} ago", subject, soon=True)
    return failed(message, subject, expected, found, f"the logs of {ruler.workload.name}, for 'alertmanager'")


def _firing(ruler: Promise, pod: Pod, answers: Answers) -> list[Finding]:
    reply = answers.reply(to_pod(pod, "/api/v1/alerts"))
    if reply.error:
        return [silent(pod, reply)]
    # Thanos writes the key with a capital letter, Prometheus without.
    found = reply.body.get("Alerts") or reply.body.get("alerts") or []
    states = [alert["state"] for alert in found if alert["labels"].get("alertname") == WATCHDOG_ALERT]
    if "firing" in states:
        return []
    text = ", ".join(states) or "no such alert"
    return [_absent(ruler, answers, f"{WATCHDOG_ALERT} does not fire", pod.name, "firing", text)]


def _seen(ruler: Promise, url: str, namespace: str, answers: Answers) -> list[Finding]:
    subject = urlsplit(_DISCOVERY.sub("", url)).hostname or ""
    errors = []
    for way in targets(url, namespace):
        reply = answers.reply(way)
        if not reply.error and isinstance(reply.body, list):
            wanted = ruler.common_labels()
            if any(wanted.items() <= alert["labels"].items() for alert in reply.body):
                return []
            found = f"{plural(len(reply.body), 'alert')} of that name, none with these labels"
            text = f"{WATCHDOG_ALERT} with {matchers(wanted)}"
            return [_absent(ruler, answers, f"{WATCHDOG_ALERT} has not arrived", subject, text, found)]
        errors.append(reply.error or "it does not answer like an Alertmanager")
    return [_weaker(ruler, subject, errors, answers)]


def _weaker(ruler: Promise, subject: str, why: Sequence[str], answers: Answers) -> Finding:
    """What the rulers themselves say of the alerts they sent, where their Alertmanager cannot be asked."""
    pages = [r.body for r in (answers.reply(metrics_of(pod)) for pod in answers.ready(ruler)) if not r.error]
    sent = sum(page.total("thanos_alert_sender_alerts_sent_total") for page in pages)
    errors = sum(page.total("thanos_alert_sender_errors_total") for page in pages)
    if errors and not sent:
        found = f"{errors:g} failed attempts, none succeeded"
        return _absent(ruler, answers, "the rulers cannot send alerts", subject, "alerts sent", found)
    # A Service without a pod behind it may have one soon; a way that is closed stays closed.
    message = f"cannot be asked from here ({why[0]}); the rulers say that they sent {sent:g} alerts"
    return pending(message, subject, soon=why[0].startswith("HTTP 5"))
