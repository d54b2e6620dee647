# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work side by side that never outlives the task: a pool of Python's own is waited for, after a time-out too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 8


def in_threads(function: Callable[[T], R], items: Iterable[T], workers: int = WORKERS) -> list[R]:
    """``function`` of each item, in their order, some at a time. What one of them raises is raised here.

    The caller's thread is one of them, and the only one where that is enough. The others die with the process:
    whatever ends this call early, such as a task's ``timeout``, ends the wait.
    """
    todo: SimpleQueue[tuple[int, T]] = SimpleQueue()
    results: dict[int, R] = {}
    errors: list[BaseException] = []
    stop = threading.Event()
    for numbered in enumerate(items):
        todo.put(numbered)
    total = todo.qsize()

    def work() -> None:
        while not stop.is_set():
            try:
                number, item = todo.get_nowait()
            except Empty:
                return
            try:
                results[number] = function(item)
            except BaseException as error:  # handed to the caller's thread
                errors.append(error)
                stop.set()

    threads = [threading.Thread(target=work, daemon=True) for _unused in range(min(workers, total) - 1)]
    try:
        for thread in threads:
            thread.start()
        work()
        # What is no Exception, such as a task's timeout, came to this thread: nothing is waited for.
        if all(isinstance(error, Exception) for error in errors):
            for thread in threads:
                thread.join()
    finally:
        stop.set()
    if errors:
        # A task's time-out is raised in the caller's thread, maybe after a mistake in another: it ends the task.
        raise next((error for error in errors if not isinstance(error, Exception)), errors[0])
    return [results[number] for number in range(total)]


def settled(function: Callable[[], R]) -> Callable[[], R]:
    """What a function has come to: called, it returns what the function returned, or raises what it raised."""
    try:
        result = function()
    except Exception as error:
        raised = error

        def fail() -> R:
            raise raised

        return fail
    return lambda: result
