# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block of the bucket is served by every store gateway, seen through a querier that asks that gateway alone.

Cheap on purpose: the index gives one metric's name, and one metric of one block is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.o11y.thanos.plugins.module_utils._verify.answers import (
    GRPC,
    Answers,
    Pod,
    Question,
    escape,
    matchers,
    promql,
    to_pod,
)
from ansible_collections.o11y.thanos.plugins.module_utils._verify.checks.common import first_querier, silent, waiting
from ansible_collections.o11y.thanos.plugins.module_utils._verify.expect import Expectations, Stores
from ansible_collections.o11y.thanos.plugins.module_utils._verify.report import FAIL, PASS, PENDING, Line, duration

Block = Mapping[str, Any]
_BLOCKS = "/api/v1/blocks"
_NAMES = "/api/v1/label/__name__/values"
# The end of a block nearly always has samples; only where it has none is the whole block read.
_WINDOW = 7200.0


def questions(expected: Expectations, answers: Answers) -> list[Question]:
    """The next question about each store gateway, and what the compactors know of the bucket."""
    steps = (_step(expected, store, pod, answers) for store, pod in _stores(expected, answers))
    global_view = [_global(pod) for c in expected.compactors for pod in answers.ready(c.workload)]
    return [*(step for step in steps if isinstance(step, Question)), *global_view]


def judge(expected: Expectations, answers: Answers) -> list[Line]:
    """A line for each store gateway."""
    if not expected.queriers:
        return []
    steps = [_step(expected, store, pod, answers) for store, pod in _stores(expected, answers)]
    workloads = [store.workload for store in expected.stores]
    return [*waiting("history", workloads, answers), *(step for step in steps if isinstance(step, Line))]


def _stores(expected: Expectations, answers: Answers) -> Iterator[tuple[Stores, Pod]]:
    for store in expected.stores:
        yield from ((store, pod) for pod in answers.ready(store.workload))


def _global(compactor: Pod) -> Question:
    return to_pod(compactor, _BLOCKS, view="global")


def _step(expected: Expectations, store: Stores, pod: Pod, answers: Answers) -> Question | Line:
    """What to ask next about the store gateway ``pod``, or the verdict."""
    loaded = to_pod(pod, _BLOCKS, view="loaded")
    if loaded not in answers.replies:
        return loaded
    reply = answers.reply(loaded)
    error = reply.error or reply.body.get("err")
    if error:
        return silent("history", pod, str(error))
    block = choose(reply.body["blocks"] or ())
    if block is None:
        return _nothing_loaded(expected, store, pod, answers)
    querier = first_querier(expected, answers)
    if querier is None:
        return Line(PENDING, "history", "waits for a querier that is ready", pod.name, soon=True)
    return _query(block, pod, querier, answers, reply.now)


def choose(blocks: Sequence[Block]) -> Block | None:
    """The oldest block with raw samples, or else the oldest one; None without any."""
    filled = [block for block in blocks if block.get("stats", {}).get("numSamples", 1)]
    return min(filled, key=lambda b: (b["thanos"]["downsample"]["resolution"], b["minTime"]), default=None)


def _query(block: Block, pod: Pod, querier: Pod, answers: Answers, now: float) -> Question | Line:
    """Which metric the block has, then its count at the end of the block, then over all of the block."""
    only = f'{{__address__="{pod.ip}:{GRPC}"}}'
    start, end = block["minTime"] / 1000, (block["maxTime"] - 1) / 1000
    labels = block["thanos"]["labels"] or {}
    span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "limit": "100"}
    names = to_pod(querier, _NAMES, match=f"{{{matchers(labels)}}}", store_match=only, **span)
    if names not in answers.replies:
        return names
    if answers.reply(names).error:
        return silent("history", querier, answers.reply(names).error)
    metrics = answers.reply(names).body or []
    if not metrics:
        return _not_served(block, pod, "no metric")
    metric = "up" if "up" in metrics else metrics[0]
    series = "{" + ",".join([f'__name__="{escape(metric)}"', matchers(labels)]) + "}"
    for window in (min(end - start, _WINDOW), end - start):
        expression = f"count(last_over_time({series}[{max(int(window), 1)}s]))"
        resolution = f"{block['thanos']['downsample']['resolution'] // 1000}s"
        count = promql(querier, expression, time=f"{end:.3f}", dedup="false", store_match=only, max_source_resolution=resolution)
        if count not in answers.replies:
            return count
        reply = answers.reply(count)
        if reply.error:
            return silent("history", querier, reply.error)
        if reply.body["result"]:
            age = duration(now - end)
            message = f"block {block['ulid'][:8]}… ({age} ago) served by {pod.name} in {reply.took * 1000:.0f} ms"
            return Line(PASS, "history", message, pod.name, found=f"{series}: {reply.body['result'][0]['value'][1]} series")
    return _not_served(block, pod, f"no sample of {metric}")


def _not_served(block: Block, pod: Pod, found: str) -> Line:
    message = f"block {block['ulid']} is loaded, but a query restricted to this store gateway finds {found} in it"
    next_step = f"kubectl -n {pod.namespace} logs {pod.name}"
    return Line(FAIL, "history", message, pod.name, "samples of the block", found, next_step)


def _nothing_loaded(expected: Expectations, store: Stores, pod: Pod, answers: Answers) -> Line:
    """No block is loaded: because there is none, or because the store gateway has not looked since."""
    if store.bounded:
        return Line(PENDING, "history", "no block lies between min_time and max_time", pod.name)
    replies = [answers.reply(_global(c)) for x in expected.compactors for c in answers.ready(x.workload)]
    count = max((len(reply.body["blocks"] or ()) for reply in replies if not reply.error), default=0)
    if count:
        message = f"the bucket has {count} blocks; the store gateway looks for new ones every {duration(store.sync)}"
        return Line(PENDING, "history", message, pod.name, soon=True)
    return Line(PENDING, "history", "the bucket has no block yet; check upload says when the first is due", pod.name)
