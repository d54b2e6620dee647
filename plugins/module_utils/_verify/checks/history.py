# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block of the bucket is served by every store gateway, seen through a querier that asks that gateway alone.

Cheap on purpose: the index gives one metric's name, and one metric of one block is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._findings import Finding
from ..._options.forms import seconds
from ..._thanos.tier import Duty
from ..answers import (
    Answers,
    Pod,
    escape,
    matchers,
    promql,
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

Block = Mapping[str, Any]
_BLOCKS = "/api/v1/blocks"
# The end of a block nearly always has samples; only where it has none is the whole block read.
_WINDOW = 7200.0


def history(expected: Expectations, answers: Answers) -> list[Finding]:
    """A line for each store gateway."""
    queriers, stores = expected.doing(Duty.QUERY), expected.doing(Duty.BLOCKS)
    if not queriers or not stores:
        return []
    asked = answers.ready(*queriers)
    lines = answers.waiting(stores) + ([] if asked else answers.waiting(queriers))
    for store in stores:
        for pod in answers.ready(store) if asked else ():
            reply = answers.reply(to_pod(pod, _BLOCKS, {"view": "loaded"}))
            error = reply.error or reply.body["err"]
            block = None if error else choose(reply.body["blocks"] or ())
            if error:
                lines.append(silent(pod, replace(reply, error=str(error))))
            elif block is None:
                lines.append(_nothing_loaded(expected, store, pod, answers))
            else:
                lines.append(_query(block, pod, asked[0], answers, reply.now))
    return lines


def choose(blocks: Sequence[Block]) -> Block | None:
    """The oldest block with raw samples, or else the oldest one; None without any."""
    filled = [block for block in blocks if block["stats"].get("numSamples", 1)]
    return min(filled, key=lambda b: (b["thanos"]["downsample"]["resolution"], b["minTime"]), default=None)


def _query(block: Block, pod: Pod, querier: Pod, answers: Answers, now: float) -> Finding:
    """Find a metric of the block, then count its series at the end of the block, or else in all of it."""
    only = {"storeMatch[]": f'{{__address__="{pod.store_api}"}}'}
    start, end = block["minTime"] / 1000, (block["maxTime"] - 1) / 1000
    labels = matchers(block["thanos"]["labels"] or {})
    span = {"match[]": f"{{{labels}}}", "start": f"{start:.3f}", "end": f"{end:.3f}", "limit": "100"}
    names = answers.reply(to_pod(querier, "/api/v1/label/__name__/values", {**span, **only}))
    if names.error:
        return silent(querier, names)
    metric = "up" if "up" in (names.body or ()) else next(iter(names.body or ()), "")
    series = "{" + ",".join(filter(None, [f'__name__="{escape(metric)}"', labels])) + "}"
    resolution = {"max_source_resolution": f"{block['thanos']['downsample']['resolution'] // 1000}s"}
    for window in (min(end - start, _WINDOW), end - start) if metric else ():
        expression = f"count(last_over_time({series}[{max(int(window), 1)}s]))"
        query = {"time": f"{end:.3f}", "dedup": "false", **resolution, **only}
        reply = answers.reply(promql(querier, expression, query))
        if reply.error:
            return silent(querier, reply)
        if reply.body["result"]:
            served = f"({duration(now - end)} ago) served by {pod.name} in {reply.took * 1000:.0f} ms"
            found = f"{reply.body['result'][0]['value'][1]} series of {series}"
            return passed(f"block {block['ulid'][:8]}… {served}", pod.name, found)
    found = f"no sample of {metric}" if metric else "no metric"
    message = f"block {block['ulid']} is loaded, but a query that asks only this store gateway finds {found} in it"
    return failed(message, pod.name, "samples of the block", found)


def _nothing_loaded(expected: Expectations, store: Promise, pod: Pod, answers: Answers) -> Finding:
    """No block is loaded: because there is none, or because the store gateway has not looked since."""
    if store.instance["min_time"] or store.instance["max_time"]:
        return pending("no block lies between min_time and max_time", pod.name)
    compactors = [w for w in expected.doing(Duty.COMPACT) if w.instance["objstore"] == store.instance["objstore"]]
    replies = [answers.reply(to_pod(c, _BLOCKS, {"view": "global"})) for c in answers.ready(*compactors)]
    count = max((len(reply.body["blocks"] or ()) for reply in replies if not reply.error), default=0)
    if count:
        every = duration(seconds(store.instance["sync_block_duration"]))
        message = f"has not loaded the bucket's {plural(count, 'block')} yet; it looks every {every}"
        return pending(message, pod.name, soon=True)
    return pending("the bucket has no block yet; the check upload says when the first is due", pod.name)
