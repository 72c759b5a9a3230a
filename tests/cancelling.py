"""Cancelling a task at an exact await, so that every one of them can be tried in turn."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from itertools import count
from typing import Any


class CancelledAt:
    """Awaits a coroutine and cancels its task at the given suspension, counted from 0."""

    def __init__(self, work: Coroutine[Any, Any, object], suspension: int) -> None:
        self._work = work
        self._suspension = suspension

    def __await__(self) -> Generator[Any, Any, None]:
        inner = self._work.__await__()
        step: Callable[[], Any] = partial(next, inner)
        for number in count():
            try:
                waiting = step()
            except StopIteration:
                return
            if number == self._suspension:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield waiting
            except BaseException as interruption:
                step = partial(inner.throw, interruption)
            else:
                step = partial(next, inner)


async def cancelled_at(work: Coroutine[Any, Any, object], suspension: int) -> bool:
    """Run work in a task cancelled at that suspension; False once it ends before that many."""

    async def run() -> None:
        await CancelledAt(work, suspension)

    task = asyncio.create_task(run())
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()
    return False
