# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work side by side: in how many threads, in which order, and how it ends."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._threads import in_threads


def test_a_single_item_starts_no_thread() -> None:
    assert in_threads(lambda _item: threading.current_thread(), [1]) == [threading.current_thread()]


def test_results_come_in_the_order_of_the_items() -> None:
    def late(item: int) -> int:
        time.sleep(0.01 * (3 - item))
        return item

    assert in_threads(late, range(4)) == [0, 1, 2, 3]
    assert in_threads(late, []) == []


def test_no_more_threads_than_workers_and_the_callers_is_one() -> None:
    def where(_item: int) -> threading.Thread:
        time.sleep(0.01)
        return threading.current_thread()

    used = set(in_threads(where, range(12), workers=3))
    assert len(used) == 3
    assert threading.current_thread() in used


@pytest.mark.parametrize("failing", [0, 3])
def test_an_exception_of_any_thread_is_raised_after_the_others_have_ended(failing: int) -> None:
    ended: list[int] = []
    begun, failed = threading.Barrier(4), threading.Event()

    def work(item: int) -> None:
        begun.wait(60)
        if item == failing:
            failed.set()
            raise ValueError("no")
        failed.wait(60)
        time.sleep(0.05)
        ended.append(item)

    with pytest.raises(ValueError, match="no"):
        in_threads(work, range(4))
    assert sorted(ended) == [item for item in range(4) if item != failing]


class Timeout(BaseException):
    """As Ansible raises it in the main thread."""


def test_what_ends_the_callers_thread_waits_for_nothing() -> None:
    caller, over, ended = threading.current_thread(), threading.Event(), threading.Event()

    def work(_item: int) -> None:
        if threading.current_thread() is caller:
            raise Timeout
        over.wait(60)
        ended.set()

    with pytest.raises(Timeout):
        in_threads(work, range(2))
    assert not ended.is_set()
    over.set()


def test_a_timeout_comes_before_what_another_thread_has_raised() -> None:
    caller, begun, failed = threading.current_thread(), threading.Event(), threading.Event()

    def work(_item: int) -> None:
        if threading.current_thread() is not caller:
            begun.wait(5)
            failed.set()
            raise ValueError("no")
        begun.set()
        failed.wait(5)
        time.sleep(0.05)
        raise Timeout

    with pytest.raises(Timeout):
        in_threads(work, range(2))
