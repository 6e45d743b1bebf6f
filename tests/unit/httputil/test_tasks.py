"""Tasks that run together."""

import asyncio

import pytest

from livereload_loc.httputil.tasks import background, run_together
from tests.support.in_loop import in_loop


class Waiting:
    """A task without an end of its own, which knows when it has been ended."""

    ended = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def fail() -> None:
    raise LookupError("the reason")


@in_loop
async def test_the_first_error_comes_out_as_it_is_and_ends_the_others() -> None:
    waiting = Waiting()
    with pytest.raises(LookupError, match="the reason"):
        await run_together(waiting.run(), fail())
    assert waiting.ended


@in_loop
async def test_what_runs_in_the_background_ends_with_the_block() -> None:
    waiting = Waiting()
    async with background(waiting.run(), fail()) as (waits, fails):
        await asyncio.wait((waits, fails), return_when=asyncio.FIRST_COMPLETED)
        assert isinstance(fails.exception(), LookupError)
        assert not waiting.ended
    assert waiting.ended
