# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test alert fires on every ruler replica, and every Alertmanager has it.

An Alertmanager is asked through the API server when its URL names a Service, else straight from here; where neither way
leads to it, the ruler's own count of alerts sent is the weaker evidence, and the line stays pending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.rules import WATCHDOG_ALERT
from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import Answers, Pod, Question, metrics_of, to_pod
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Rulers
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, duration, plural

ALERTS = "/api/v1/alerts"
_DISCOVERY = re.compile(r"^dns(?:srv|srvnoa|dualstack)?\+")
_ADDRESS = re.compile(r"[\d.]+|.*:.*")
# A first evaluation, the alert's way through the queue, and Alertmanager's answer.
_GRACE = 60.0


def targets(url: str, namespace: str) -> list[Question]:
    """The ways to ask the Alertmanager at ``url`` for the test alert, best first; user and password are left out."""
    parts = urlsplit(_DISCOVERY.sub("", url))
    labels = (parts.hostname or "").split(".")
    port = str(parts.port or 9093)
    while labels and labels[0].startswith("_"):
        # A SRV name is _port._protocol.service; the API server's proxy takes the port's name as well.
        port = labels.pop(0)[1:] if not labels[0] in ("_tcp", "_udp") else port if labels.pop(0) else port
    path = parts.path.rstrip("/") + "/api/v2/alerts"
    query = (("filter", f'alertname="{WATCHDOG_ALERT}"'),)
    ways = []
    if not _ADDRESS.fullmatch(parts.hostname or "") and (len(labels) < 3 or labels[2] == "svc"):
        where = labels[1] if len(labels) > 1 else namespace
        service = f"/api/v1/namespaces/{where}/services/{parts.scheme}:{labels[0]}:{port}/proxy"
        ways.append(Question(service, path, query))
    if port.isdigit():
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else ".".join(labels)
        ways.append(Question(f"{parts.scheme}://{host}:{port}", path, query))
    return ways


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """Each ruler for its alerts, each Alertmanager by the best way that has not failed yet."""
    asked = []
    for ruler in expected.rulers:
        if ruler.watchdog:
            pods = answers.ready(ruler.workload)
            asked += [question for pod in pods for question in (to_pod(pod, ALERTS), metrics_of(pod))]
            asked += [_way(targets(url, expected.namespace), answers) for url in ruler.alertmanagers]
    return asked


def _way(ways: Sequence[Question], answers: Answers) -> Question:
    """The first way that is not known to fail, or else the last one."""
    return next((way for way in ways if way not in answers.replies or not answers.reply(way).error), ways[-1])


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """A line per ruler instance with a test alert when all is well, else one for each replica or Alertmanager."""
    lines = []
    for ruler in expected.rulers:
        if ruler.watchdog:
            wrong = waiting("alerts", [ruler.workload], answers)
            wrong += [line for pod in answers.ready(ruler.workload) for line in _firing(ruler, pod, answers)]
            wrong += [line for url in ruler.alertmanagers for line in _seen(expected, ruler, url, answers)]
            count = plural(len(ruler.alertmanagers), "Alertmanager")
            done = f"{WATCHDOG_ALERT} fires on {plural(ruler.workload.replicas, 'replica')} and is seen in {count}"
            lines += wrong or [Line(PASS, "alerts", done, ruler.workload.instance)]
    return lines


def _started(ruler: Rulers, answers: Answers) -> float:
    """How long ago the longest running replica started, in seconds."""
    replies = [answers.reply(metrics_of(pod)) for pod in answers.ready(ruler.workload)]
    ages = [r.now - r.body.total("process_start_time_seconds") for r in replies if not r.error]
    return max(ages, default=0.0)


def _firing(ruler: Rulers, pod: Pod, answers: Answers) -> list[Line]:
    reply = answers.reply(to_pod(pod, ALERTS))
    if reply.error:
        return [silent("alerts", pod, reply.error)]
    found = reply.body.get("alerts") or reply.body.get("Alerts") or []
    states = [a["state"] for a in found if a["labels"].get("alertname") == WATCHDOG_ALERT]
    if "firing" in states:
        return []
    age = _started(ruler, answers)
    if age < _GRACE + 2 * ruler.interval:
        message = f"started {duration(age)} ago, {WATCHDOG_ALERT} does not fire yet"
        return [Line(PENDING, "alerts", message, pod.name, soon=True)]
    option = f"instances.{ruler.workload.instance}.test_alert"
    next_step = f"kubectl -n {pod.namespace} logs {pod.name}"
    found_text = ", ".join(states) or "no such alert"
    return [Line(FAIL, "alerts", f"{WATCHDOG_ALERT} does not fire", pod.name, "firing", found_text, next_step, option)]


def _seen(expected: Expectations, ruler: Rulers, url: str, answers: Answers) -> list[Line]:
    ways = targets(url, expected.namespace)
    way = _way(ways, answers)
    reply = answers.reply(way)
    subject = ways[-1].where.rsplit("/", 2)[-2 if ways[-1].where.endswith("/proxy") else -1]
    option = f"instances.{ruler.workload.instance}.alertmanagers"
    if reply.error or not isinstance(reply.body, list):
        return [_weaker(ruler, subject, reply.error or "answered something else", answers, option)]
    wanted = ruler.common()
    if any(wanted.items() <= alert["labels"].items() for alert in reply.body):
        return []
    age = _started(ruler, answers)
    if age < _GRACE + 2 * ruler.interval:
        return [Line(PENDING, "alerts", f"{WATCHDOG_ALERT} has not arrived yet", subject, soon=True)]
    found = f"{plural(len(reply.body), 'alert')} of that name, none with these labels" if reply.body else "no such alert"
    next_step = f"kubectl -n {expected.namespace} logs of the ruler, for 'alertmanager'"
    expected_text = f"{WATCHDOG_ALERT} with {wanted}"
    return [Line(FAIL, "alerts", f"{WATCHDOG_ALERT} has not arrived", subject, expected_text, found, next_step, option)]


def _weaker(ruler: Rulers, subject: str, error: str, answers: Answers, option: str) -> Line:
    replies = [answers.reply(metrics_of(pod)) for pod in answers.ready(ruler.workload)]
    sent = sum(r.body.total("thanos_alert_sender_alerts_sent_total") for r in replies if not r.error)
    failed = sum(r.body.total("thanos_alert_sender_errors_total") for r in replies if not r.error)
    if failed and not sent:
        found = f"{failed:g} failed attempts, none succeeded"
        return Line(FAIL, "alerts", f"the ruler cannot send alerts ({found})", subject, "alerts sent", found, "", option)
    message = f"cannot be asked from here ({error}); the rulers say that they sent {sent:g} alerts"
    return Line(PENDING, "alerts", message, subject, option=option)
