from __future__ import annotations

import asyncio

import pytest

from livereload_loc.proxy.cancel_scope import CancelScope
from tests.support.in_loop import in_loop


@in_loop
async def test_a_block_is_ended_where_it_waits_and_the_task_goes_on() -> None:
    async with CancelScope() as work:
        asyncio.get_running_loop().call_soon(work.interrupt)
        await asyncio.sleep(60)
    assert work.interrupted
    await asyncio.sleep(0)


@in_loop
async def test_after_the_block_nothing_is_interrupted() -> None:
    async with CancelScope() as work:
        pass
    work.interrupt()
    assert not work.interrupted
    await asyncio.sleep(0)


@in_loop
async def test_a_cancellation_from_outside_is_not_swallowed() -> None:
    work = CancelScope()

    async def wait() -> None:
        async with work:
            await asyncio.sleep(60)

    for both in (False, True):
        work = CancelScope()
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        if both:
            work.interrupt()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
