"""Tasks that run together."""

import asyncio

import pytest

from livereload_loc.httputil.tasks import background, run_together
from tests.support.in_loop import in_loop


@in_loop
async def test_the_first_error_comes_out_as_it_is_and_ends_the_others() -> None:
    ended = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def failing() -> None:
        raise LookupError("the reason")

    with pytest.raises(LookupError, match="the reason"):
        await run_together(waiting(), failing())
    assert ended


@in_loop
async def test_what_runs_in_the_background_ends_with_the_block() -> None:
    ended = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def failing() -> None:
        raise LookupError

    async with background(waiting(), failing()) as (waits, fails):
        await asyncio.wait((waits, fails), return_when=asyncio.FIRST_COMPLETED)
        assert isinstance(fails.exception(), LookupError)
        assert not waits.done()
    assert ended
